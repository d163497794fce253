import pyarrow as pa
import pyarrow.compute as pc

from simclusters.fitted import fitted_interests, ranks_without_opt_outs
from simclusters.relation_io import to_arrays, to_arrow, to_relation
from simclusters.scores import rounded_score_each

NAMES = ["consumer_id", "cluster_id", "cluster_rank", "interest_score"]


def model(dbt, session):
    [trial] = to_arrow(dbt.ref("fit_trials")).filter(pc.field("is_chosen")).to_pylist()
    consumer_ids, cluster_ids, scores = fitted_interests(
        *to_arrays(dbt.ref("int_eligible_follows"), ["consumer_id", "producer_id"]),
        *to_arrays(dbt.ref("int_fitted_vectors"), ["producer_id", "cluster_id", "producer_score"]),
        trial["cluster_power"],
    )
    scores = rounded_score_each(scores)
    is_kept, ranks = ranks_without_opt_outs(
        consumer_ids,
        cluster_ids,
        scores,
        to_arrays(dbt.ref("fine_known_for"), ["cluster_id", "parent_cluster_id"]),
        to_arrays(dbt.ref("opted_out_clusters"), ["user_id", "cluster_id"], {"opt_out_kind": "interested_in"}),
    )

    return to_relation(session, pa.table([consumer_ids[is_kept], cluster_ids[is_kept], ranks, scores[is_kept]], names=NAMES))
