"""The SQL engine with its community moves on a planted graph, beside the kernel: seconds, memory, quality.

    python benchmarks/communities/sql_engine.py --nodes 100000 --mixing 0.5 --memory-limit 4GB

Builds the graph of run.py (the same seed, so the same graph), runs the materialization `community_sweeps` on it in a project of its
own on DuckDB, and adds a row to sql_engine.csv in place of the one with the same nodes, mixing, asked and memory limit. Seconds are
those of the whole `dbt run`, start of Python included; the kernel gets the same settings, its seconds leave out compiling.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

HERE = Path(__file__).resolve().parent
# At the end, since both folders have modules named similarity.
sys.path += [str(HERE.parent), str(HERE.parents[1]), str(HERE.parents[1] / "tests" / "python")]

import duckdb  # noqa: E402  the path above is what the next imports need
from generator import planted_graph  # noqa: E402
from kernel_communities import SWEEPS, detect  # noqa: E402
from metrics import found_count, without_gaps  # noqa: E402
from pages import keep_row  # noqa: E402
from run import PLANTED_W  # noqa: E402
from tests.python.communities.sql.project import EDGE_SCHEMA, CommunitiesProject  # noqa: E402

from simclusters.communities.agreement import normalized_mutual_information  # noqa: E402

AS_OF = "2026-01-01"
COLUMNS = [
    *("nodes", "edges", "mixing", "asked", "planted", "memory_limit", "quiet"),
    *("sql_seconds", "sql_cpu_seconds", "sql_peak_mib", "sql_found", "sql_nmi"),
    *("kernel_seconds", "kernel_found", "kernel_nmi", "nmi_of_the_two"),
]


def run_sql(graph, settings: dict, memory_limit: str) -> tuple[np.ndarray, dict[str, float]]:
    """Labels by node from 0, -1 for none, and what the run of dbt took."""
    with tempfile.TemporaryDirectory() as folder:
        project = CommunitiesProject(Path(folder), memory_limit)
        columns = [pa.array(["planted"] * len(graph.source)), graph.source, graph.target, graph.weight]
        project.write_edge_table(pa.table(columns, schema=EDGE_SCHEMA))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.monotonic()
        process = project.start({"planted": {"as_of": AS_OF, "community_moves": True, **settings}})
        log, _ = process.communicate()
        seconds = time.monotonic() - start
        if process.returncode:
            sys.exit(log)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        print("\n".join(line for line in log.splitlines() if "planted: " in line))
        with duckdb.connect(str(project.database), read_only=True) as connection:
            found = connection.execute("select producer_id, cluster_id from planted").fetchnumpy()
    labels = np.full(len(graph.planted), -1)
    labels[found["producer_id"]] = found["cluster_id"] - 1
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return labels, {"sql_seconds": seconds, "sql_cpu_seconds": cpu, "sql_peak_mib": after.ru_maxrss / 1024}


def run_kernel(graph, settings: dict) -> tuple[np.ndarray, float]:
    """Labels by node from 0, -1 for none, and seconds."""
    options = {("k" if name == "communities_k" else name): value for name, value in settings.items()}
    options["true_positive_weight"] = options["true_positive_weight"] or None
    small = np.arange(60)
    detect(small, small + 1, np.ones(60), true_positive_weight=10)
    found = detect(graph.source, graph.target, graph.weight, **options)
    labels = np.full(len(graph.planted), -1)
    labels[found.producer_ids] = found.cluster_ids - 1
    return labels, found.report.seconds


def measure(options: argparse.Namespace) -> dict[str, object]:
    graph = planted_graph(options.nodes, options.mixing, seed=1)
    k = int(graph.planted.max()) + 1
    settings = SWEEPS | {"communities_k": k, "true_positive_weight": PLANTED_W if options.asked == "w" else 0}
    from_sql, facts = run_sql(graph, settings, options.memory_limit)
    from_kernel, kernel_seconds = run_kernel(graph, settings)
    sql_labels, kernel_labels = without_gaps(from_sql), without_gaps(from_kernel)
    return facts | {
        "nodes": options.nodes,
        "edges": len(graph.source),
        "mixing": options.mixing,
        "asked": options.asked,
        "planted": k,
        "memory_limit": options.memory_limit,
        "quiet": "yes" if options.quiet else "no",
        "sql_found": found_count(from_sql),
        "sql_nmi": normalized_mutual_information(graph.planted, sql_labels),
        "kernel_seconds": kernel_seconds,
        "kernel_found": found_count(from_kernel),
        "kernel_nmi": normalized_mutual_information(graph.planted, kernel_labels),
        "nmi_of_the_two": normalized_mutual_information(kernel_labels, sql_labels),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=100_000)
    parser.add_argument("--mixing", type=float, default=0.5)
    parser.add_argument("--asked", choices=("k", "w"), default="k", help="number of communities, or the resolution")
    parser.add_argument("--memory-limit", default="4GB", help="of DuckDB")
    parser.add_argument("--quiet", action="store_true", help="the machine does nothing else: noted in the row")
    key = ("nodes", "mixing", "asked", "memory_limit")
    keep_row(HERE / "sql_engine.csv", COLUMNS, measure(parser.parse_args()), key)


if __name__ == "__main__":
    main()
