import pyarrow.compute as pc

from simclusters.relation_io import to_arrow, to_relation
from simclusters.similarity import FollowMatrix, Recipe, co_followed_producers, list_lengths


def model(dbt, session):
    follows, producers = to_arrow(dbt.ref("int_similarity_follows")), to_arrow(dbt.ref("int_similarity_producers"))
    crowdings = to_arrow(dbt.ref("int_producer_crowdings")).sort_by("producer_position")
    [trial] = to_arrow(dbt.ref("co_follow_trials")).filter(pc.field("is_chosen")).to_pylist()
    [limits] = to_arrow(dbt.ref("table_limits")).filter(pc.field("table_name") == "co_followed_producers").to_pylist()
    [similarity_limits] = to_arrow(dbt.ref("similarity_limits")).to_pylist()
    matrix = FollowMatrix.from_tables(follows, producers)

    found = co_followed_producers(
        matrix,
        Recipe(*(trial[name] for name in Recipe._fields)),
        lengths=list_lengths(
            matrix.producers.follower_counts,
            limits["items_per_group"],
            similarity_limits["listed_per_follower"],
            similarity_limits["listed_rows"],
        ),
        crowdings=crowdings["crowding"].to_numpy(),
    )

    return to_relation(session, found)
