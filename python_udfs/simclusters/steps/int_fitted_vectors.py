import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simclusters.fitted import fitted_vectors
from simclusters.relation_io import to_arrays, to_arrow, to_relation
from simclusters.scores import rounded_score_each

NAMES = ["producer_id", "cluster_id", "producer_score", "vector_length"]


def model(dbt, session):
    [trial] = to_arrow(dbt.ref("fit_trials")).filter(pc.field("is_chosen")).to_pylist()
    found = fitted_vectors(
        *to_arrays(dbt.ref("int_eligible_follows"), ["consumer_id", "producer_id"]),
        *to_arrays(dbt.ref("fine_known_for"), ["producer_id", "cluster_id"]),
        trial["regression_penalty"],
        trial["cluster_power"],
    )
    sizes = np.diff(found.vectors.start)
    columns = [
        np.repeat(found.producer_ids, sizes),
        found.cluster_ids[found.vectors.columns],
        rounded_score_each(found.vectors.values),
        rounded_score_each(np.repeat(found.lengths, sizes)),
    ]

    return to_relation(session, pa.table(columns, names=NAMES))
