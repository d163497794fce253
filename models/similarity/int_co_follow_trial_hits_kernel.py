from simclusters.relation_io import to_arrow, to_relation
from simclusters.similarity import FollowMatrix, co_follow_trial_hits


def model(dbt, session):
    follows, producers = to_arrow(dbt.ref("int_similarity_follows")), to_arrow(dbt.ref("int_similarity_producers"))
    crowdings = to_arrow(dbt.ref("int_producer_crowdings")).sort_by("producer_position")

    hits = co_follow_trial_hits(
        FollowMatrix.from_tables(follows, producers),
        trial_follows=to_arrow(dbt.ref("int_trial_follows")),
        recipes=to_arrow(dbt.ref("co_follow_recipes")),
        crowdings=crowdings["crowding"].to_numpy(),
    )

    return to_relation(session, hits)
