"""Builds the pipeline on the real data sets and writes what came out to RESULTS.md.

    python benchmarks/datasets/report.py --datasets FOLDER [--work FOLDER] [NAME ...]

``--work`` keeps inputs, databases and what their builds took (default data/benchmarks). The data sets named are built again,
the others only when they have not been. What is odd about each is said in ``<name>.odd.md``, by hand, and copied.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb
import yaml

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import load  # noqa: E402  (scripts beside this one)
from measure import Build, dbt, machine  # noqa: E402

from simclusters.commands import report as first_results  # noqa: E402

ROWS_SHOWN = 3
SLOWEST_SHOWN = 8

CLUSTER_SIZES = """
with sizes as (
    select
        producer_count,
        case
            when producer_count <= 2 then 2
            when producer_count <= 5 then 5
            when producer_count <= 20 then 20
            when producer_count <= 100 then 100
        end as size_limit
    from clusters
)
select
    coalesce('up to ' || size_limit, 'more') as producers,
    count(*) as clusters,
    cast(sum(producer_count) as bigint) as producers_in_them
from sizes
group by size_limit
order by size_limit nulls last
"""

NEIGHBORS = """
with known as (
    select producer_id from producers order by popularity_rank limit 5
),
best as (
    select producer_id, neighbor_producer_id, neighbor_rank
    from producer_similarity_edges
    where producer_id in (select producer_id from known)
    qualify row_number() over (partition by producer_id order by cosine_similarity desc, neighbor_producer_id) <= 5
)
select
    coalesce(producers.screen_name, cast(producers.producer_id as varchar)) as producer,
    producers.follower_count as followers,
    string_agg(coalesce(neighbors.screen_name, cast(neighbors.producer_id as varchar)), ', ' order by best.neighbor_rank)
        as most_similar
from best
inner join producers on best.producer_id = producers.producer_id
inner join producers as neighbors on best.neighbor_producer_id = neighbors.producer_id
group by producers.popularity_rank, producer, followers
order by producers.popularity_rank
"""


def cell(value: object) -> str:
    """A value as the text of a Markdown table."""
    if value is None:
        return ""
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return text.replace("|", "\\|").replace("\n", " ")


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Lines of a Markdown table; a table without rows says so."""
    if not rows:
        return ["No rows.", ""]
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    return [*lines, *(f"| {' | '.join(cell(value) for value in row)} |" for row in rows), ""]


def order_of(connection: duckdb.DuckDBPyConnection, table_name: str) -> str:
    """Columns to order by: all, but what is ranked by its rank."""
    columns = [row[0] for row in connection.execute(f'describe "{table_name}"').fetchall()]
    rank = next((place for place, column in enumerate(columns) if column.endswith("_rank")), None)
    return ", ".join(columns if rank is None else [*columns[: rank - 1], columns[rank]])


def section(name: str, build: Build, variables: dict[str, object], database: Path) -> list[str]:
    """The lines about one data set."""
    with duckdb.connect(str(database), read_only=True) as connection:

        def table(sql: str, **parameters: object) -> list[str]:
            result = connection.execute(sql, parameters or None)
            return markdown_table([column[0] for column in result.description], result.fetchall())

        def value(sql: str) -> object:
            row = connection.execute(sql).fetchone()
            return None if row is None else row[0]

        counts = {table_name: value(f'select count(*) from "{table_name}"') for table_name in build.public_tables}
        follows, eligible = (
            value("select count(*) from stg_follows"),
            value("select count(*) from producers where is_eligible"),
        )
        overrides = {key: setting for key, setting in variables.items() if key != "input_dir"}
        slowest = sorted(build.model_seconds.items(), key=lambda item: -item[1])[:SLOWEST_SHOWN]
        lines = [
            f"## {name}",
            "",
            f"{follows:,} follows, {value('select count(*) from stg_engagements'):,} engagements, {eligible:,} eligible producers; "
            f"{counts['clusters']:,} clusters hold {counts['known_for']:,} producers. "
            f"`dbt build` took {build.wall_seconds:.0f} s, {sum(build.model_seconds.values()):.0f} s of them in models, "
            "at "
            f"{build.peak_bytes / 2**30:.1f} GB; {build.passed_tests} tests passed.",
            "",
            f"Vars: `{yaml.safe_dump(overrides, default_flow_style=True, width=1000).strip()}`",
            "",
            "### What is odd, and why",
            "",
            (HERE / f"{name}.odd.md").read_text().strip(),
            "",
            "### Time",
            "",
            *markdown_table(
                ["step", "seconds"], [(step, round(taken, 2)) for step, taken in build.step_seconds().items()]
            ),
            *markdown_table(["slowest models", "seconds"], [(model, round(taken, 2)) for model, taken in slowest]),
            "### Clusters",
            "",
            *table(CLUSTER_SIZES),
            *table(first_results.LARGEST_CLUSTERS),
            "Most followed producers, and those most similar by followers:",
            "",
            *table(NEIGHBORS),
        ]
        consumer_id = value(first_results.EXAMPLE_CONSUMER)
        if consumer_id is not None:
            lines += [
                f"Interests of consumer {consumer_id}:",
                "",
                *table(first_results.INTERESTS, consumer_id=consumer_id),
            ]
            if counts.get("tweet_candidate_explanations"):
                recommendations = table(first_results.RECOMMENDATIONS, consumer_id=consumer_id)
                lines += [f"Tweets for consumer {consumer_id}:", "", *recommendations]
        lines += ["### First rows of every public table", ""]
        for table_name, row_count in counts.items():
            lines += [f"`{table_name}`, {row_count:,} rows", ""]
            if row_count:
                lines += table(
                    f'select * from "{table_name}" order by {order_of(connection, table_name)} limit {ROWS_SHOWN}'
                )
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns 0, or 2 with a message on standard error when the data are absent."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(load.DATA_SETS)} to build again")
    parser.add_argument("--datasets", type=Path, default=Path(os.environ.get("SIMCLUSTERS_DATASETS", "datasets")))
    parser.add_argument("--work", type=Path, default=Path("data/benchmarks"))
    parser.add_argument("--render", action="store_true", help="build nothing, write the page from what is kept")
    parser.add_argument("--output", type=Path, default=HERE / "RESULTS.md")
    options = parser.parse_args(arguments)
    lines = [
        "# What the pipeline finds in real data",
        "",
        f"Written by `benchmarks/datasets/report.py` on {machine()}, DuckDB {duckdb.__version__}, a memory limit of 4 GB, one model "
        "at a time, from an empty database, tests included. How the inputs are made: [README](README.md).",
        "",
    ]
    for name in load.DATA_SETS:
        work = (options.work / name).resolve()
        kept = work / "build.json"
        variables = yaml.safe_load((HERE / f"{name}.yml").read_text()) | {"input_dir": str(work / "inputs")}
        if not options.render and (name in options.names or not kept.is_file()):
            shutil.rmtree(work, ignore_errors=True)
            try:
                tables = load.DATA_SETS[name](options.datasets / name)
            except load.DataAbsent as problem:
                print(f"error: {problem}", file=sys.stderr)
                return 2
            load.write_tables(tables, work / "inputs")
            print(f"building {name}", flush=True)
            build = dbt("build", "--exclude-resource-type", "unit_test", folder=work, variables=variables)
            print(f"  {build.wall_seconds:.0f} s, {build.peak_bytes / 2**30:.1f} GB", flush=True)
            kept.write_text(json.dumps(dataclasses.asdict(build), indent=1))
        if kept.is_file():
            lines += section(name, Build(**json.loads(kept.read_text())), variables, work / "simclusters.duckdb")
        else:
            lines += [f"## {name}", "", "Not built for this page.", ""]
    options.output.write_text("\n".join(lines).rstrip() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
