import pyarrow as pa

from simclusters.explorer.map_table import previous_map, rows_of_run
from simclusters.relation_io import to_arrow, to_relation


def model(dbt, session):
    as_of = to_arrow(dbt.ref("stg_as_of"))["as_of"][0]
    previous = previous_map(session, dbt.this, as_of) if dbt.is_incremental else None
    clusters, neighbors = to_arrow(dbt.ref("int_cluster_map_sql")), to_arrow(dbt.ref("cluster_neighbors"))

    return to_relation(session, pa.table(rows_of_run(clusters, neighbors, as_of, previous)))
