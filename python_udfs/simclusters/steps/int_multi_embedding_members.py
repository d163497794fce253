import pyarrow as pa

from simclusters.embeddings import Members, Producers, producer_groups
from simclusters.relation_io import to_arrow, to_relation
from simclusters.scores import rounded_score_each


def model(dbt, session):
    neighbors, links = to_arrow(dbt.ref("int_multi_embedding_neighbors")), to_arrow(dbt.ref("int_producer_links"))
    vectors = to_arrow(dbt.ref("int_producer_unit_vectors"))

    groups = producer_groups(
        Members(neighbors["consumer_id"], neighbors["producer_id"], neighbors["largest_cluster_id"]),
        Producers(
            vectors["producer_id"], vectors["cluster_id"], vectors["unit_score"], links["producer_id"], links["neighbor_producer_id"]
        ),
    )
    columns = {"consumer_id": neighbors["consumer_id"], "producer_id": neighbors["producer_id"], "fav_score": neighbors["fav_score"]}
    for method, found in groups.items():
        columns |= {
            f"{method}_rank": found.ranks,
            f"{method}_count": found.counts,
            f"{method}_score": rounded_score_each(found.scores),
        }

    return to_relation(session, pa.table(columns))
