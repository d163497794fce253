"""Community detection against its peers, on planted graphs and on real ones.

    python benchmarks/communities/run.py planted --nodes 1000 10000 100000 1000000 --mixing 0.1 0.3 0.5 0.7
    python benchmarks/communities/run.py real --follows slashdot=FOLDER/follows.parquet
    python benchmarks/communities/run.py report

`planted` and `real` replace the rows of the graphs they run in planted.csv and real.csv beside this file; `report` writes
RESULTS.md and results.png from the two. Every tool runs in a process of its own. The original sampler runs when the
environment variable SBF_CLASSES names a class path with its compiled classes and their libraries.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))

from generator import planted_graph  # noqa: E402  scripts beside this one, and in the folder above
from metrics import agreement_with, found_count, objective, without_gaps  # noqa: E402
from pages import keep_row, read_rows  # noqa: E402
from peers import JAVA_CLASSES, TOOLS  # noqa: E402
from similarity import similarity_graph  # noqa: E402

# The reward w of the comparisons at one resolution; mean degree 20 and communities of 20 to 100 need about this much.
PLANTED_W = 20.0
REAL_W = (3.0, 10.0, 30.0)
# Mean communities that are asked for on real graphs, in producers.
REAL_SIZES = (15, 30, 100)
# Tools that would take minutes above this many nodes.
MOST_NODES = {"leidenalg CPM": 100_000, "igraph Leiden modularity": 100_000}
PLANTED_COLUMNS = [
    *("nodes", "edges", "mixing", "k", "tool", "runs", "found", "nmi", "ari", "f1", "objective", "unassigned"),
    *("build_seconds", "seconds", "cpu_seconds", "peak_mib"),
]
REAL_COLUMNS = [
    *("graph", "weights", "nodes", "edges", "w", "k", "tool", "found", "largest_share", "unassigned", "objective"),
    *("build_seconds", "seconds", "cpu_seconds", "peak_mib", "reason"),
]


def run_tool(graph_file: Path, tool: str, options: dict, repeats: int = 1) -> tuple[np.ndarray, dict]:
    """Labels of the last run, and the facts of the run with the least time."""
    best: dict = {}
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            output = Path(folder) / "result"
            command = [sys.executable, str(HERE / "peers.py"), str(graph_file), tool, json.dumps(options), str(output)]
            if subprocess.run(command).returncode:
                raise RuntimeError(f"{tool} failed; its message is above")
            facts = json.loads(output.with_suffix(".json").read_text())
            with np.load(output.with_suffix(".npz")) as stored:
                labels = stored["labels"]
        if not best or facts["seconds"] < best["seconds"]:
            best = facts
    return labels, best


def tools_for(names: list[str] | None, nodes: int) -> list[str]:
    available = [tool for tool in TOOLS if tool != "original sampler" or os.environ.get(JAVA_CLASSES)]
    return [t for t in available if (names is None or t in names) and nodes <= MOST_NODES.get(t, nodes)]


def run_planted(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for nodes in options.nodes:
            for mixing in options.mixing:
                graph = planted_graph(nodes, mixing, weighted=options.weighted, seed=options.seed)
                graph_file = Path(folder) / "graph.npz"
                np.savez(graph_file, source=graph.source, target=graph.target, weight=graph.weight)
                k = int(graph.planted.max()) + 1
                for tool in tools_for(options.tools, nodes):
                    settings = {"w": PLANTED_W, "k": k, "seed": options.seed}
                    try:
                        labels, facts = run_tool(graph_file, tool, settings, options.repeats)
                    except RuntimeError as failure:
                        # One tool that runs out of memory does not take the others' rows with it.
                        print(f"no row: {failure}", flush=True)
                        continue
                    row = {
                        "nodes": nodes,
                        "edges": len(graph.source),
                        "mixing": mixing,
                        "k": k,
                        "tool": tool,
                        "runs": options.repeats,
                        "found": found_count(labels),
                        "objective": objective(graph.source, graph.target, graph.weight, labels, PLANTED_W),
                        "unassigned": float(np.mean(labels < 0)),
                        **agreement_with(graph.planted, labels),
                        **facts,
                    }
                    keep_row(HERE / "planted.csv", PLANTED_COLUMNS, row, ("nodes", "mixing", "tool"))


def run_real(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for named in options.follows:
            name, follows_file = named.split("=", 1)
            for weights in ("cosine", "squared"):
                source, target, weight = similarity_graph(follows_file, squared=weights == "squared")
                graph_file = Path(folder) / "graph.npz"
                np.savez(graph_file, source=source, target=target, weight=weight)
                nodes = int(max(source.max(), target.max())) + 1
                given = ["simclusters, w given", "igraph Leiden CPM", "leidenalg CPM"]
                asked = ["simclusters, k asked", "original sampler"]
                jobs = [(tool, w, None) for w in REAL_W for tool in given]
                jobs += [(tool, 10.0, nodes // size) for size in REAL_SIZES for tool in asked]
                for tool, w, k in jobs:
                    if tool not in tools_for(options.tools, nodes):
                        continue
                    try:
                        labels, facts = run_tool(graph_file, tool, {"w": w, "k": k, "seed": options.seed})
                    except RuntimeError as failure:
                        print(f"no row: {failure}", flush=True)
                        continue
                    sizes = np.bincount(without_gaps(labels))
                    judged_at = facts.get("w_found", w)
                    row = {
                        "graph": name,
                        "weights": weights,
                        "nodes": nodes,
                        "edges": len(source),
                        "w": judged_at,
                        "k": k or "",
                        "tool": tool,
                        "found": int((sizes > 1).sum()),
                        "largest_share": sizes.max() / nodes,
                        "unassigned": float((sizes == 1).sum() / nodes),
                        "objective": objective(source, target, weight, labels, judged_at),
                        **facts,
                    }
                    key = ("graph", "weights", "k", "tool") if k else ("graph", "weights", "w", "k", "tool")
                    keep_row(HERE / "real.csv", REAL_COLUMNS, row, key)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    planted = commands.add_parser("planted", help="LFR-like graphs")
    planted.add_argument("--nodes", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    planted.add_argument("--mixing", type=float, nargs="+", default=[0.1, 0.3, 0.5, 0.7])
    planted.add_argument("--weighted", action="store_true", help="gamma weights instead of 1")
    planted.add_argument("--repeats", type=int, default=1, help="runs of each tool; the fastest counts")
    real = commands.add_parser("real", help="similarity graphs of follows")
    real.add_argument("--follows", nargs="+", required=True, metavar="NAME=FILE", help="Parquet: consumer_id, producer_id")
    for command in (planted, real):
        command.add_argument("--tools", nargs="+", choices=list(TOOLS), help="default: all")
        command.add_argument("--seed", type=int, default=1)
    commands.add_parser("report", help="RESULTS.md and results.png from the CSV files")
    return parser.parse_args()


def main() -> None:
    options = parse_arguments()
    if options.command == "planted":
        run_planted(options)
    elif options.command == "real":
        run_real(options)
    else:
        from report import write_report

        write_report(read_rows(HERE / "planted.csv"), read_rows(HERE / "real.csv"), HERE)


if __name__ == "__main__":
    main()
