import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simclusters.fitted import fitted_vectors
from simclusters.relation_io import to_arrays, to_arrow, to_relation
from simclusters.scores import rounded_score_each

NAMES = ["producer_id", "cluster_id", "producer_score", "vector_length"]


def members_of(dbt):
    """The producers of communities, coarse and fine, and the communities."""
    levels = [to_arrays(dbt.ref(name), ["producer_id", "cluster_id"]) for name in ("known_for_before_opt_outs", "fine_known_for")]
    return [np.concatenate(columns) for columns in zip(*levels, strict=True)]


def model(dbt, session):
    [trial] = to_arrow(dbt.ref("fit_trials")).filter(pc.field("is_chosen")).to_pylist()
    found = fitted_vectors(
        *to_arrays(dbt.ref("int_eligible_follows"), ["consumer_id", "producer_id"]), *members_of(dbt), trial["regression_penalty"]
    )
    sizes = np.diff(found.vectors.start)
    columns = [
        np.repeat(found.producer_ids, sizes),
        found.cluster_ids[found.vectors.columns],
        rounded_score_each(found.vectors.values),
        rounded_score_each(np.repeat(found.lengths, sizes)),
    ]

    return to_relation(session, pa.table(columns, names=NAMES))
