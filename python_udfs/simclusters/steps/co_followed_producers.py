import pyarrow.compute as pc

from simclusters.relation_io import to_arrow, to_columns, to_relation
from simclusters.similarity import FollowMatrix, Recipe, co_followed_producers


def model(dbt, session):
    crowdings = to_arrow(dbt.ref("int_producer_crowdings")).sort_by("producer_position")
    lengths = to_arrow(dbt.ref("int_co_follow_list_lengths")).sort_by("producer_position")
    [trial] = to_arrow(dbt.ref("co_follow_trials")).filter(pc.field("is_chosen")).to_pylist()
    [limits] = to_arrow(dbt.ref("similarity_limits")).to_pylist()

    found = co_followed_producers(
        FollowMatrix.from_tables(
            to_columns(dbt.ref("int_similarity_follows"), ["consumer_id", "producer_position"]),
            to_arrow(dbt.ref("int_similarity_producers")),
        ),
        Recipe(*(trial[name] for name in Recipe._fields)),
        lengths=lengths["list_length"].to_numpy(),
        crowdings=crowdings["crowding"].to_numpy(),
        regression_producers=limits["regression_producers"],
    )

    return to_relation(session, found)
