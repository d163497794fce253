"""How much changes when a hundredth of the follows and a day of engagements do, and writes NEXT_WEEK.md.

    python benchmarks/pipeline/next_week.py --work FOLDER [--follows 1000000] [--memory-limit 8GB]

It builds a generated network with nothing set. Then one follow in 200 goes, as many come, and a day of engagements is added. It builds
again, into the same database and from the communities that stand there. Then it compares rows with a copy of the first database.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from measure import FOLLOWS_PER_USER, machine  # noqa: E402  scripts in the folder above
from nothing_set import simclusters_dbt  # noqa: E402
from pages import table, write_page  # noqa: E402

from simclusters.sample.parameters import SampleParameters  # noqa: E402
from simclusters.sample.writing import write_sample  # noqa: E402

TABLES = [
    *("user_user_graph", "producer_similarity_edges", "known_for", "interested_in", "producer_embeddings", "topic_embeddings"),
    *("user_topic_embeddings", "multi_embeddings", "persistent_tweet_embeddings", "cluster_top_producers"),
]
TOLERANCES = [1e-9, 1e-3, 1e-2]


def change_inputs(inputs: Path) -> None:
    """A follow in 200 goes. As many come, of consumers and producers of other follows, so that activity and popularity stay."""
    connection = duckdb.connect()
    follows, engagements = inputs / "follows.parquet", inputs / "engagements.parquet"
    connection.execute(f"""
        create table old_follows as
        select consumer_id, producer_id, row_number() over (order by consumer_id, producer_id) as position,
            hash(consumer_id, producer_id) as draw
        from '{follows}'
    """)
    connection.execute(f"""
        copy (
            select consumer_id, producer_id from old_follows where draw % 200 != 0
            union
            select consumers.consumer_id, producers.producer_id
            from old_follows as consumers
            inner join old_follows as producers
                on producers.position = (consumers.draw // 200) % (select count(*) from old_follows) + 1
            where consumers.draw % 200 = 1 and consumers.consumer_id != producers.producer_id
        ) to '{follows}' (format parquet)
    """)
    # The new day repeats the events of the fourth day before it.
    connection.execute(f"create table old_engagements as from '{engagements}'")
    connection.execute(f"""
        copy (
            from old_engagements
            union all
            select * replace (engaged_at + interval 4 day as engaged_at) from old_engagements
            where engaged_at::date = (select max(engaged_at)::date - 3 from old_engagements)
        ) to '{engagements}' (format parquet)
    """)


def grains(target: Path) -> dict[str, list[str]]:
    """The columns that name a row of each model, from its unique_grain test."""
    tests = [node for node in json.loads((target / "manifest.json").read_text())["nodes"].values() if "test_metadata" in node]
    return {
        node["attached_node"].rsplit(".", 1)[1]: node["test_metadata"]["kwargs"]["columns"]
        for node in tests
        if node["test_metadata"]["name"] == "unique_grain"
    }


def shares_kept(connection: duckdb.DuckDBPyConnection, name: str, grain: list[str]) -> list[float]:
    """The rows of both databases together, and by tolerance the share whose numbers are in both and differ by less."""
    columns = connection.execute(f"describe before.{name}").fetchall()
    scores = [column for column, kind, *_ in columns if kind == "DOUBLE" and column not in grain]
    kept = []
    for tolerance in TOLERANCES:
        is_kept = [f"old.{grain[0]} is not null and new.{grain[0]} is not null"] + [
            f"coalesce(abs(old.{score} - new.{score}) <= {tolerance} * greatest(abs(old.{score}), abs(new.{score})), "
            f"old.{score} is not distinct from new.{score})"
            for score in scores
        ]
        kept.append(f"avg(({' and '.join(is_kept)})::int)")
    on = " and ".join(f"old.{column} is not distinct from new.{column}" for column in grain)
    [row] = connection.execute(
        f"select count(*), {', '.join(kept)} from before.{name} as old full join after.{name} as new on {on}"
    ).fetchall()
    return list(row)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--follows", type=int, default=1_000_000)
    parser.add_argument("--memory-limit", default="8GB", help="of DuckDB")
    parser.add_argument("--work", type=Path, required=True, help="folder for inputs and databases, removed at the end")
    options = parser.parse_args()
    folder, follows = options.work / str(options.follows), options.follows
    shutil.rmtree(folder, ignore_errors=True)
    write_sample(
        SampleParameters(users=follows // FOLLOWS_PER_USER, follows=follows, engagements=follows), folder / "inputs", "parquet"
    )
    simclusters_dbt("seed", folder, options.memory_limit)
    first = simclusters_dbt("run", folder, options.memory_limit)
    shutil.copy(folder / "simclusters.duckdb", folder / "before.duckdb")
    change_inputs(folder / "inputs")
    second = simclusters_dbt("run", folder, options.memory_limit)

    connection = duckdb.connect()
    connection.execute(f"attach '{folder / 'before.duckdb'}' as before (read_only)")
    connection.execute(f"attach '{folder / 'simclusters.duckdb'}' as after (read_only)")
    grain = grains(folder / "target")
    rows = [(name, *shares_kept(connection, name, grain[name])) for name in TABLES]
    lines = [
        "# What changes in a week",
        "",
        f"`benchmarks/pipeline/next_week.py` wrote this page on {machine()}. A network of {follows:,} follows and as many engagements",
        "was built with nothing set. Then one follow in 200 went, as many came, and a day of engagements was added.",
        f"The first build took {first.wall_seconds:.0f} s, the second {second.wall_seconds:.0f} s, from the communities of the first.",
        "",
        "The share of rows that stay, when a number may differ by so much of itself:",
        "",
        *table(
            ["table", "rows", *(f"{tolerance:g}" for tolerance in TOLERANCES)],
            [(name, f"{count:,}", *(f"{share:.1%}" for share in shares)) for name, count, *shares in rows],
        ),
        "A community's score depends on all who follow its producers, and a consumer's on all producers followed. So a hundredth of",
        "the follows moves every score a little. An update in place would write every row again, and gain nothing.",
    ]
    write_page(HERE / "NEXT_WEEK.md", lines)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
