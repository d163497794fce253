from simclusters.relation_io import to_arrow, to_relation
from simclusters.similarity import FollowMatrix, nearest_neighbors


def model(dbt, session):
    follows = to_arrow(dbt.ref("int_similarity_follows"))
    producers = to_arrow(dbt.ref("int_similarity_producers"))

    matrix = FollowMatrix(
        consumer_ids=follows["consumer_id"].to_numpy(),
        producer_positions=follows["producer_position"].to_numpy(),
        producer_ids=producers["producer_id"].to_numpy(),
        positions=producers["producer_position"].to_numpy(),
        follower_counts=producers["follower_count"].to_numpy(),
        sampled_shares=producers["sampled_share"].to_numpy(),
    )

    neighbors = nearest_neighbors(
        matrix,
        similarity_floor=dbt.config.meta_get("similarity_floor"),
        neighbors_per_producer=dbt.config.meta_get("neighbors_per_producer"),
    )

    return to_relation(session, neighbors)
