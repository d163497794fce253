"""A bad day of input warns, in the right words and no others.

The run that is built is the good one; the next day brings the same input a day later, whole or damaged. A repeated fav counts
once, so favs are doubled in two ways: each event twice, which only the counts can see, and each fav again on a second tweet of
the same author, which makes every interest by favs twice as strong.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from simclusters.inputs import TABLES

ANOTHER_TWEET = 1 << 50
ANOTHER_USER = 1_000_000_000_000
USER_COLUMNS = {
    "follows": ("consumer_id", "producer_id"),
    "engagements": ("user_id",),
    "tweets": ("author_id",),
    "users": ("user_id",),
    "user_languages": ("user_id",),
    "topic_follows": ("consumer_id",),
    "opt_outs": ("user_id",),
    "blocks": ("user_id", "blocked_user_id"),
}
# Up to the communities and the interests, and the reports of the run. Tables of tweets and candidates stay as they were.
NEXT_DAY = [
    "+clusters",
    *("known_for_history", "known_for_stability", "known_for_changes"),
    *("cluster_quality_summary", "bipartite_cluster_quality", "cluster_metric_distributions"),
    *("input_report", "cluster_history", "score_report", "run_report"),
]
# Explanations are of candidates that stayed, and interests that did not. Followers of topics stayed, and the graph did not.
NOT_ASKED = ["assert_every_recommendation_is_explained", "assert_common_followers_follow_both"]
COUNTS = "assert_counts_stay_near_the_last_run"
SCORES = "assert_scores_stay_near_the_reference"
COMMUNITIES = "assert_communities_stay_near_the_last_run"
TURNOVER = "assert_few_producers_come_and_go"

# Statements on the tables of the next day, and the tests that must warn.
DAMAGES: dict[str, tuple[list[str], set[str]]] = {
    "nothing": ([], set()),
    "half of the follows of one community are gone": (
        [
            """
            delete from follows
            where (consumer_id + producer_id) % 2 = 0
                and producer_id in (select producer_id from built.known_for where cluster_id = 1)
            """
        ],
        {COMMUNITIES},
    ),
    "every fav comes twice": (
        [
            """
            insert into engagements
            select user_id, tweet_id, engagement_type, engaged_at - interval 1 second
            from engagements where engagement_type = 'fav'
            """
        ],
        {COUNTS},
    ),
    "every fav is made again on a second tweet": (
        [
            f"""
            insert into engagements
            select user_id, tweet_id + {ANOTHER_TWEET}, engagement_type, engaged_at
            from engagements where engagement_type in ('fav', 'unfav')
            """,
            f"insert into tweets select * replace (tweet_id + {ANOTHER_TWEET} as tweet_id) from tweets",
        ],
        {COUNTS, SCORES},
    ),
    "all users have other ids": (
        [
            f"update {table} set {', '.join(f'{column} = {column} + {ANOTHER_USER}' for column in columns)}"
            for table, columns in USER_COLUMNS.items()
        ],
        {TURNOVER},
    ),
    # One table with other ids than the rest has as many rows as ever, and joins nothing.
    "the profiles have other ids": ([f"update users set user_id = user_id + {ANOTHER_USER}"], {COUNTS}),
    # Favs then come from nobody who follows: the communities lose their favers, and the interests their favs.
    "the engagements have other ids": ([f"update engagements set user_id = user_id + {ANOTHER_USER}"], {COUNTS, SCORES, COMMUNITIES}),
}
# Each test warns of a damage without these. Two of them are of one day in `make test`; each night each has a day of its own.
HALF, AGAIN = "half of the follows of one community are gone", "every fav is made again on a second tweet"
NIGHTLY = ("every fav comes twice", "the profiles have other ids", "the engagements have other ids", HALF, AGAIN)
DAMAGES["both"] = DAMAGES[HALF][0] + DAMAGES[AGAIN][0], DAMAGES[HALF][1] | DAMAGES[AGAIN][1]


def next_day(warehouse, statements: list[str], folder: Path) -> dict:
    """Writes the tables of the next day, damaged by the statements; returns the vars that name them."""
    folder.mkdir()
    columns = dict.fromkeys(TABLES, "*")
    columns["engagements"] = "* replace (engaged_at + interval 1 day as engaged_at)"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse.database}' as built (read_only)")
        for table in TABLES:
            connection.execute(f"create table {table} as select {columns[table]} from built.raw_{table}")
        for statement in statements:
            connection.execute(statement)
        for table in TABLES:
            connection.execute(f"copy {table} to '{folder / table}.parquet'")
    return {"input_dir": str(folder)}


@pytest.mark.parametrize(
    "damage", [pytest.param(name, marks=[pytest.mark.nightly] * (name in NIGHTLY), id=name.replace(" ", "_")) for name in DAMAGES]
)
def test_a_damaged_input_is_seen_by_the_right_tests(built_warehouse, tmp_path, damage):
    """Of the tests that compare runs and tables; those of a single column hold for any input that gets this far."""
    statements, expected = DAMAGES[damage]
    warehouse = built_warehouse.copy(tmp_path / "warehouse")
    variables = next_day(built_warehouse, statements, tmp_path / "inputs")
    warehouse.declare_inputs("folder", variables["input_dir"])
    warehouse.build("run", "--select", *NEXT_DAY, variables=variables)
    tests = ("--select", "config.severity:warn", "test_type:singular", "--exclude", *NOT_ASKED)
    status = warehouse.dbt("test", *tests, variables=variables).status
    assert {COUNTS, SCORES, COMMUNITIES, TURNOVER} <= status.keys()
    assert {name for name, outcome in status.items() if outcome != "pass"} == expected


def test_a_slow_drift_is_seen_against_a_pinned_reference(built_warehouse, tmp_path):
    """Each day a fifth more: never far from the day before, and by the third far from the first."""
    warehouse = built_warehouse.copy(tmp_path)
    percentiles = ("mean_score", *(f"percentile_{percent}_score" for percent in (5, 25, 50, 75, 95)))
    for day in (1, 2, 3):
        grown = ", ".join(f"{column} * power(1.2, {day}) as {column}" for column in percentiles)
        warehouse.execute(
            f"""
            insert into score_report
            select * replace (as_of + interval {day} day as as_of, {grown})
            from score_report where as_of = (select as_of from stg_as_of)
            """
        )
    [(first,)] = warehouse.query("select strftime(as_of, '%Y-%m-%d %H:%M:%S') from stg_as_of")
    for variables, is_seen in (({}, False), ({"score_reference_as_of": first}, True)):
        outcome = warehouse.dbt("test", "--select", SCORES, variables=variables)
        assert outcome.success
        assert outcome.status[SCORES] == ("warn" if is_seen else "pass")
