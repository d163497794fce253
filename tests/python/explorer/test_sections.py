"""What is computed for the pages alone, checked by hand: moves between two runs, audiences, and the live list of a person."""

import duckdb
import pytest

from simclusters.explorer.pages import Explorer
from simclusters.explorer.sections import HEALTH, PAGES, PRODUCER

TWO_RUNS = """
    create table clusters as select 1 as cluster_id;
    create table producers as select unnest([1, 2, 3, 4]) as producer_id, unnest([10, 30, 20, 5]) as follower_count;
    create table known_for_history (as_of timestamp, producer_id bigint, cluster_id bigint);
    insert into known_for_history values
        ('2026-01-01', 1, 1), ('2026-01-01', 2, 1), ('2026-01-01', 3, 2),
        ('2026-01-08', 1, 2), ('2026-01-08', 2, 2), ('2026-01-08', 3, 2), ('2026-01-08', 4, 1);
"""


@pytest.fixture
def explore():
    """A function that makes tables and returns an explorer of them."""
    with duckdb.connect() as connection:

        def make(sql):
            connection.execute(sql)
            return Explorer(connection)

        yield make


def test_producers_move_between_the_last_two_runs(explore):
    explorer = explore(TWO_RUNS)
    assert explorer.rows(HEALTH["flows"])[1] == [(1, 2, 2)]
    assert explorer.rows(HEALTH["moved"])[1] == [(2, 1, 2), (1, 1, 2)]
    assert explorer.rows(PAGES["community"]["moves"], [1, 2])[1] == [
        (1, "came", 4, None),
        (1, "left", 1, 2),
        (1, "left", 2, 2),
        (2, "came", 1, 1),
        (2, "came", 2, 1),
    ]


def test_after_one_run_nobody_has_moved(explore):
    explorer = explore(TWO_RUNS + "delete from known_for_history where as_of < '2026-01-08'")
    for section in (HEALTH["flows"], HEALTH["moved"]):
        assert explorer.rows(section)[1] == []
    assert explorer.rows(PAGES["community"]["moves"], [1, 2])[1] == []


def test_an_audience_is_counted_by_first_interests(explore):
    explorer = explore("""
        create table clusters as select 1 as cluster_id;
        create table user_user_graph as
            select 9 as producer_id, unnest([1, 2, 3, 4, 5]) as consumer_id, unnest([true, true, true, true, false]) as is_followed;
        create table interested_in as
            select unnest([1, 1, 2, 3, 5]) as consumer_id, unnest([7, 8, 7, 8, 7]) as cluster_id,
                unnest([1, 2, 1, 1, 1]) as cluster_rank;
    """)
    assert explorer.rows(PRODUCER["audience"], [9])[1] == [(9, 7, 2, 0.5), (9, 8, 1, 0.25), (9, None, 1, 0.25)]


def test_the_live_list_is_interests_times_live_scores_with_the_share_of_each_community(explore):
    explorer = explore("""
        create table clusters as select 1 as cluster_id;
        create table interested_in as
            select 1 as consumer_id, unnest([7, 8, 9]) as cluster_id, unnest([2.0, 1.0, 0.0]) as log_fav_score,
                unnest([1, 2, 3]) as cluster_rank, 1 as follow_score, 1 as followed_producer_count, 1 as faved_producer_count;
        create table live_cluster_top_tweets as
            select unnest(['live', 'live', 'live', 'live_light', 'live']) as index_name, unnest([7, 8, 8, 7, 9]) as cluster_id,
                unnest([100, 100, 101, 102, 103]) as tweet_id, 1 as tweet_rank, unnest([0.5, 1.0, 3.0, 9.0, 9.0]) as tweet_score;
    """)
    pages, columns, references = explorer.pages("person", [1])
    assert columns["live_tweets"] == ["tweet", "dot_product", "reasons"]
    assert pages["1"]["live_tweets"] == [
        ["101", 3.0, [["community", "8", 1.0]]],
        ["100", 2.0, [["community", "7", 0.5], ["community", "8", 0.5]]],
    ]
    assert references.ids["tweet"] == {100, 101}
