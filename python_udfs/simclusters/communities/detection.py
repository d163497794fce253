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
from contextlib import nullcontext
from dataclasses import dataclass, field, replace

import numpy as np

from simclusters.communities.cluster_ids import ids_kept_by_overlap, number_communities
from simclusters.communities.graph import SparseGraph, as_ids, build_sparse_graph
from simclusters.communities.moves import CommunityMoves
from simclusters.communities.resolution import TOLERANCE, fit_pair_cost, meets, most_settled_pair_cost, settle
from simclusters.communities.sweeps import NodeSweeps

# Below this many edges a second thread costs more than it brings.
EDGES_PER_THREAD = 20_000
# With k asked, no community holds more than this share of the producers, or for small k this many times the mean size.
LARGEST_SHARE = 0.05
LARGEST_OVER_MEAN = 3.0
# Where to begin on graphs so dense that the first estimate of w fails.
SMALLEST_GUESS = 0.3
# A cold start is repeated while the starts together read no more edges than this, at most so many times.
STARTED_EDGES, MOST_STARTS = 1_000_000, 8
# Private labels are numbered after the largest cluster id of the start.
LARGEST_CLUSTER_ID = 2**62


@dataclass
class CommunityReport:
    """What a run did. Objectives are exact, in units: a millionth of the edge weight.

    objective : the objective at the end, at pair_cost
    objective_by_epoch : at the start, after every epoch, and after every round of community moves; when the resolution
        was searched, the annealed epochs only, at start_pair_cost
    moves_by_epoch : producers that changed their community in each epoch
    epochs : epochs done
    seconds : time of the whole call
    graph_seconds : time of it in which the edges were checked and sorted into a graph
    communities_asked : k, or None
    communities_found : communities of at least two producers
    largest_community : producers in the largest community
    unassigned : producers that are in no community
    mean_units : mean edge weight in units (symbol g)
    pair_cost : what one unconnected pair inside a community costs, in units (symbols g / w)
    start_pair_cost : the same during the annealed epochs
    true_positive_weight : symbol w at the end; given to another run it leads to the same pair cost
    reason : how the number of communities came about, and why it is not k where it is not
    """

    objective: int = 0
    objective_by_epoch: list[int] = field(default_factory=list)
    moves_by_epoch: list[int] = field(default_factory=list)
    epochs: int = 0
    seconds: float = 0.0
    graph_seconds: float = 0.0
    communities_asked: int | None = None
    communities_found: int = 0
    largest_community: int = 0
    unassigned: int = 0
    mean_units: int = 0
    pair_cost: int = 0
    start_pair_cost: int = 0
    true_positive_weight: float = 0.0
    reason: str = ""

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
    epochs: int = 6,
    greedy_epochs: int = 6,
    blocks: int = 2,
    start_temperature: float = 0.25,
    cooling_ratio: float = 0.6,
    community_moves: bool = True,
    largest_share: float | None = None,
    starts: int | None = None,
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
        Communities keep their cluster ids, new producers join, and with community moves nothing is annealed.
    seed : integer >= 0; another seed, another path
    threads : threads at most; by default the processors this process may use
    epochs : annealed epochs, passes over all producers at a falling temperature
    greedy_epochs : without community moves, at most so many epochs at temperature 0 after them; they end when nobody moves
    blocks : half-steps of an epoch
    start_temperature : temperature of the first epoch, in mean edge weights
    cooling_ratio : factor from one epoch to the next, in (0, 1]
    community_moves : False walks the node sweeps alone, the path that the SQL engine walks, at a resolution that is given
    largest_share : with k and no resolution, the share of the producers that a community may hold, in (0, 1];
        by default 0.05, or 3 / k if that is more
    starts : cold starts at the final resolution, with this seed and the next ones, of which the best objective counts; by
        default as many as read a million edges, at most 8, so that small graphs are not left to the luck of one seed

    Raises ValueError for edges that build_sparse_graph refuses, and for options out of range.
    """
    started = time.perf_counter()
    _check_numbers(k, seed, threads, epochs, greedy_epochs, blocks, starts)
    _check_resolution(k, resolution, true_positive_weight, community_moves)
    if not (start_temperature >= 0 and math.isfinite(start_temperature)):
        raise ValueError(f"start_temperature must be a number >= 0, got {start_temperature}")
    for name, value in (("cooling_ratio", cooling_ratio), ("largest_share", largest_share)):
        if value is not None and not 0 < value <= 1:
            raise ValueError(f"{name} must be in (0, 1], got {value}")
    thread_count = _thread_count(np.size(source), threads)
    with ThreadPoolExecutor(thread_count) if thread_count > 1 else nullcontext() as pool:
        graph = build_sparse_graph(source, target, weight, pool, thread_count)
        producer_ids, previous_ids = graph.producer_ids, _previous_by_position(graph, previous)

        report = CommunityReport(communities_asked=k, reason="the resolution was given")
        report.graph_seconds = time.perf_counter() - started
        report.mean_units = max(1, int(graph.weight_units.sum(dtype=np.int64)) // max(1, 2 * graph.edge_count))
        if resolution is not None:
            true_positive_weight = 1.0 / resolution - 1.0
        is_fixed = true_positive_weight is not None
        if true_positive_weight is None:
            true_positive_weight = _guess_true_positive_weight(graph, k)
        report.pair_cost = report.start_pair_cost = _pair_cost(graph, report.mean_units, true_positive_weight)
        temperatures = [
            math.floor(report.mean_units * start_temperature * cooling_ratio**epoch) for epoch in range(epochs)
        ]
        largest = None if is_fixed else max(2, int(len(producer_ids) * _largest_share(k, largest_share)))
        sweep_settings = graph, previous_ids, blocks, pool, thread_count
        if not community_moves:
            sweeps = _anneal(sweep_settings, seed, temperatures, greedy_epochs, report)
            labels, kept_ids = sweeps.labels, np.zeros(len(sweeps.sizes), np.int64)
            kept_ids[: len(sweeps.known_ids)] = sweeps.known_ids
            report.objective = report.objective_by_epoch[-1]
        else:
            is_warm = bool(previous_ids.any())
            starts = 1 if is_warm else starts or max(1, min(MOST_STARTS, STARTED_EDGES // max(1, graph.edge_count)))
            sweeps = _anneal(sweep_settings, seed, [] if is_warm else temperatures, 0, report)
            moves = CommunityMoves(*sweeps.rows_by_label(), pool, thread_count)
            is_met = True
            if is_fixed or len(producer_ids) == 0:
                settle(moves, report.pair_cost, report.objective_by_epoch)
            else:
                is_met = _fit_to_k(moves, report, k, largest, _highest_pair_cost(graph), is_warm)
            report.objective = moves.inside().objective(report.pair_cost)
            for start in range(1, starts if is_met else 1):
                other = replace(report, objective_by_epoch=[], moves_by_epoch=[], start_pair_cost=report.pair_cost)
                sweeps = _anneal(sweep_settings, seed + start, temperatures, 0, other)
                other_moves = CommunityMoves(*sweeps.rows_by_label(), pool, thread_count)
                settle(other_moves, other.pair_cost, other.objective_by_epoch)
                other.objective = other_moves.inside().objective(other.pair_cost)
                is_allowed = is_fixed or meets(other_moves, k, largest)
                if is_allowed and other.objective > report.objective:
                    moves, report = other_moves, other
            labels = moves.labels_by_position()
            kept_ids = ids_kept_by_overlap(labels, moves.community_count, previous_ids)
    cluster_ids = number_communities(labels, kept_ids)

    # Half a unit more, so that the floor of the mean over w is the pair cost again.
    report.true_positive_weight = true_positive_weight if is_fixed else report.mean_units / (report.pair_cost + 0.5)
    sizes = np.unique(cluster_ids[cluster_ids > 0], return_counts=True)[1]
    report.communities_found = len(sizes)
    report.largest_community = int(sizes.max(initial=0))
    report.unassigned = int((cluster_ids == 0).sum())
    report.seconds = time.perf_counter() - started
    return Communities(producer_ids, cluster_ids, report)


def _anneal(
    sweep_settings: tuple, seed: int, temperatures: list[int], greedy_epochs: int, report: CommunityReport
) -> NodeSweeps:
    """Annealed epochs at the report's pair cost, then greedy ones until one moves nobody; the story goes into the report."""
    graph, previous_ids, blocks, pool, thread_count = sweep_settings
    sweeps = NodeSweeps(graph, previous_ids, report.start_pair_cost, seed, blocks, pool, thread_count)
    report.objective_by_epoch.append(sweeps.objective())
    for epoch, temperature in enumerate(temperatures + [0] * greedy_epochs, start=1):
        moved = sweeps.run_epoch(epoch, temperature)
        report.epochs = epoch
        report.moves_by_epoch.append(moved)
        report.objective_by_epoch.append(sweeps.objective())
        if epoch > len(temperatures) and moved == 0:
            break
    return sweeps


def _fit_to_k(
    moves: CommunityMoves, report: CommunityReport, k: int, largest: int, highest_pair_cost: int, is_warm: bool
) -> bool:
    """Choose the pair cost for k communities; leaves the partition in ``moves`` and the story in ``report``.

    Returns whether the resolution alone met k.
    """
    pair_cost = min(report.pair_cost, highest_pair_cost)
    if is_warm:
        pair_cost = most_settled_pair_cost(moves, pair_cost, highest_pair_cost)
    fit = fit_pair_cost(moves, pair_cost, k, largest, highest_pair_cost, keeps_start=is_warm)
    report.pair_cost, report.reason = fit.pair_cost, fit.reason
    if abs(moves.found - k) > TOLERANCE * k:
        report.reason = f"{moves.found} communities, not {k}: {report.reason}"
    if moves.largest > largest:
        report.reason += f"; the largest community, of {moves.largest} producers, breaks at no resolution tried"
    return fit.is_met


def _largest_share(k: int, largest_share: float | None) -> float:
    return largest_share or max(LARGEST_SHARE, LARGEST_OVER_MEAN / k)


def _highest_pair_cost(graph: SparseGraph) -> int:
    """Above this only cliques are communities, or sums of it leave 64 bits."""
    largest_degree = int(np.diff(graph.row_start).max(initial=1))
    return min(int(graph.weight_units.max(initial=1)) * largest_degree, 2**61 // max(1, 2 * graph.edge_count) - 1)


def _check_numbers(k, seed, threads, epochs, greedy_epochs, blocks, starts) -> None:
    for name, value, smallest in (
        ("k", k, 1),
        ("seed", seed, 0),
        ("threads", threads, 1),
        ("epochs", epochs, 0),
        ("greedy_epochs", greedy_epochs, 0),
        ("blocks", blocks, 1),
        ("starts", starts, 1),
    ):
        if value is None and name in ("k", "threads", "starts"):
            continue
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < smallest:
            raise ValueError(f"{name} must be a whole number of at least {smallest}, got {value!r}")


def _check_resolution(k, resolution, true_positive_weight, community_moves) -> None:
    if resolution is not None and true_positive_weight is not None:
        raise ValueError("give resolution or true_positive_weight, not both")
    if k is None and resolution is None and true_positive_weight is None:
        raise ValueError("give k, the number of communities, or a resolution")
    if not community_moves and resolution is None and true_positive_weight is None:
        raise ValueError("without community moves the resolution must be given: only they can meet k")
    if resolution is not None and not 0 < resolution < 1:
        raise ValueError(f"resolution must be between 0 and 1, got {resolution}")
    if true_positive_weight is not None and not (true_positive_weight > 0 and math.isfinite(true_positive_weight)):
        raise ValueError(f"true_positive_weight must be a number above 0, got {true_positive_weight}")


def _thread_count(edge_count: int, threads: int | None) -> int:
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(threads or available, edge_count // EDGES_PER_THREAD))


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
    return max(SMALLEST_GUESS, (2.0 * graph.node_count / k - 1.0 - links) / links)


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
    if len(cluster_ids) and not (cluster_ids.min() >= 0 and cluster_ids.max() < LARGEST_CLUSTER_ID):
        raise ValueError(f"cluster ids must be in [0, 2^62), previous holds {cluster_ids.min()} to {cluster_ids.max()}")
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
