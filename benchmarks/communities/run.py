"""Community detection beside its peers, on planted graphs.

    python benchmarks/communities/run.py [--nodes 1000 100000] [--mixing 0.3 0.5] [--tools NAME ...] [--seed 1] [--keep]

Every tool runs in a process of its own (peers.py). The SQL engine takes minutes above 10^5 nodes. The original sampler runs when the
environment variable SBF_CLASSES names a class path with its compiled classes and their libraries.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from measure import Failed, command_line, machine, process, report  # noqa: E402  (scripts here, and in the folder above)
from peers import JAVA_CLASSES, TOOLS  # noqa: E402
from planted import planted_graph  # noqa: E402

from simclusters.communities.agreement import normalized_mutual_information  # noqa: E402

PAGE = HERE / "README.md"
# The reward w of the comparisons at one resolution; mean degree 20 and communities of 20 to 100 need about this much.
PLANTED_W = 20.0
# Tools that would take minutes above this many nodes.
MOST_NODES = {"igraph Leiden modularity": 100_000, "simclusters, SQL, k asked": 100_000}
COLUMNS = ["nodes", "mu", "tool", "planted", "found", "NMI", "ARI", "objective", "s", "cpu s", "build s", "MiB"]


def without_gaps(labels: np.ndarray) -> np.ndarray:
    """Labels 0, 1, ...; every node without a community (label below 0) becomes one of its own. int64[n]."""
    labels = np.asarray(labels, np.int64).copy()
    alone = labels < 0
    labels[alone] = labels.max(initial=-1) + 1 + np.arange(int(alone.sum()))
    return np.unique(labels, return_inverse=True)[1]


def adjusted_rand_index(planted: np.ndarray, labels: np.ndarray) -> float:
    """Both have labels without gaps."""

    def pairs(counts: np.ndarray) -> float:
        return float((counts * (counts - 1.0) / 2).sum())

    sizes = np.bincount(labels)
    shared = np.unique(planted.astype(np.int64) * len(sizes) + labels, return_counts=True)[1]
    both, by_planted, by_labels = pairs(shared), pairs(np.bincount(planted)), pairs(sizes)
    expected = by_planted * by_labels / pairs(np.array([len(labels)]))
    return (both - expected) / ((by_planted + by_labels) / 2 - expected)


def objective(source: np.ndarray, target: np.ndarray, weight: np.ndarray, labels: np.ndarray, w: float) -> float:
    """The project's objective at true-positive weight w, per edge and mean edge value, so that 1 is every edge inside.

    source, target : int64[m]   positions; labels without gaps
    """
    units = np.maximum(1, np.floor(weight * 1e6 + 0.5)).astype(np.int64)
    mean_units = int(units.sum()) // len(units)
    pair_cost = max(1, int(np.floor(mean_units / w)))
    inside = labels[source] == labels[target]
    sizes = np.bincount(labels)
    total = int(units[inside].sum()) + pair_cost * (int(inside.sum()) - int((sizes * (sizes - 1) // 2).sum()))
    return total / (len(units) * (mean_units + pair_cost))


def tools_for(names: list[str] | None, nodes: int) -> list[str]:
    available = [tool for tool in TOOLS if tool != "original sampler" or os.environ.get(JAVA_CLASSES)]
    return [tool for tool in available if (tool in names if names else nodes <= MOST_NODES.get(tool, nodes))]


def main() -> None:
    parser = command_line(__doc__, "communities")
    parser.add_argument("--nodes", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--mixing", type=float, nargs="+", default=[0.1, 0.3, 0.5, 0.7])
    parser.add_argument("--tools", nargs="+", choices=list(TOOLS), help="default: all that do not take minutes")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    print(machine())
    for nodes in options.nodes:
        for mixing in options.mixing:
            graph = planted_graph(nodes, mixing, seed=options.seed)
            np.savez(options.work / "graph.npz", source=graph.source, target=graph.target, weight=graph.weight)
            k = int(graph.planted.max()) + 1
            rows = []
            for tool in tools_for(options.tools, nodes):
                settings = json.dumps({"w": PLANTED_W, "k": k, "seed": options.seed})
                command = [sys.executable, str(HERE / "peers.py"), str(options.work / "graph.npz"), tool, settings]
                try:
                    process([*command, str(options.work / "result")], options.work / "log")
                except Failed as problem:
                    # One tool that runs out of memory does not take the others' rows with it.
                    print(f"{tool}: {problem}", flush=True)
                    continue
                facts = json.loads((options.work / "result.json").read_text())
                with np.load(options.work / "result.npz") as stored:
                    labels = without_gaps(stored["labels"])
                agreement = (normalized_mutual_information(graph.planted, labels), adjusted_rand_index(graph.planted, labels))
                reached = objective(graph.source, graph.target, graph.weight, labels, PLANTED_W)
                taken = (facts[name] for name in ("seconds", "cpu_seconds", "build_seconds"))
                found = int((np.bincount(labels) > 1).sum())
                quality = (f"{value:.4f}" for value in (*agreement, reached))
                rows.append([nodes, mixing, tool, k, found, *quality, *(f"{s:.3g}" for s in taken), round(facts["peak_mib"])])
            report(PAGE, "## Planted communities", COLUMNS, rows, 3, options.keep)


if __name__ == "__main__":
    main()
