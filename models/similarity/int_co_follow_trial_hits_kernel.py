from simclusters.relation_io import to_arrow, to_relation
from simclusters.similarity import FollowMatrix, co_follow_trial_hits


def model(dbt, session):
    follows, producers = to_arrow(dbt.ref("int_similarity_follows")), to_arrow(dbt.ref("int_similarity_producers"))

    hits = co_follow_trial_hits(
        FollowMatrix.from_tables(follows, producers),
        trial_follows=to_arrow(dbt.ref("int_trial_follows")),
        recipes=to_arrow(dbt.ref("co_follow_recipes")),
    )

    return to_relation(session, hits)
