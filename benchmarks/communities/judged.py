"""Puts other partitions of the same producers through the pipeline that judges ours.

    python benchmarks/communities/judged.py [NAME ...] [--datasets FOLDER] [--seeds 1 2 3] [--methods NAME ...] [--keep]

Names: sample, lastfm, ciao, slashdot, as in benchmarks/recommendation. A tenth of the follows is held out, and nothing is set but the
input. Each data set is built up to `producer_candidates` and `cluster_quality_summary`. Then the communities are replaced by those of
another method, everything after them runs again, and the held out follows are asked for.

The original's own code (https://github.com/twitter/sbf) is a method when SBF_CLASSES names its class path.
"""

from __future__ import annotations

import os
import random
import runpy
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

import duckdb
import igraph
import leidenalg
import numpy as np
import pyarrow as pa

HERE = Path(__file__).resolve().parent
FOLDERS = (HERE.parent, HERE.parent / "datasets", HERE.parent / "recommendation", HERE.parents[1] / "tests" / "python")
sys.path[:0] = [str(folder) for folder in FOLDERS]

import load  # noqa: E402  (scripts in other folders)
from hold_outs import build  # noqa: E402
from kernel_communities import detect  # noqa: E402
from measure import command_line, dbt, machine, query, report, with_spread  # noqa: E402

SEED = 7
DATA_SETS = ("sample", "lastfm", "ciao", "slashdot")
# Halvings of the resolution's logarithm: the number of communities is then as near as Leiden comes.
RESOLUTION_STEPS = 12
# docs/community_detection.md, "The published sampler alone".
PUBLISHED = {"community_moves": False, "true_positive_weight": 10.0, "epochs": 4, "cooling_ratio": 1.0, "greedy_epochs": 0}
FACTS = """
select
    (select max(share) from (select count(*) / sum(count(*)) over () as share from known_for_before_opt_outs group by cluster_id)),
    weighted_recall, modularity
from cluster_quality_summary
"""
RECALLS = """
select candidate_type, recall, item_coverage from candidate_recall where item_kind = 'producers' and cutoff = 20
"""
FIGURES = (
    *("producers", "communities", "largest_share", "inside", "modularity"),
    *("recall_alone", "shown_alone", "recall_default", "shown_default", "cpu_seconds"),
)
COLUMNS = [
    *("data", "method", "hold-outs", "communities", "producers", "largest share", "edges inside", "modularity"),
    *("recall@20 alone", "ours ahead by", "recall@20 default", "shown alone", "shown default", "search, CPU s"),
]
PAGE = HERE / "README.md"


class Graph(NamedTuple):
    """The similarity graph that the communities were found on, and the number of communities that was asked for."""

    source: np.ndarray  # int64[m]: producer ids
    target: np.ndarray
    weight: np.ndarray  # float64[m]
    asked: int


class Partition(NamedTuple):
    """Communities, and the CPU seconds of the search."""

    producer_ids: np.ndarray
    cluster_ids: np.ndarray
    cpu_seconds: float


Method = Callable[[Graph, int], Partition]
"""A partition of the graph; the number is how many communities ours has."""


def graph_of(folder: Path) -> Graph:
    with duckdb.connect(str(folder / "simclusters.duckdb"), read_only=True) as connection:
        edges = connection.execute(
            "select producer_id, neighbor_producer_id, edge_weight from int_community_edges order by 1, 2"
        ).fetchnumpy()
        asked = connection.execute("select max(used_number) from int_community_settings").fetchone()[0]
    return Graph(edges["producer_id"], edges["neighbor_producer_id"], edges["edge_weight"], round(asked))


def found_by_kernel(graph: Graph, **asked: Any) -> Partition:
    """What the model finds, with settings in place of its own."""
    settings = {"k": graph.asked, "is_k_estimated": True} | asked
    few = np.arange(60)
    # Reading compiled code is no part of the search.
    detect(few, few + 1, np.ones(60), **settings)
    start = time.process_time()
    found = detect(graph.source, graph.target, graph.weight, **settings)
    is_member = found.cluster_ids > 0
    return Partition(found.producer_ids[is_member], found.cluster_ids[is_member], time.process_time() - start)


def ours(graph: Graph, _: int) -> Partition:
    return found_by_kernel(graph)


def twice_as_many(graph: Graph, _: int) -> Partition:
    return found_by_kernel(graph, k=2 * graph.asked)


def published_vars(graph: Graph, _: int) -> Partition:
    return found_by_kernel(graph, **PUBLISHED)


def original(graph: Graph, count: int) -> Partition:
    """The original's code. Its number of communities is a ceiling."""
    sampler = runpy.run_path(str(HERE / "peers.py"))["original"]
    producer_ids, positions = np.unique(np.concatenate([graph.source, graph.target]), return_inverse=True)
    source, target = positions.reshape(2, -1)
    edges = {"source": source, "target": target, "weight": graph.weight}
    # As in production: communities stay whole, so that ids do.
    settings = {"maxEpoch": PUBLISHED["epochs"], "divideResultIntoConnectedComponents": "false", "minClusterSize": 1}
    labels, _, _, cpu_seconds, _ = sampler(edges, {"k": count, "w": PUBLISHED["true_positive_weight"], "sbf": settings})
    return Partition(producer_ids[labels >= 0], labels[labels >= 0] + 1, cpu_seconds)


def dealt_out(graph: Graph, _: int) -> Partition:
    """Our sizes, with the producers dealt out anew: the floor."""
    found = found_by_kernel(graph)
    return found._replace(cluster_ids=np.random.default_rng(SEED).permutation(found.cluster_ids), cpu_seconds=0.0)


def by_leiden(graph: Graph, search: Callable[[igraph.Graph, np.ndarray], list[int]]) -> Partition:
    producer_ids, positions = np.unique(np.concatenate([graph.source, graph.target]), return_inverse=True)
    built = igraph.Graph(n=len(producer_ids), edges=positions.reshape(2, -1).T)
    igraph.set_random_number_generator(random.Random(SEED))
    start = time.process_time()
    labels = np.array(search(built, graph.weight)) + 1
    return Partition(producer_ids, labels, time.process_time() - start)


def leiden_modularity(graph: Graph, _: int) -> Partition:
    return by_leiden(
        graph, lambda built, weight: built.community_leiden("modularity", weights=weight.tolist(), n_iterations=-1).membership
    )


def leiden_cpm(graph: Graph, count: int) -> Partition:
    """Bisects the resolution until there are as many communities as ours."""

    def search(built: igraph.Graph, weight: np.ndarray) -> list[int]:
        low, high = 1e-6, float(weight.max())
        best: Any = None
        for _ in range(RESOLUTION_STEPS):
            resolution = float(np.sqrt(low * high))
            found = leidenalg.find_partition(
                built,
                leidenalg.CPMVertexPartition,
                weights=weight.tolist(),
                resolution_parameter=resolution,
                n_iterations=2,
                seed=SEED,
            )
            if best is None or abs(len(found) - count) < abs(len(best) - count):
                best = found
            if len(found) == count:
                break
            low, high = (resolution, high) if len(found) < count else (low, resolution)
        return best.membership

    return by_leiden(graph, search)


METHODS: dict[str, Method] = {
    "ours": ours,
    "ours, twice as many": twice_as_many,
    "published sampler, our vars": published_vars,
    "published sampler, its code": original,
    "Leiden, modularity": leiden_modularity,
    "Leiden, CPM, our number": leiden_cpm,
    "random, our sizes": dealt_out,
}


def replace_communities(folder: Path, partition: Partition) -> None:
    """Writes a partition where the kernel writes its own."""
    rows = pa.table({"producer_id": partition.producer_ids.astype(np.int64), "cluster_id": partition.cluster_ids.astype(np.int64)})
    with duckdb.connect(str(folder / "simclusters.duckdb")) as connection:
        connection.register("partition", rows)
        connection.execute("delete from int_communities")
        connection.execute("insert into int_communities select as_of, producer_id, cluster_id from partition cross join stg_as_of")


def run(name: str, hold_out: str, datasets: Path, work: Path, methods: Sequence[str]) -> dict[str, dict[str, float]]:
    """Builds one hold-out, then judges the partition of each method: figures by method."""
    folder = (work / f"{name}_{hold_out}").resolve()
    _, variables = build(name, hold_out, datasets, folder, {}, ["cluster_quality_summary"])
    graph = graph_of(folder)
    our_count = len(np.unique(ours(graph, 0).cluster_ids))
    found = {}
    for method in methods:
        partition = METHODS[method](graph, our_count)
        replace_communities(folder, partition)
        after = (f"int_communities+,+{goal}" for goal in ("candidate_recall", "cluster_quality_summary"))
        dbt("run", "--select", *after, "--exclude", "int_communities", folder=folder, variables=variables)
        recalls = {candidate_type: figures for candidate_type, *figures in query(folder, RECALLS)}
        counts = (len(partition.producer_ids), len(np.unique(partition.cluster_ids)))
        values = (*counts, *query(folder, FACTS)[0], *recalls["plain"], *recalls["default"], partition.cpu_seconds)
        found[method] = dict(zip(FIGURES, values, strict=True))
    return found


def rows_of(name: str, found: list[dict[str, dict[str, float]]]) -> list[list[object]]:
    """A row per method: means over hold-outs, the spread of the recall, and how far ours is ahead in the same ones."""
    rows = []
    for method in found[0]:
        mine = {column: [figures[method][column] for figures in found] for column in FIGURES}
        ahead = [figures["ours"]["recall_alone"] - figures[method]["recall_alone"] for figures in found] if "ours" in found[0] else []
        rows.append(
            [
                *(name, method, len(found)),
                *(f"{mean(mine[column]):,.0f}" for column in ("communities", "producers")),
                *(f"{mean(mine[column]):.3f}" for column in ("largest_share", "inside", "modularity")),
                with_spread(mine["recall_alone"]),
                with_spread(ahead) if ahead and method != "ours" else "",
                with_spread(mine["recall_default"]),
                *(f"{mean(mine[column]):.3f}" for column in ("shown_alone", "shown_default")),
                f"{mean(mine['cpu_seconds']):.1f}",
            ]
        )
    return rows


@load.explains_absent_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry."""
    parser = command_line(__doc__, "judged")
    parser.add_argument("names", nargs="*", choices=[[], *DATA_SETS], help="default all")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--methods", nargs="+", choices=[*METHODS], help="default all; the original's code needs SBF_CLASSES")
    options = parser.parse_args(arguments)
    available = [name for name in METHODS if METHODS[name] is not original or os.environ.get("SBF_CLASSES")]
    print(machine())
    for name in options.names or DATA_SETS:
        found = [run(name, str(seed), options.datasets, options.work, options.methods or available) for seed in options.seeds]
        report(PAGE, "## Partitions, judged by the same pipeline", COLUMNS, rows_of(name, found), 2, options.keep)
    return 0


if __name__ == "__main__":
    sys.exit(main())
