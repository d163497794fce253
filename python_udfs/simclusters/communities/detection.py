"""Community detection on a weighted similarity graph: one community, or none, for each producer.

The rules are on the page docs/community_detection.md, and the steps below bear the names of its sections. The result is the
same for any number of threads and any order of the edges.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from simclusters.communities.cluster_ids import Previous, ids_kept_by_overlap, number_communities, previous_cluster_ids
from simclusters.communities.graph import SparseGraph, build_sparse_graph
from simclusters.communities.moves import CommunityMoves
from simclusters.communities.resolution import Goal, fit_to, goal_of, guess_true_positive_weight, pair_cost_of, settle
from simclusters.communities.result import Communities, CommunityReport
from simclusters.communities.settings import Settings, check_whole_number
from simclusters.communities.sweeps import NodeSweeps
from simclusters.threads import Workers, available_processors

# Below this many edges a second thread costs more than it brings.
EDGES_PER_THREAD = 20_000
# A cold start is repeated while the starts together read no more edges than this, at most so many times.
STARTED_EDGES, MOST_STARTS = 1_000_000, 8


class _State(NamedTuple):
    """Where a run starts: previous int64[n] is the cluster id of every node before, 0 for none."""

    graph: SparseGraph
    previous: np.ndarray
    settings: Settings
    workers: Workers

    @property
    def is_warm(self) -> bool:
        return bool(self.previous.any())

    @property
    def goal(self) -> Goal | None:
        """What the search of the resolution is for; None when there is nothing to search."""
        if self.settings.true_positive_weight is not None or self.graph.node_count == 0:
            return None
        return goal_of(self.graph, self.settings, self.is_warm)


class _Found(NamedTuple):
    """Communities, their story, and whether they meet what was asked without merging down."""

    moves: CommunityMoves
    report: CommunityReport
    is_met: bool = True


def detect_communities(
    source: np.ndarray,
    target: np.ndarray,
    weight: np.ndarray,
    settings: Settings,
    *,
    previous: Previous = None,
    threads: int | None = None,
) -> Communities:
    """Give every producer of a similarity graph one community or none.

    Parameters
    ----------
    source, target : int64[m]     producer ids of the two ends; each undirected edge once, in either direction
    weight : float64[m]           similarity, finite and >= 0
    previous : the last run's communities. They keep their cluster ids, new producers join, and with community moves nothing
        is annealed.
    threads : threads at most; by default the processors this process may use

    Raises ValueError for edges that build_sparse_graph refuses, for previous ids that previous_cluster_ids refuses, and for
    a true_positive_weight that is too small for the graph.
    """
    started = time.perf_counter()
    with Workers(_thread_count(np.size(source), threads)) as workers:
        graph = build_sparse_graph(source, target, weight, workers)
        del source, target, weight  # the search takes long, and reads the graph alone
        graph_seconds = time.perf_counter() - started
        state = _State(graph, previous_cluster_ids(graph.producer_ids, previous), settings, workers)
        report = _first_report(graph, settings)
        sweeps = _schedule(state, report, settings.seed)
        if settings.community_moves:
            found = _starts(state, _community_moves(state, sweeps, report))
            report, labels = found.report, found.moves.labels_by_position()
            kept_ids = ids_kept_by_overlap(labels, found.moves.now.community_count, state.previous)
        else:
            report.objective, labels, kept_ids = report.objective_by_epoch[-1], sweeps.state.labels, sweeps.kept_ids()
        cluster_ids = number_communities(labels, kept_ids)

    sizes = np.unique(cluster_ids[cluster_ids > 0], return_counts=True)[1]
    report.communities_found = len(sizes)
    report.largest_community = int(sizes.max(initial=0))
    report.unassigned = int((cluster_ids == 0).sum())
    # Half a unit more, so that the floor of the mean over w is the pair cost again.
    report.true_positive_weight = settings.true_positive_weight or report.mean_units / (report.pair_cost + 0.5)
    report.graph_seconds, report.seconds = graph_seconds, time.perf_counter() - started
    return Communities(graph.producer_ids, cluster_ids, report)


def _first_report(graph: SparseGraph, settings: Settings) -> CommunityReport:
    """The story before the first epoch: the pair cost is that of the resolution given, or the guess of a cold start."""
    weight = settings.true_positive_weight or guess_true_positive_weight(graph, settings.k)
    pair_cost = pair_cost_of(graph, weight)
    return CommunityReport(
        communities_asked=settings.k,
        mean_units=graph.mean_units,
        pair_cost=pair_cost,
        start_pair_cost=pair_cost,
        reason="the resolution was given",
    )


def _schedule(state: _State, report: CommunityReport, seed: int) -> NodeSweeps:
    """Annealed epochs at the report's pair cost, then greedy ones until one moves nobody; the story goes into the report.

    Community moves are the greedy phase, and on a warm start they are all.
    """
    graph, previous, settings, workers = state
    is_annealed = not (settings.community_moves and state.is_warm)
    temperatures = settings.temperatures(graph.mean_units) if is_annealed else []
    greedy_epochs = 0 if settings.community_moves else settings.greedy_epochs
    sweeps = NodeSweeps(graph, previous, report.start_pair_cost, seed, settings.blocks, workers)
    report.objective_by_epoch.append(sweeps.objective())
    for epoch, temperature in enumerate(temperatures + [0] * greedy_epochs, start=1):
        moved = sweeps.run_epoch(epoch, temperature)
        report.epochs = epoch
        report.moves_by_epoch.append(moved)
        report.objective_by_epoch.append(sweeps.objective())
        if epoch > len(temperatures) and moved == 0:
            break
    return sweeps


def _community_moves(state: _State, sweeps: NodeSweeps, report: CommunityReport) -> _Found:
    """Rounds of moves at the pair cost that is given, or at the one that "The number of communities" searches."""
    moves, is_met = CommunityMoves(sweeps.rows_by_label(), state.workers), True
    if state.goal is None:
        settle(moves, report.pair_cost, report.objective_by_epoch)
    else:
        fit = fit_to(state.goal, moves, report.pair_cost, state.is_warm)
        report.pair_cost, report.reason, is_met = fit.pair_cost, fit.reason, fit.is_met
    report.objective = moves.inside().objective(report.pair_cost)
    return _Found(moves, report, is_met)


def _starts(state: _State, first: _Found) -> _Found:
    """The best of the first start and of others, with the next seeds, at the pair cost of the first."""
    starts = max(1, min(MOST_STARTS, STARTED_EDGES // max(1, state.graph.edge_count)))
    if state.is_warm or not first.is_met:
        starts = 1
    best, goal = first, state.goal
    for start in range(1, starts):
        pair_cost = first.report.pair_cost
        report = replace(first.report, objective_by_epoch=[], moves_by_epoch=[], start_pair_cost=pair_cost)
        sweeps = _schedule(state, report, state.settings.seed + start)
        moves = CommunityMoves(sweeps.rows_by_label(), state.workers)
        settle(moves, pair_cost, report.objective_by_epoch)
        report.objective = moves.inside().objective(pair_cost)
        if (goal is None or goal.is_met_by(moves.now)) and report.objective > best.report.objective:
            best = _Found(moves, report)
    return best


def _thread_count(edge_count: int, threads: int | None) -> int:
    if threads is not None:
        check_whole_number("threads", threads, 1)
    return max(1, min(threads or available_processors(), edge_count // EDGES_PER_THREAD))
