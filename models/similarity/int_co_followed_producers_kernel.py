import pyarrow.compute as pc

from simclusters.relation_io import to_arrow, to_relation
from simclusters.similarity import FollowMatrix, co_followed_producers


def model(dbt, session):
    follows, producers = to_arrow(dbt.ref("int_similarity_follows")), to_arrow(dbt.ref("int_similarity_producers"))
    [powers] = to_arrow(dbt.ref("co_follow_trials")).filter(pc.field("is_chosen")).to_pylist()
    [limits] = to_arrow(dbt.ref("table_limits")).filter(pc.field("table_name") == "co_followed_producers").to_pylist()

    found = co_followed_producers(
        FollowMatrix.from_tables(follows, producers),
        activity_power=powers["activity_power"],
        popularity_power=powers["popularity_power"],
        producers_per_list=limits["items_per_group"],
    )

    return to_relation(session, found)
