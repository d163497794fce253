import pyarrow as pa

from simclusters.embeddings import Members, Producers, producer_groups
from simclusters.relation_io import to_arrow, to_relation


def model(dbt, session):
    neighbors, links = to_arrow(dbt.ref("int_multi_embedding_neighbors")), to_arrow(dbt.ref("int_producer_links"))
    vectors = to_arrow(dbt.ref("int_producer_unit_vectors"))

    groups = producer_groups(
        Members(neighbors["consumer_id"], neighbors["producer_id"], neighbors["largest_cluster_id"]),
        Producers(
            vectors["producer_id"], vectors["cluster_id"], vectors["unit_score"], links["producer_id"], links["neighbor_producer_id"]
        ),
    )
    tables = [
        pa.table(
            {
                "grouping_method": pa.repeat(method, neighbors.num_rows),
                "consumer_id": neighbors["consumer_id"],
                "producer_id": neighbors["producer_id"],
                "group_rank": found.ranks,
                "producer_count": found.counts,
                "fav_score": neighbors["fav_score"],
                "medoid_score": found.scores,
            }
        )
        for method, found in groups.items()
    ]

    return to_relation(session, pa.concat_tables(tables))
