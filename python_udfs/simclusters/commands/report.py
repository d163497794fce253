"""The first results of a build, for people: tables, rows left out, largest communities, one consumer and its recommendations.

    simclusters report [consumer_id]

Reads the DuckDB database of dbt's profile (SIMCLUSTERS_DATABASE, SIMCLUSTERS_SCHEMA) and dbt's target/ folder; changes nothing.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import duckdb

from simclusters.commands import check_is_built, read_artifact
from simclusters.database import database_path, in_short, open_database
from simclusters.inputs import visible
from simclusters.runs import summary

LEFT_OUT = """
select table_name, row_count, reason, example_row
from input_report
order by row_count desc, table_name, reason
limit 12
"""

EMPTY_TABLES = """
select reason, string_agg(table_name, ', ' order by table_name)
from empty_tables
group by reason
order by count(*) desc, reason
"""

NOT_STREAMED = """
select source_name, row_count, reason, example_row
from stream_problems
order by row_count desc, source_name, reason
limit 12
"""

WINDOW = "select as_of, as_of > timestamp '1970-01-01' from stg_as_of"
END_OF_WINDOW = "The window ends at {}, the var as_of or the newest event that others are near."
NO_DATE = (
    "Nothing dates this run, so its as_of is {}. Give the var as_of its date, as in --vars '{{as_of: 2026-01-31}}'.\n"
    "Without it each run takes the place of the one before, and numbers communities anew (docs/runs.md)."
)

SETTINGS = """
select setting_name, asked, used, measured, reason
from settings
order by setting_name
"""

LARGEST_CLUSTERS = """
select cluster_id, cluster_name, producer_count, interested_consumer_count, top_producers, top_topics
from clusters
order by producer_count desc, cluster_id
limit 8
"""

# Text ids have numbers inside. One parameter may not serve two types, so the number comes as text.
CONSUMER = """
select coalesce(
    (select user_id from user_ids where user_key = $consumer),
    case when not exists (from user_ids) then (
        select any_value(id)
        from (select consumer_id as id from user_user_graph union all select user_id from stg_users)
        where id = try_cast($consumer as bigint)
    ) end
)
"""

CONSUMER_NAME = """
select
    (select screen_name from stg_users where user_id = $consumer_id),
    coalesce((select user_key from user_ids where user_id = $consumer_id), cast($consumer_id as varchar))
"""

# A consumer with many interests and enough to recommend makes the best first example.
EXAMPLE_CONSUMER = """
with interests as (
    select consumer_id, count(*) as cluster_count from interested_in group by consumer_id
),
recommendations as (
    select consumer_id, count(*) as tweet_count from tweet_candidates group by consumer_id
)
select interests.consumer_id
from interests
left join recommendations on interests.consumer_id = recommendations.consumer_id
order by least(coalesce(tweet_count, 0), 10) desc, cluster_count desc, interests.consumer_id
limit 1
"""

INTERESTS = """
select
    clusters.cluster_id,
    clusters.cluster_name,
    interested_in.followed_producer_count as follows,
    interested_in.faved_producer_count as favs,
    round(interested_in.log_fav_score, 4) as log_fav_score,
    round(interested_in.follow_score, 4) as follow_score
from interested_in
inner join clusters on interested_in.cluster_id = clusters.cluster_id
where interested_in.consumer_id = $consumer_id
order by interested_in.cluster_rank
limit 10
"""


def best_with_reasons(item: str, count: int) -> str:
    """The first CTEs of a list of recommendations: the `best` of a consumer, and those `explained`, by the shares of the reasons."""
    table = item.removesuffix("_id")
    return f"""
with best as (
    select candidate_type, consumer_id, {item}, candidate_rank, candidate_score
    from {table}_candidates
    where consumer_id = $consumer_id and candidate_type = 'default'
    order by candidate_rank
    limit {count}
),
reasons as (
    select best.{item}, explanations.list_kind, explanations.because_of, sum(explanations.contribution_share) as share
    from best
    inner join {table}_candidate_explanations as explanations
        on best.candidate_type = explanations.candidate_type
            and best.consumer_id = explanations.consumer_id
            and best.{item} = explanations.{item}
    group by best.{item}, explanations.list_kind, explanations.because_of
),
-- Each community by its name; of another kind of list, such as followed producers, the strongest stands for all.
kinds_of_reasons as (
    select
        {item},
        first(because_of order by round(share, 9) desc, because_of)
        || case when count(*) > 1 then ' and ' || cast(count(*) - 1 as varchar) || ' more' else '' end as because_of,
        sum(share) as share
    from reasons
    group by {item}, list_kind, case when list_kind = 'cluster' then because_of end
),
explained as (
    select
        {item},
        string_agg(
            because_of || ' ' || cast(round(100 * share) as integer) || ' %', ', ' order by round(share, 9) desc, because_of
        ) as because_of
    from kinds_of_reasons
    group by {item}
)
"""


RECOMMENDATIONS = (
    best_with_reasons("tweet_id", 10)
    + """
select
    best.candidate_rank as "rank",
    coalesce(tweet_ids.tweet_key, cast(best.tweet_id as varchar)) as tweet_id,
    coalesce(authors.screen_name, user_ids.user_key, cast(tweets.author_id as varchar), 'unknown') as author,
    round(best.candidate_score, 3) as score,
    explained.because_of
from best
left join explained on best.tweet_id = explained.tweet_id
left join stg_tweets as tweets on best.tweet_id = tweets.tweet_id
left join stg_users as authors on tweets.author_id = authors.user_id
left join tweet_ids on best.tweet_id = tweet_ids.tweet_id
left join user_ids on tweets.author_id = user_ids.user_id
order by best.candidate_rank
"""
)

PRODUCERS = (
    best_with_reasons("producer_id", 5)
    + """
select
    best.candidate_rank as "rank",
    coalesce(user_ids.user_key, cast(best.producer_id as varchar)) as producer_id,
    coalesce(producers.screen_name, stg_users.screen_name) as name,
    round(best.candidate_score, 3) as score,
    explained.because_of
from best
left join explained on best.producer_id = explained.producer_id
left join producers on best.producer_id = producers.producer_id
left join stg_users on best.producer_id = stg_users.user_id
left join user_ids on best.producer_id = user_ids.user_id
order by best.candidate_rank
"""
)


def shortened(text: str) -> str:
    """Text of at most 60 characters, cut at a word."""
    if len(text) <= 60:
        return text
    return text[:56].rsplit(" ", 1)[0].rstrip(",") + " ..."


def print_rows(title: str, columns: list[str], rows: list[tuple]) -> None:
    """Print rows under a title, columns as wide as they need, long text cut at a word before 60 characters."""
    print(title)
    if not rows:
        print("  (no rows)\n")
        return
    shown = [[shortened(visible("" if value is None else str(value))) for value in row] for row in rows]
    is_number = [isinstance(value, int | float) for value in rows[0]]
    widths = [max(len(name), *(len(row[place]) for row in shown)) for place, name in enumerate(columns)]
    for row in [columns, *shown]:
        cells = [
            text.rjust(width) if number else text.ljust(width) for text, width, number in zip(row, widths, is_number, strict=True)
        ]
        print("  " + "  ".join(cells).rstrip())
    print()


def public_tables(target: Path) -> list[tuple[str, str, float | None, bool]]:
    """Step, name, build seconds (None when not in the last run) and whether rows are counted, of every public table, by step."""
    check_is_built(target / "manifest.json", target / "run_results.json")
    manifest = read_artifact(target / "manifest.json")
    results = read_artifact(target / "run_results.json")["results"]
    seconds = {result["unique_id"]: result["execution_time"] for result in results}
    steps = list(manifest["groups"].values())
    order = {group["name"]: place for place, group in enumerate(steps)}
    models = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and node["config"].get("access") == "public"
        and node["config"]["materialized"] != "typed_table_function"
    ]
    models.sort(key=lambda node: (order.get(node["config"].get("group"), len(order)), node["name"]))
    # Explanations are made when they are asked for: to count them would make all.
    return [
        (
            node["config"].get("group") or "",
            node["name"],
            seconds.get(node["unique_id"]),
            node["config"]["meta"].get("published_as") != "view",
        )
        for node in models
    ]


def main(arguments: list[str] | None = None) -> int:
    """Command line entry; returns 0, or 1 with a message when nothing is built or nobody has the id that was asked for."""
    parser = argparse.ArgumentParser(prog="simclusters report", description=__doc__.splitlines()[0])
    parser.add_argument("consumer_id", nargs="?", help="as your data write it; default: one with many interests")
    consumer = parser.parse_args(arguments).consumer_id
    target = Path(os.environ.get("DBT_TARGET_PATH", "target"))
    try:
        check_is_built(database_path())
        return print_report(consumer, target)
    except (RuntimeError, OSError, duckdb.Error) as problem:
        print(f"error: {in_short(problem)}", file=sys.stderr)
        return 1


def print_report(consumer: str | None, target: Path) -> int:
    """Print all of it, about a consumer or an example of one; returns the exit code."""
    with open_database(database_path(), read_only=True) as connection:

        def rows(sql: str, **parameters: object) -> tuple[list[str], list[tuple]]:
            result = connection.execute(sql, parameters or None)
            return [column[0] for column in result.description], result.fetchall()

        tables = []
        for step, name, seconds, is_counted in public_tables(target):
            row_count = f"{rows(f'select count(*) from {name}')[1][0][0]:,}" if is_counted else "when asked"
            tables.append((step, name, row_count, "" if seconds is None else f"{seconds:.2f}"))
        print_rows("Public tables", ["step", "table", "rows", "seconds"], tables)
        print_rows("Rows of the inputs that were left out", *rows(LEFT_OUT))
        not_streamed = rows(NOT_STREAMED)
        if not_streamed[1]:
            print_rows("What the stream did not take in", *not_streamed)
        empty = rows(EMPTY_TABLES)[1]
        if empty:
            print("Public tables without rows, and why")
            print(*(f"  {reason}\n    {names}" for reason, names in empty), sep="\n", end="\n\n")
        [(as_of, is_dated)] = rows(WINDOW)[1]
        print((END_OF_WINDOW if is_dated else NO_DATE).format(as_of), end="\n\n")
        print_rows("Settings that the run resolved", *rows(SETTINGS))
        print_rows("Largest communities", *rows(LARGEST_CLUSTERS))
        if consumer is not None:
            consumer_id = rows(CONSUMER, consumer=consumer)[1][0][0]
            if consumer_id is None:
                print(f"No id in the inputs is {consumer}.")
                return 1
        else:
            example = rows(EXAMPLE_CONSUMER)[1]
            if not example:
                print("No consumer is interested in any community. The list above says why `interested_in` has no rows.\n")
                print(*summary(connection), sep="\n")
                return 0
            consumer_id = example[0][0]
        screen_name, key = rows(CONSUMER_NAME, consumer_id=consumer_id)[1][0]
        name = shortened(visible(f"{screen_name} ({key})" if screen_name else key))
        print_rows(f"What {name} is interested in", *rows(INTERESTS, consumer_id=consumer_id))
        print_rows(f"Tweets for {name}", *rows(RECOMMENDATIONS, consumer_id=consumer_id))
        print_rows(f"Whom {name} could follow", *rows(PRODUCERS, consumer_id=consumer_id))
        print(*summary(connection), sep="\n")
    return 0
