"""Builds the whole pipeline on inputs of a hostile shape, each in a process of its own, and writes RESULTS.md.

    python benchmarks/hostile/run.py [--only clique components] [--work FOLDER] [--memory-limit 8GB]

Each case is an ordinary small world (50 communities, 1,000 producers, 10,000 consumers) and what is hostile. Figures stay in the work
folder, so cases can be run one by one.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from measure import BuildFailed, dbt, machine, query  # noqa: E402  (scripts in the folder above)
from pages import table, write_page  # noqa: E402

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
COUNTED = [
    "int_eligible_follows",
    "known_for",
    "clusters",
    "interested_in",
    "producer_embeddings",
    "tweet_embeddings",
    "tweet_candidates",
]


def write_inputs(case: str, folder: Path) -> dict[str, int]:
    """Parquet files of the inputs; returns their rows by name."""
    folder.mkdir(parents=True)
    rows = {}
    with duckdb.connect() as connection:
        for name, world in WORLD.items():
            parts = [world, MORE[case][name]] if name in MORE[case] else [world]
            sql = "select * from (" + ") union (".join(parts) + ")"
            if not MORE[case]:
                columns = [column for (column, *_) in connection.execute(f"describe {sql}").fetchall()]
                sql = f"select {', '.join(LARGE_IDS.get(column, column) for column in columns)} from ({sql})"
            [(rows[name],)] = connection.execute(f"copy ({sql}) to '{folder / name}.parquet'").fetchall()
    return rows


def measure(case: str, work: Path, memory_limit: str) -> dict:
    shutil.rmtree(work, ignore_errors=True)
    rows = write_inputs(case, work / "inputs")
    variables = {"input_dir": str(work / "inputs")}
    figures = {"rows": rows, "memory_limit": memory_limit, "load_average": os.getloadavg()[1]}
    try:
        build = dbt("run", folder=work, variables=variables, memory_limit=memory_limit)
    except BuildFailed as problem:
        return figures | {"problem": str(problem)}
    slowest = sorted(build.model_seconds.items(), key=lambda item: -item[1])[:5]
    figures |= {
        "wall_seconds": build.wall_seconds,
        "cpu_seconds": build.cpu_seconds,
        "peak_bytes": build.peak_bytes,
        "slowest": slowest,
    }
    return figures | {"built": {name: query(work, f"select count(*) from {name}")[0][0] for name in COUNTED}}


def page(results: dict[str, dict]) -> list[str]:
    """Lines of the page; a case that failed says how."""
    rows = []
    for case, figures in results.items():
        inputs = ", ".join(f"{count:,} {name}" for name, count in figures["rows"].items())
        if "problem" in figures:
            rows.append([case, inputs, "", "", "", "fails: " + figures["problem"].splitlines()[-1]])
            continue
        slowest = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in figures["slowest"][:2])
        seconds = [f"{figures[name]:.0f}" for name in ("cpu_seconds", "wall_seconds")]
        rows.append([case, inputs, *seconds, f"{figures['peak_bytes'] / 2**30:.1f} GB", slowest])
    limits = sorted({figures["memory_limit"] for figures in results.values()})
    load = max(figures["load_average"] for figures in results.values())
    return [
        *("# Hostile shapes", "", "Written by `python benchmarks/hostile/run.py`; do not edit.", ""),
        f"`dbt run` of the whole project into an empty database: {machine()}, `SIMCLUSTERS_MEMORY_LIMIT` {', '.join(limits)},",
        "two threads, one model at a time. The kernels run, as by default. Memory is that of the whole process.",
        f"The load of the machine was up to {load:.1f}. Where that is above two, wall seconds are upper bounds.",
        "",
        *table(["case", "rows of the inputs", "CPU s", "wall s", "peak memory", "slowest models"], rows, numbers_from=2),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", default=[], help="words of the names of cases")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "simclusters-hostile")
    parser.add_argument("--memory-limit", default="8GB")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    kept = options.work / "results.json"
    results = json.loads(kept.read_text()) if kept.exists() else {}
    for number, case in enumerate(MORE):
        if options.only and not any(word in case for word in options.only):
            continue
        results[case] = measure(case, options.work / str(number), options.memory_limit)
        shutil.rmtree(options.work / str(number) / "inputs")
        (options.work / str(number) / "simclusters.duckdb").unlink(missing_ok=True)
        kept.write_text(json.dumps(results))
        print(case, json.dumps(results[case], indent=1), flush=True)
    in_order = {case: results[case] for case in MORE if case in results}
    write_page(HERE / "RESULTS.md", page(in_order))


if __name__ == "__main__":
    main()
