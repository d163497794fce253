import pyarrow as pa

from simclusters.communities import Settings, detect_communities
from simclusters.communities.history import rows_of_run
from simclusters.relation_io import newest_run_before, to_arrays, to_arrow, to_relation


def model(dbt, session, edges="int_community_edges", setting="communities_k"):
    edges = to_arrays(dbt.ref(edges), ["producer_id", "neighbor_producer_id", "edge_weight"])
    as_of = to_arrow(dbt.ref("stg_as_of"))["as_of"][0]
    [communities_asked] = to_arrow(dbt.ref("int_community_settings"), rows={"setting_name": setting})["used_number"].to_pylist()
    columns = ["producer_id", "cluster_id"]
    previous = newest_run_before(session, dbt.this, as_of, columns) if dbt.config.meta_get("has_history") else None

    settings = Settings(
        k=round(communities_asked),
        is_k_estimated=dbt.config.meta_get("count_tolerance") is not None,
        true_positive_weight=dbt.config.meta_get("true_positive_weight") or None,
        seed=dbt.config.meta_get("seed"),
        epochs=dbt.config.meta_get("epochs"),
        blocks=dbt.config.meta_get("blocks"),
        community_moves=dbt.config.meta_get("community_moves"),
        start_temperature=dbt.config.meta_get("start_temperature"),
        cooling_ratio=dbt.config.meta_get("cooling_ratio"),
    )

    communities = detect_communities(
        # Nothing here keeps the edges, so they can go once the graph is made.
        *(edges.pop(0) for _ in range(3)),
        settings,
        previous=None if previous is None else tuple(previous[name].to_numpy() for name in columns),
    )

    return to_relation(session, pa.table(rows_of_run(communities, as_of)))
