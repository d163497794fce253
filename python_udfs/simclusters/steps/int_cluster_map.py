import pyarrow as pa
import pyarrow.compute as pc

from simclusters.explorer.map_table import rows_of_run
from simclusters.relation_io import newest_run_before, to_arrow, to_relation


def model(dbt, session):
    as_of = to_arrow(dbt.ref("stg_as_of"))["as_of"][0]
    columns = ["cluster_id", "map_x", "map_y"]
    previous = newest_run_before(session, dbt.this, as_of, columns) if dbt.config.meta_get("has_history") else None
    [limits] = to_arrow(dbt.ref("table_limits")).filter(pc.field("table_name") == "cluster_map").to_pylist()
    clusters = to_arrow(dbt.ref("clusters"), ["cluster_id", "producer_count"])
    largest = clusters.sort_by([("producer_count", "descending"), ("cluster_id", "ascending")]).slice(0, limits["items_per_group"])

    return to_relation(session, pa.table(rows_of_run(largest, to_arrow(dbt.ref("cluster_neighbors")), as_of, previous)))
