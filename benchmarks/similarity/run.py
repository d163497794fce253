"""Measures producer similarity on a generated graph of 4 million follows, and its sampling on real graphs; writes RESULTS.md.

    python benchmarks/similarity/run.py [engines statements sampling memory] [--work FOLDER]

Every contestant and every experiment is a process of its own (statements.py, or dbt). Figures of a part stay in the work folder;
a part that is named is measured again, and RESULTS.md is written from all that is there. SIMCLUSTERS_DATASETS names the folder
of the real graphs; without it they are left out.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from measure import Process, dbt, machine, process, query  # noqa: E402  (a script beside this one)
from pages import table, write_page  # noqa: E402
from statements import GROUPINGS, RANKINGS  # noqa: E402

from simclusters.sample.parameters import SampleParameters  # noqa: E402
from simclusters.sample.writing import write_sample  # noqa: E402

# 131 million pairs of eligible producers with a common follower; consumers follow 55 each.
GRAPH = SampleParameters(users=72_000, follows=4_000_000, engagements=72_000)
SHARED = ["int_similarity_producers", "int_similarity_follows"]
SQL = [*SHARED, "int_producer_pairs", "int_producer_neighbors"]
KERNEL = [*SHARED, "int_producer_neighbors"]
CAPS = [1000, 2000, 5000, 10000, 20000]
# Most followed producers of the real graphs have 2,500 and 100 followers.
REAL_GRAPHS = {"snap_slashdot0902": [100, 200, 500, 1000], "ciao": [20, 50, 80]}
NEAREST = 20
GIGABYTE = 2**30


def figures_of(measured: Process) -> dict[str, Any]:
    """Seconds, memory and what the process said."""
    if measured.exit_code != 0:
        raise RuntimeError(measured.output)
    return {
        "wall": measured.wall_seconds,
        "cpu": measured.cpu_seconds,
        "peak": measured.peak_bytes,
        "said": measured.output.splitlines()[-1].strip("'\""),
    }


def statement(name: str, folder: Path) -> dict[str, Any]:
    """One contestant or experiment of statements.py."""
    return figures_of(process([sys.executable, str(HERE / "statements.py"), name, str(folder)], folder / "statement.log"))


@functools.cache
def idle_cpu(folder: Path, view: str) -> float:
    """Processor seconds of dbt itself: of a run that makes one view."""
    return dbt("run", "--no-partial-parse", "--select", view, folder=folder, variables={}).cpu_seconds


def models(names: Sequence[str], folder: Path, variables: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Runs models with dbt: seconds of the models alone, processor seconds without those of dbt itself."""
    engine = "sql" if "int_producer_pairs" in names else "kernel"
    arguments = ("run", "--no-partial-parse", "--select", *names)
    build = dbt(*arguments, folder=folder, variables=variables | {"engines": {"similarity": engine}}, **options)
    return {
        "wall": sum(build.model_seconds.values()),
        "cpu": build.cpu_seconds - idle_cpu(folder, "stg_as_of"),
        "peak": build.peak_bytes,
        "models": build.model_seconds,
    }


def graph(folder: Path, inputs: Path) -> dict[str, Any]:
    """Builds the tables that similarity starts from; returns the vars."""
    variables = {"input_dir": str(inputs)}
    if not (folder / "simclusters.duckdb").is_file():
        dbt("seed", folder=folder, variables=variables)
        dbt("run", "--select", "+int_producer_neighbors", folder=folder, variables=variables)
    return variables


def generated_graph(work: Path) -> tuple[Path, dict[str, Any]]:
    """Folder and vars of the generated graph."""
    inputs = (work / "inputs").resolve()
    if not inputs.is_dir():
        write_sample(GRAPH, inputs, "parquet")
    folder = (work / "generated").resolve()
    return folder, graph(folder, inputs)


def measure_engines(work: Path) -> dict[str, Any]:
    """The four ways to the hundred nearest of every producer."""
    folder, variables = generated_graph(work)
    statement("prepare", folder)
    measured = {"plain": statement("plain", folder)}
    tables = {}
    for name, names in (("sql", SQL), ("kernel", KERNEL)):
        measured[name] = models(names, folder, variables)
        rows = query(folder, "select count(*), sum(cosine_similarity) from int_producer_neighbors")[0]
        measured[name]["said"] = f"{rows[0]} {rows[1]:.6f}"
        # Both engines fill the same table.
        tables[name] = folder / f"neighbors_{name}.parquet"
        query(folder, f"copy int_producer_neighbors to '{tables[name]}'")
    measured["sparse_dot_topn"] = statement("sparse_dot_topn", folder)
    apart = query(folder, f"select count(*) from (from '{tables['sql']}' except from '{tables['kernel']}')")
    return {"ways": measured, "rows_apart": apart[0][0]}


def measure_statements(work: Path) -> dict[str, Any]:
    """The experiments."""
    folder, _ = generated_graph(work)
    statement("prepare", folder)
    return {name: statement(name, folder) for name in [*GROUPINGS, *RANKINGS]}


def accuracy(folder: Path) -> dict[str, float]:
    """Recall of the exact nearest, and errors of the cosines, of int_producer_neighbors against the table `exact`."""
    rows = query(
        folder,
        f"""
        with sampled as (
            select *, row_number() over (
                partition by producer_id order by round(cosine_similarity, 10) desc, neighbor_producer_id
            ) as neighbor_rank
            from int_producer_neighbors
        )
        select
            avg(case when exact.neighbor_rank <= {NEAREST}
                then case when sampled.neighbor_rank <= {NEAREST} then 1.0 else 0.0 end end),
            avg(abs(sampled.cosine_similarity - exact.cosine_similarity)),
            max(abs(sampled.cosine_similarity - exact.cosine_similarity)),
            avg(sampled.cosine_similarity - exact.cosine_similarity)
        from exact_neighbors as exact
        left join sampled using (producer_id, neighbor_producer_id)
        """,
    )
    return dict(zip(("recall", "mean_error", "largest_error", "bias"), rows[0], strict=True))


def measure_sampling(work: Path) -> dict[str, Any]:
    """Time and accuracy by follower cap; 0 is exact. Both engines give the same rows, so the kernel's are compared."""
    graphs = {"generated": (*generated_graph(work), CAPS)}
    datasets = os.environ.get("SIMCLUSTERS_DATASETS")
    for name, caps in REAL_GRAPHS.items() if datasets else ():
        folder = (work / name).resolve()
        graphs[name] = (folder, graph(folder, Path(datasets, name).resolve()), caps)
    measured: dict[str, Any] = {}
    for name, (folder, variables, caps) in graphs.items():
        largest, count, follows = query(
            folder, "select max(follower_count), count(*), sum(follower_count) from int_similarity_producers"
        )[0]
        measured[name] = {"largest": largest, "producers": count, "follows": int(follows), "caps": {}}
        for cap in [0, *(cap for cap in caps if cap < largest)]:
            sampled = variables | {"similarity_follower_cap": cap}
            # Both engines give the same rows; what the SQL takes is of interest where there is something to do.
            figures = {"kernel": models(KERNEL, folder, sampled)} | (
                {"sql": models(SQL, folder, sampled)} if name == "generated" else {}
            )
            if cap == 0:
                with duckdb.connect(str(folder / "simclusters.duckdb")) as connection:
                    connection.execute(
                        "create or replace table exact_neighbors as select *, row_number() over (partition by producer_id "
                        "order by round(cosine_similarity, 10) desc, neighbor_producer_id) as neighbor_rank "
                        "from int_producer_neighbors"
                    )
            measured[name]["caps"][str(cap)] = (
                figures
                | accuracy(folder)
                | {
                    "follows": query(folder, "select count(*) from int_similarity_follows")[0][0],
                    "cut": query(folder, "select count(*) from int_similarity_producers where sampled_share < 1")[0][0],
                }
            )
        # Back to exact, for the other parts.
        models(SHARED, folder, variables)
    return measured


def measure_memory(work: Path) -> dict[str, Any]:
    """The SQL engine under memory limits: time, resident memory, and the disk that it needs beside the finished database."""
    folder, variables = generated_graph(work)
    measured = {}
    for limit in ("2GB", "500MB", "200MB"):
        spilled, over = [0], threading.Event()

        def watch(spilled: list[int] = spilled, over: threading.Event = over) -> None:
            while not over.wait(0.1):
                files = (folder / "simclusters.duckdb.tmp").glob("*")
                spilled[0] = max(spilled[0], sum(file.stat().st_size for file in files if file.exists()))

        watcher = threading.Thread(target=watch)
        watcher.start()
        measured[limit] = models(SQL, folder, variables, memory_limit=limit)
        over.set()
        watcher.join()
        measured[limit] |= {"spilled": spilled[0], "database": (folder / "simclusters.duckdb").stat().st_size}
    return measured


def seconds(figures: dict[str, Any]) -> list[str]:
    """Wall and processor seconds, peak memory."""
    return [f"{figures['wall']:.1f}", f"{figures['cpu']:.1f}", f"{figures['peak'] / GIGABYTE:.2f}"]


def engine_lines(measured: dict[str, Any]) -> list[str]:
    names = {
        "plain": "one plain `group by` in DuckDB",
        "sql": "`engine: sql`",
        "kernel": "`engine: kernel`",
        "sparse_dot_topn": "sparse_dot_topn",
    }
    peer = measured["ways"]["sparse_dot_topn"]["cpu"]
    return [
        "## From follows to the hundred nearest",
        "",
        "Each reads the table of eligible follows and leaves a table of neighbours. Seconds of the two engines are those of their "
        "models, without dbt's own start, and include the positions of producers and the sorted follows. "
        f"Rows of the two engines that differ: {measured['rows_apart']}.",
        "",
        *table(
            ["", "wall s", "processor s", "peak GB", "processor / peer", "rows and sum of cosines"],
            [[names[name], *seconds(one), f"{one['cpu'] / peer:.1f}", one["said"]] for name, one in measured["ways"].items()],
        ),
        *table(["model", "wall s"], [[model, f"{value:.1f}"] for model, value in measured["ways"]["sql"]["models"].items()]),
    ]


def statement_lines(measured: dict[str, Any]) -> list[str]:
    rows = []
    for name, (what, _, _, size) in GROUPINGS.items():
        buckets, distinct, pairs = (int(part) for part in measured[name]["said"].split())
        rate = pairs / measured[name]["cpu"] / 1e6
        rows.append([what, f"{size / 1e6:g} M", buckets, f"{distinct:,}", *seconds(measured[name]), f"{rate:.1f}"])
    return [
        "## Experiments with the grouping",
        "",
        "Pairs counted per bucket and thrown away: no scores, no threshold, no ranking.",
        "",
        *table(["statement", "bucket", "buckets", "groups", "wall s", "processor s", "peak GB", "M pairs per processor s"], rows),
        "Ranking of the stored pairs; as shipped it is the model `int_producer_neighbors` above:",
        "",
        *table(
            ["statement", "wall s", "processor s", "peak GB"], [[RANKINGS[name][0], *seconds(measured[name])] for name in RANKINGS]
        ),
    ]


def sampling_lines(measured: dict[str, Any]) -> list[str]:
    columns = ["cap", "sampled producers", "follows", "sql, processor s", "kernel, processor s"]
    columns += ["recall", "mean error", "largest", "bias"]
    lines = ["## Sampling the followers of hubs", ""]
    for name, one in measured.items():
        rows = []
        for cap, figures in one["caps"].items():
            sql = f"{figures['sql']['cpu']:.1f}" if "sql" in figures else ""
            sizes = [f"{figures['cut']:,}", f"{figures['follows']:,}", sql, f"{figures['kernel']['cpu']:.1f}"]
            errors = [f"{figures['recall']:.4f}", f"{figures['mean_error']:.5f}", f"{figures['largest_error']:.3f}"]
            rows.append([cap if int(cap) else "none", *sizes, *errors, f"{figures['bias']:+.5f}"])
        lines += [
            f"{name}: {one['follows']:,} follows of {one['producers']:,} eligible producers, "
            f"the most followed has {one['largest']:,}. "
            f"Recall of the exact {NEAREST} nearest; error of the cosine over the exact hundred nearest that are still found.",
            "",
            *table(columns, rows),
        ]
    return lines


def memory_lines(measured: dict[str, Any]) -> list[str]:
    columns = ["memory_limit", "wall s", "processor s", "peak GB", "spilled at most, GB", "database, GB"]
    rows = [
        [limit, *seconds(one), f"{one['spilled'] / GIGABYTE:.2f}", f"{one['database'] / GIGABYTE:.2f}"]
        for limit, one in measured.items()
    ]
    return ["## Memory and disk of the SQL engine", "", *table(columns, rows)]


# What is measured, and what is said of it.
PARTS = {
    "engines": (measure_engines, engine_lines),
    "statements": (measure_statements, statement_lines),
    "sampling": (measure_sampling, sampling_lines),
    "memory": (measure_memory, memory_lines),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="parts to measure; none: those without figures")
    parser.add_argument("--work", type=Path, default=Path("data/benchmarks/similarity"))
    parser.add_argument("--output", type=Path, default=HERE)
    options = parser.parse_args(arguments)
    options.work.mkdir(parents=True, exist_ok=True)
    kept = options.work / "figures.json"
    figures = json.loads(kept.read_text()) if kept.is_file() else {}
    for part in options.parts or [part for part in PARTS if part not in figures]:
        print(f"measuring {part}", flush=True)
        figures[part] = PARTS[part][0](options.work)
        figures.setdefault("load", {})[part] = os.getloadavg()[1]
        # Through JSON also the first time, so that a pair reads the same.
        kept.write_text(json.dumps(figures, indent=1, default=float))
        figures = json.loads(kept.read_text())
    loads = ", ".join(f"{part} {load:.1f}" for part, load in figures["load"].items())
    lines = [
        "# Producer similarity",
        "",
        f"`benchmarks/similarity/run.py` wrote this page on {machine()}, DuckDB {duckdb.__version__}, numpy {np.__version__}, "
        "two threads. "
        f"Generated graph: {GRAPH.follows:,} follows of {GRAPH.users:,} users. "
        f"Load averages after each part (2 means two busy cores): {loads}.",
        "",
    ]
    for part, (_, write) in PARTS.items():
        lines += write(figures[part]) if part in figures else []
    write_page(options.output / "RESULTS.md", lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
