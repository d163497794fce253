from simclusters.relation_io import to_arrow, to_columns, to_relation
from simclusters.similarity import FollowMatrix, nearest_neighbors


def model(dbt, session):
    neighbors = nearest_neighbors(
        FollowMatrix.from_tables(
            to_columns(dbt.ref("int_similarity_follows"), ["consumer_id", "producer_position"]),
            to_arrow(dbt.ref("int_similarity_producers")),
        ),
        similarity_floor=dbt.config.meta_get("similarity_floor"),
        neighbors_per_producer=dbt.config.meta_get("neighbors_per_producer"),
    )

    return to_relation(session, neighbors)
