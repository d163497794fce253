from simclusters.relation_io import to_arrow, to_columns, to_relation
from simclusters.similarity import FollowMatrix, co_follow_trial_hits


def model(dbt, session):
    crowdings = to_arrow(dbt.ref("int_producer_crowdings")).sort_by("producer_position")
    [limits] = to_arrow(dbt.ref("similarity_limits")).to_pylist()

    hits = co_follow_trial_hits(
        FollowMatrix.from_tables(
            to_columns(dbt.ref("int_similarity_follows"), ["consumer_id", "producer_position"]),
            to_arrow(dbt.ref("int_similarity_producers")),
        ),
        trial_follows=to_arrow(dbt.ref("int_trial_follows")),
        recipes=to_arrow(dbt.ref("int_co_follow_recipes")),
        crowdings=crowdings["crowding"].to_numpy(),
        regression_producers=limits["regression_producers"],
    )

    return to_relation(session, hits)
