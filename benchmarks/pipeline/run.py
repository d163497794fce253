"""The whole pipeline by size, and on inputs of a hostile shape: seconds, memory and disk, with nothing set but the inputs.

    python benchmarks/pipeline/run.py sizes [--follows 100000 1000000] [--memory-limit 8GB] [--models-at-once 4] [--keep]
    python benchmarks/pipeline/run.py hostile [--only clique components] [--memory-limit 8GB] [--models-at-once 1] [--keep]

A size is a generated network with as many engagements as follows and a user for twelve follows. A hostile case is an ordinary small
world (50 communities, 1,000 producers, 10,000 consumers) and what is hostile. Each is a `dbt run` of all models into an empty one.
The database is removed when it is measured.
"""

from __future__ import annotations

import math
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import duckdb

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from measure import Failed, command_line, dbt, exponent, machine, report, rows_of_tables, write_network  # noqa: E402  a script above

PAGE = HERE / "README.md"
GIGABYTE = 2**30
SHOWN = 15

# Consumer c follows eight of the twenty producers of its community, and favs five of their tweets.
WORLD = {
    "follows": """
        select 1000000 + c as consumer_id, 1 + c % 50 * 20 + (c // 50 * 7 + j * 3) % 20 as producer_id
        from range(10000) as consumers (c), range(8) as picks (j)
    """,
    "tweets": """
        select 1000000000 + t as tweet_id, 1 + t % 1000 as author_id, timestamp '2026-01-01' + to_minutes(t) as created_at
        from range(10000) as tweets (t)
    """,
    "engagements": """
        select
            1000000 + c as user_id, 1000000000 + c % 50 * 20 + (c // 50 * 11 + j * 7) % 20 + 1000 * (c % 10) as tweet_id,
            'fav' as engagement_type, timestamp '2026-01-08' + to_seconds(c * 5 + j) as engaged_at
        from range(10000) as consumers (c), range(5) as picks (j)
    """,
}
# Rows beside those of the world, by case and input.
MORE = {
    "a producer with 10^6 followers": {
        "follows": """
            select 10000000 + n as consumer_id, unnest([1, 2 + n % 999]) as producer_id from range(1000000) as more (n)
        """
    },
    "a consumer who follows 200,000": {
        # Of blocks of twenty producers, each with five consumers of its own.
        "follows": """
            select unnest([999999, 20000000 + n // 20 * 5, 20000001 + n // 20 * 5, 20000002 + n // 20 * 5, 20000003 + n // 20 * 5,
                20000004 + n // 20 * 5]) as consumer_id, 100000000 + n as producer_id from range(200000) as more (n)
        """
    },
    "a clique of 1,000": {
        "follows": """
            select 10000000 + a as consumer_id, 10000000 + b as producer_id
            from range(1000) as followers (a), range(1000) as followed (b) where a <> b
        """
    },
    "10^5 components": {
        "follows": """
            select 20000000 + n * 5 + a as consumer_id, 100000000 + n * 2 + b as producer_id
            from range(100000) as components (n), range(5) as consumers (a), range(2) as producers (b)
        """
    },
    "ids up to 2^63 - 1": {},
    "an author of 10^6 tweets": {
        "tweets": "select 2000000000 + n as tweet_id, 1 as author_id, timestamp '2026-01-07' + to_milliseconds(n) as created_at "
        "from range(1000000) as more (n)",
        "engagements": "select 1000000 + n % 200 * 50 as user_id, 2000000000 + n as tweet_id, 'fav' as engagement_type, "
        "timestamp '2026-01-08' + to_milliseconds(n) as engaged_at from range(1000000) as more (n)",
    },
    "a tweet with 10^6 favs": {
        "follows": "select 10000000 + n as consumer_id, 1 + n % 1000 as producer_id from range(1000000) as more (n)",
        "engagements": "select 10000000 + n as user_id, 1000000000 as tweet_id, 'fav' as engagement_type, "
        "timestamp '2026-01-08' + to_milliseconds(n) as engaged_at from range(1000000) as more (n)",
    },
}
LARGEST = 2**63 - 1
LARGE_IDS = {name: f"{LARGEST} - ({name} - 1) as {name}" for name in ("consumer_id", "producer_id", "user_id", "author_id")}
LARGE_IDS["tweet_id"] = f"{LARGEST} - (tweet_id - 1000000000) as tweet_id"


@contextmanager
def largest_folder(folder: Path) -> Iterator[list[int]]:
    """The bytes of a folder when it held the most, as the one item of a list, looked up every five seconds."""
    most, done = [0], Event()

    def watch() -> None:
        while not done.wait(5):
            held = 0
            for path in folder.rglob("*"):
                try:
                    held += path.stat().st_size
                except FileNotFoundError:
                    continue
            most[0] = max(most[0], held)

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield most
    finally:
        done.set()
        watcher.join()


def measure_size(follows: int, options) -> dict[str, dict[str, float]]:
    """Figures of one size: of the whole, seconds by model and rows by table."""
    folder = options.work.resolve() / str(follows)
    shutil.rmtree(folder, ignore_errors=True)
    start = time.monotonic()
    variables = write_network(follows, folder / "inputs")
    generated = time.monotonic() - start
    with largest_folder(folder) as most:
        limits = {"memory_limit": options.memory_limit, "at_once": options.models_at_once}
        dbt("seed", folder=folder, variables=variables, **limits)
        taken = dbt("run", folder=folder, variables=variables, **limits)
    whole = {
        "generating the data, s": generated,
        "`dbt run`, wall s": taken.wall_seconds,
        "`dbt run`, processor s": taken.cpu_seconds,
        "peak memory, GB": taken.peak_bytes / GIGABYTE,
        "database, GB": (folder / "simclusters.duckdb").stat().st_size / GIGABYTE,
        "most disk, inputs and spill included, GB": most[0] / GIGABYTE,
    }
    rows = {name: float(count or 0) for name, count in rows_of_tables(folder).items()}
    shutil.rmtree(folder)
    return {"whole": whole, "seconds": taken.model_seconds, "rows": rows}


def report_sizes(options) -> None:
    """The whole, the slowest models and the largest tables, a column per size."""
    sizes = sorted(options.follows)
    figures = [measure_size(follows, options) for follows in sizes]
    columns = [*(f"{size:,}" for size in sizes), "exponent"]

    def lines(kind: str, digits: int, names: list[str]) -> list[list[str]]:
        values = [[one[kind].get(name, math.nan) for one in figures] for name in names]
        return [
            [name, *(f"{v:,.{digits}f}" for v in row), f"{exponent(sizes, row):.2f}"] for name, row in zip(names, values, strict=True)
        ]

    def largest(kind: str) -> list[str]:
        return sorted(figures[-1][kind], key=lambda name: -figures[-1][kind][name])[:SHOWN]

    print(machine())
    report(PAGE, "## By size", ["follows", *columns], lines("whole", 1, list(figures[0]["whole"])), 1, options.keep)
    report(PAGE, "## The slowest models", ["seconds", *columns], lines("seconds", 1, largest("seconds")), 1, options.keep)
    report(PAGE, "## The largest tables", ["rows", *columns], lines("rows", 0, largest("rows")), 1, options.keep)


def write_case(case: str, folder: Path) -> str:
    """Parquet files of the inputs of a hostile case; returns their rows in words."""
    folder.mkdir(parents=True)
    rows = []
    with duckdb.connect() as connection:
        for name, world in WORLD.items():
            parts = [world, MORE[case][name]] if name in MORE[case] else [world]
            sql = "select * from (" + ") union (".join(parts) + ")"
            if not MORE[case]:
                columns = [column for (column, *_) in connection.execute(f"describe {sql}").fetchall()]
                sql = f"select {', '.join(LARGE_IDS.get(column, column) for column in columns)} from ({sql})"
            [(count,)] = connection.execute(f"copy ({sql}) to '{folder / name}.parquet'").fetchall()
            rows.append(f"{count:,} {name}")
    return ", ".join(rows)


def report_hostile(options) -> None:
    """A row per case; a case that failed says how."""
    print(machine())
    for case in MORE:
        if options.only and not any(word in case for word in options.only):
            continue
        folder = options.work.resolve() / "hostile"
        shutil.rmtree(folder, ignore_errors=True)
        row = [case, write_case(case, folder / "inputs")]
        variables, limits = {"input_dir": str(folder / "inputs")}, {"memory_limit": options.memory_limit}
        try:
            dbt("seed", folder=folder, variables=variables, **limits)
            taken = dbt("run", folder=folder, variables=variables, at_once=options.models_at_once, **limits)
            slowest = sorted(taken.model_seconds.items(), key=lambda item: -item[1])[:2]
            row += [f"{taken.cpu_seconds:.0f}", f"{taken.wall_seconds:.0f}", f"{taken.peak_bytes / GIGABYTE:.1f}"]
            row.append(", ".join(f"`{name}` {seconds:.0f} s" for name, seconds in slowest))
        except Failed as problem:
            row += ["", "", "", "fails: " + str(problem).splitlines()[-1]]
        shutil.rmtree(folder)
        columns = ["case", "rows of the inputs", "CPU s", "wall s", "peak GB", "slowest models"]
        report(PAGE, "## Hostile shapes", columns, [row], 1, options.keep)


def main() -> None:
    parser = command_line(__doc__, "pipeline")
    parser.add_argument("part", choices=["sizes", "hostile"])
    parser.add_argument("--follows", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000], help="of the sizes")
    parser.add_argument("--only", nargs="*", default=[], help="words of the names of hostile cases")
    parser.add_argument("--memory-limit", default="8GB", help="of DuckDB")
    parser.add_argument("--models-at-once", type=int, default=4)
    options = parser.parse_args()
    (report_sizes if options.part == "sizes" else report_hostile)(options)


if __name__ == "__main__":
    main()
