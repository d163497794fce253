"""Builds the pipeline on the real data sets and writes what came out to RESULTS.md.

    python benchmarks/datasets/report.py --datasets FOLDER [--work FOLDER] [NAME ...]

``--work`` keeps inputs, databases and what their builds took (default data/benchmarks). The data sets named are built again,
the others only when they have not been. What is odd about each is said in ``<name>.odd.md``, by hand, and copied.
"""

from __future__ import annotations

import dataclasses
import json
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
from pages import table as aligned_table  # noqa: E402
from pages import write_page  # noqa: E402

from simclusters.commands import report as first_results  # noqa: E402

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
    count(*) as communities,
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


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """A table whose columns may be text or numbers."""
    return aligned_table(columns, rows, numbers_from=len(columns))


def section(name: str, build: Build, variables: dict[str, object], database: Path) -> tuple[list[str], dict[str, int]]:
    """The lines about one data set, and the rows of its public tables."""
    with duckdb.connect(str(database), read_only=True) as connection:

        def table(sql: str, **parameters: object) -> list[str]:
            result = connection.execute(sql, parameters or None)
            return markdown_table([column[0] for column in result.description], result.fetchall())

        def value(sql: str) -> object:
            row = connection.execute(sql).fetchone()
            return None if row is None else row[0]

        counts = {table_name: value(f'select count(*) from "{table_name}"') for table_name in build.public_tables}
        follows, eligible = (value("select count(*) from stg_follows"), value("select count(*) from producers where is_eligible"))
        overrides = {key: setting for key, setting in variables.items() if key != "input_dir"}
        slowest = sorted(build.model_seconds.items(), key=lambda item: -item[1])[:SLOWEST_SHOWN]
        lines = [
            f"## {name}",
            "",
            f"{follows:,} follows, {value('select count(*) from stg_engagements'):,} engagements, {eligible:,} eligible producers; "
            f"{counts['clusters']:,} communities hold {counts['known_for']:,} producers.",
            f"`dbt build` took {build.wall_seconds:.0f} s, {sum(build.model_seconds.values()):.0f} s of them in models, "
            f"and {build.peak_bytes / 2**30:.1f} GB. No test failed.",
            "",
            f"Vars: `{yaml.safe_dump(overrides, default_flow_style=True, width=1000).strip()}`",
            "",
            "### What is odd, and why",
            "",
            (HERE / f"{name}.odd.md").read_text().strip(),
            "",
            "### Time",
            "",
            *markdown_table(["step", "seconds"], [(step, round(taken, 2)) for step, taken in build.step_seconds().items()]),
            *markdown_table(["slowest models", "seconds"], [(model, round(taken, 2)) for model, taken in slowest]),
            "### Communities",
            "",
            *table(CLUSTER_SIZES),
            *table(first_results.LARGEST_CLUSTERS),
            "Most followed producers, and those most similar by followers:",
            "",
            *table(NEIGHBORS),
        ]
    return lines, counts


def row_counts(counts: dict[str, dict[str, int]]) -> list[str]:
    """One table with the rows of every public table, a column per data set."""
    tables = sorted({table_name for of_data_set in counts.values() for table_name in of_data_set})
    rows = [
        [f"`{table_name}`", *(f"{of[table_name]:,}" if table_name in of else None for of in counts.values())] for table_name in tables
    ]
    return ["## Rows of every public table", "", *markdown_table(["table", *counts], rows)]


@load.explains_absent_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry."""
    parser = load.command_line(__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(load.DATA_SETS)} to build again")
    parser.add_argument("--work", type=Path, default=Path("data/benchmarks"))
    parser.add_argument("--render", action="store_true", help="build nothing, write the page from what is kept")
    parser.add_argument("--output", type=Path, default=HERE / "RESULTS.md")
    options = parser.parse_args(arguments)
    lines = [
        "# What the pipeline finds in real data",
        "",
        "`benchmarks/datasets/report.py` writes this page; [README.md](README.md) says how it makes the inputs. "
        "Each build starts from an empty database, runs all tests, and builds one model at a time under a memory limit of 4 GB. "
        f"The machine: {machine()}, DuckDB {duckdb.__version__}.",
        "",
    ]
    counts: dict[str, dict[str, int]] = {}
    for name in load.DATA_SETS:
        work = (options.work / name).resolve()
        kept = work / "build.json"
        variables = yaml.safe_load((HERE / f"{name}.yml").read_text()) | {"input_dir": str(work / "inputs")}
        if not options.render and (name in options.names or not kept.is_file()):
            shutil.rmtree(work, ignore_errors=True)
            load.write_tables(load.DATA_SETS[name](options.datasets / name), work / "inputs")
            print(f"building {name}", flush=True)
            build = dbt("build", "--exclude-resource-type", "unit_test", folder=work, variables=variables)
            print(f"  {build.wall_seconds:.0f} s, {build.peak_bytes / 2**30:.1f} GB", flush=True)
            kept.write_text(json.dumps(dataclasses.asdict(build), indent=1))
        if kept.is_file():
            build = Build(**json.loads(kept.read_text()))
            of_data_set, counts[name] = section(name, build, variables, work / "simclusters.duckdb")
            lines += of_data_set
        else:
            lines += [f"## {name}", "", "Not built for this page.", ""]
    lines += row_counts(counts)
    write_page(options.output, lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
