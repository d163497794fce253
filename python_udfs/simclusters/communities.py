"""Community detection on a weighted similarity graph: one community, or none, for each producer.

The rules are on the page docs/community_detection.md. The result is the same for any number of threads and any order of
the edges.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from simclusters import kernels
from simclusters.sparse_graph import SparseGraph, as_ids, build_sparse_graph

# Below this many edges a second thread costs more than it brings.
EDGES_PER_THREAD = 20_000


@dataclass
class CommunityReport:
    """What a run did. Objectives are in edge-weight units, exact.

    objective_by_epoch : the objective at the start and after every epoch
    moves_by_epoch : producers that changed their community in each epoch
    epochs : epochs done
    seconds : time of the whole call
    communities_asked : k, or None
    communities_found : communities of at least two producers
    true_positive_weight : symbol w of the run, asked or chosen
    pair_cost : units that one unconnected pair inside a community costs (symbols g / w)
    mean_units : mean edge weight in units (symbol g)
    largest_community : producers in the largest community
    unassigned : producers that are in no community
    reason : one sentence on how the number of communities came about
    """

    objective_by_epoch: list[int] = field(default_factory=list)
    moves_by_epoch: list[int] = field(default_factory=list)
    epochs: int = 0
    seconds: float = 0.0
    communities_asked: int | None = None
    communities_found: int = 0
    true_positive_weight: float = 0.0
    pair_cost: int = 0
    mean_units: int = 0
    largest_community: int = 0
    unassigned: int = 0
    reason: str = ""

    @property
    def objective(self) -> int:
        """The objective at the end, in edge-weight units."""
        return self.objective_by_epoch[-1] if self.objective_by_epoch else 0

    @property
    def resolution(self) -> float:
        """The resolution of the constant Potts model that the run optimised, 1 / (w + 1)."""
        return 1.0 / (self.true_positive_weight + 1.0)


@dataclass(frozen=True)
class Communities:
    """The result of detect_communities.

    producer_ids : int64[n]   ascending
    cluster_ids : int64[n]    from 1; 0 for producers without a community
    report : what the run did
    """

    producer_ids: np.ndarray
    cluster_ids: np.ndarray
    report: CommunityReport


def detect_communities(
    source: np.ndarray,
    target: np.ndarray,
    weight: np.ndarray,
    *,
    k: int | None = None,
    resolution: float | None = None,
    true_positive_weight: float | None = None,
    previous: Mapping[int, int] | tuple[np.ndarray, np.ndarray] | None = None,
    seed: int = 7,
    threads: int | None = None,
    epochs: int = 12,
    greedy_epochs: int = 8,
    blocks: int = 2,
    start_temperature: float = 0.5,
    cooling_ratio: float = 0.7,
    community_moves: bool = True,
) -> Communities:
    """Give every producer of a similarity graph one community or none.

    Parameters
    ----------
    source, target : int64[m]     producer ids of the two ends; each undirected edge once, in either direction
    weight : float64[m]           similarity, finite and >= 0
    k : communities asked for. Without a resolution it decides the resolution.
    resolution : symbol gamma, in (0, 1); a fixed resolution of the constant Potts model
    true_positive_weight : symbol w > 0, the same in the words of the sampler, gamma = 1 / (w + 1); give one of the two
    previous : the last run's communities, as a mapping producer id -> cluster id or as the two arrays; 0 means none.
        Producers keep their cluster id where the graph allows it.
    seed : integer >= 0; another seed, another path
    threads : threads at most; by default the processors this process may use
    epochs : annealed epochs, passes over all producers at a falling temperature
    greedy_epochs : at most so many epochs at temperature 0 after them; they end when nobody moves
    blocks : half-steps of an epoch
    start_temperature : temperature of the first epoch, in mean edge weights
    cooling_ratio : factor from one epoch to the next, in (0, 1]
    community_moves : False walks the node sweeps alone, the path that the SQL engine walks, from a resolution that is given

    Raises ValueError for edges that build_sparse_graph refuses, and for options out of range.
    """
    started = time.perf_counter()
    _check_options(k, resolution, true_positive_weight, seed, threads, epochs, greedy_epochs, blocks)
    if not (start_temperature >= 0 and math.isfinite(start_temperature)):
        raise ValueError(f"start_temperature must be a number >= 0, got {start_temperature}")
    if not 0 < cooling_ratio <= 1:
        raise ValueError(f"cooling_ratio must be in (0, 1], got {cooling_ratio}")
    graph = build_sparse_graph(source, target, weight)
    report = CommunityReport(communities_asked=k)
    report.mean_units = max(1, int(graph.weight_units.sum()) // max(1, 2 * graph.edge_count))
    if resolution is not None:
        true_positive_weight = 1.0 / resolution - 1.0
    elif true_positive_weight is None:
        true_positive_weight = _guess_true_positive_weight(graph, k)
    report.true_positive_weight = float(true_positive_weight)
    report.pair_cost = _pair_cost(graph, report.mean_units, report.true_positive_weight)

    sweeps = _Sweeps(graph, _previous_by_position(graph, previous), report, seed, blocks, _thread_count(graph, threads))
    for epoch in range(1, epochs + greedy_epochs + 1):
        temperature = 0
        if epoch <= epochs:
            temperature = math.floor(report.mean_units * start_temperature * cooling_ratio ** (epoch - 1))
        moved = sweeps.run_epoch(epoch, temperature)
        if epoch > epochs and moved == 0:
            break
    sweeps.close()
    cluster_ids = _number_communities(sweeps.labels, sweeps.known_ids)

    sizes = np.bincount(cluster_ids)[1:]
    report.communities_found = int((sizes > 0).sum())
    report.largest_community = int(sizes.max(initial=0))
    report.unassigned = int((cluster_ids == 0).sum())
    report.seconds = time.perf_counter() - started
    return Communities(graph.producer_ids, cluster_ids, report)


def _check_options(k, resolution, true_positive_weight, seed, threads, epochs, greedy_epochs, blocks) -> None:
    if resolution is not None and true_positive_weight is not None:
        raise ValueError("give resolution or true_positive_weight, not both")
    if k is None and resolution is None and true_positive_weight is None:
        raise ValueError("give k, the number of communities, or a resolution")
    if resolution is not None and not 0 < resolution < 1:
        raise ValueError(f"resolution must be between 0 and 1, got {resolution}")
    if true_positive_weight is not None and not (true_positive_weight > 0 and math.isfinite(true_positive_weight)):
        raise ValueError(f"true_positive_weight must be a number above 0, got {true_positive_weight}")
    for name, value, smallest in (
        ("k", k, 1),
        ("seed", seed, 0),
        ("threads", threads, 1),
        ("epochs", epochs, 0),
        ("greedy_epochs", greedy_epochs, 0),
        ("blocks", blocks, 1),
    ):
        if value is None and name in ("k", "threads"):
            continue
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < smallest:
            raise ValueError(f"{name} must be a whole number of at least {smallest}, got {value!r}")


def _thread_count(graph: SparseGraph, threads: int | None) -> int:
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(threads or available, graph.edge_count // EDGES_PER_THREAD))


def _pair_cost(graph: SparseGraph, mean_units: int, true_positive_weight: float) -> int:
    """Symbols g / w in units; ValueError when sums of it could leave 64 bits."""
    pair_cost = max(1, math.floor(mean_units / true_positive_weight))
    if pair_cost * max(graph.node_count, 2 * graph.edge_count) >= 2**61:
        raise ValueError(f"true_positive_weight {true_positive_weight:g} is too small for a graph of this size")
    return pair_cost


def _guess_true_positive_weight(graph: SparseGraph, k: int) -> float:
    """The w at which a producer with a quarter of its edges in a community of twice the mean size breaks even."""
    if graph.node_count == 0:
        return 1.0
    links = graph.edge_count / (2.0 * graph.node_count)
    return max(1.0, (2.0 * graph.node_count / k - 1.0 - links) / links)


def _previous_by_position(
    graph: SparseGraph, previous: Mapping[int, int] | tuple[np.ndarray, np.ndarray] | None
) -> np.ndarray:
    """int64[n]: the previous cluster id of every node, 0 for none."""
    found = np.zeros(graph.node_count, np.int64)
    if previous is None:
        return found
    if isinstance(previous, Mapping):
        producer_ids = np.fromiter(previous.keys(), np.int64, len(previous))
        cluster_ids = np.fromiter(previous.values(), np.int64, len(previous))
    else:
        producer_ids = as_ids(previous[0], "previous producer ids")
        cluster_ids = as_ids(previous[1], "previous cluster ids")
    if len(producer_ids) != len(cluster_ids):
        raise ValueError(f"previous holds {len(producer_ids)} producer ids and {len(cluster_ids)} cluster ids")
    if len(cluster_ids) and cluster_ids.min() < 0:
        raise ValueError(f"previous holds a negative cluster id: {cluster_ids.min()}")
    order = np.argsort(producer_ids, kind="stable")
    producer_ids, cluster_ids = producer_ids[order], cluster_ids[order]
    repeats = np.flatnonzero(producer_ids[1:] == producer_ids[:-1])
    if len(repeats):
        raise ValueError(f"previous holds producer {producer_ids[repeats[0]]} more than once")
    place = np.searchsorted(producer_ids, graph.producer_ids)
    place[place == len(producer_ids)] = 0
    if len(producer_ids):
        known = producer_ids[place] == graph.producer_ids
        found[known] = cluster_ids[place[known]]
    return found


class _Sweeps:
    """The state of the node sweeps and the threads that work on it."""

    def __init__(self, graph, previous, report, seed, blocks, threads):
        self.graph, self.report, self.seed, self.blocks = graph, report, int(seed), int(blocks)
        self.pool = ThreadPoolExecutor(threads) if threads > 1 else None
        self.known_ids = np.unique(previous[previous > 0])
        self.first_private_label = int(self.known_ids[-1]) + 1 if len(self.known_ids) else 1
        node_count, known = graph.node_count, len(self.known_ids)
        own_numbers = known + np.arange(node_count)
        self.labels = np.where(previous > 0, np.searchsorted(self.known_ids, previous), own_numbers).astype(np.int32)
        self.sizes = np.bincount(self.labels, minlength=known + node_count).astype(np.int32)
        self.choices = self.labels.copy()
        self.movers = np.empty(node_count, np.int32)
        bounds = np.linspace(0, 2 * graph.edge_count, threads + 1)
        self.bounds = np.searchsorted(graph.row_start, bounds).tolist()
        self.bounds[0], self.bounds[-1] = 0, node_count
        largest_degree = int(np.diff(graph.row_start).max(initial=1))
        self.slot_count = 1 << max(2, (2 * largest_degree - 1).bit_length())
        self.inside_value, self.inside_pairs = self._count_inside()
        report.objective_by_epoch.append(self.objective)

    @property
    def objective(self) -> int:
        return self.inside_value - self.report.pair_cost * self.inside_pairs

    def _count_inside(self) -> tuple[int, int]:
        graph, sizes = self.graph, self.sizes.astype(np.int64)
        value = kernels.inside_value(
            graph.row_start, graph.neighbors, graph.weight_units, self.report.pair_cost, self.labels
        )
        return int(value), int((sizes * (sizes - 1) // 2).sum())

    def _on_chunks(self, work) -> list:
        chunks = list(zip(self.bounds[:-1], self.bounds[1:], strict=True))
        return list(self.pool.map(work, chunks)) if self.pool else [work(chunk) for chunk in chunks]

    def run_epoch(self, epoch: int, temperature: int) -> int:
        """One epoch of docs/community_detection.md; returns the number of moves."""
        graph, pair_cost = self.graph, self.report.pair_cost
        arrays = graph.row_start, graph.neighbors, graph.weight_units
        key = kernels.epoch_key(self.seed, epoch)
        moved = 0
        for block in range(self.blocks):

            def choose(chunk, block=block):
                return kernels.choose_labels(
                    *arrays,
                    self.labels,
                    self.sizes,
                    self.known_ids,
                    self.first_private_label,
                    pair_cost,
                    float(temperature),
                    key,
                    block,
                    self.blocks,
                    chunk[0],
                    chunk[1],
                    self.slot_count,
                    self.choices,
                    self.movers,
                )

            counts = dict(zip(self.bounds[:-1], self._on_chunks(choose), strict=True))

            def count_change(chunk, counts=counts):
                return kernels.moved_units(
                    *arrays, pair_cost, self.labels, self.choices, self.movers, chunk[0], counts[chunk[0]]
                )

            self.inside_value += sum(self._on_chunks(count_change)) // 2
            for start, count in counts.items():
                self.inside_pairs += kernels.apply_choices(
                    self.labels, self.sizes, self.choices, self.movers, start, count
                )
                moved += count
        self.report.epochs += 1
        self.report.moves_by_epoch.append(moved)
        self.report.objective_by_epoch.append(self.objective)
        return moved

    def close(self) -> None:
        if self.pool:
            self.pool.shutdown()


def _number_communities(labels: np.ndarray, known_ids: np.ndarray) -> np.ndarray:
    """int64[n] cluster ids from 1, 0 for communities of one, as the page says under "After the sweeps"."""
    node_count, known = len(labels), len(known_ids)
    sizes = np.bincount(labels, minlength=known + node_count)
    first_position = np.full(known + node_count, node_count, np.int64)
    first_position[labels[::-1]] = np.arange(node_count)[::-1]
    names = np.zeros(known + node_count, np.int64)
    kept = np.flatnonzero(sizes[:known] > 1)
    names[kept] = known_ids[kept]
    opened = known + np.flatnonzero(sizes[known:] > 1)
    opened = opened[np.lexsort((first_position[opened], -sizes[opened]))]
    free = np.setdiff1d(np.arange(1, len(opened) + len(kept) + 1), names[kept], assume_unique=True)
    names[opened] = free[: len(opened)]
    return names[labels]
