"""The pair cost at which a graph falls into about k communities, none of them a giant: "The number of communities" of
docs/community_detection.md.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from simclusters.communities.graph import SparseGraph
from simclusters.communities.move_kernels import Partition
from simclusters.communities.moves import CommunityMoves
from simclusters.communities.settings import Settings

# Shares of k by which the number of communities may be off: of an estimate of k, of one that is given, and on a warm start, where
# communities would otherwise change for a percent of the count.
ESTIMATE_TOLERANCE, TOLERANCE, WARM_TOLERANCE = 0.2, 0.01, 0.05
# No community holds more than this share of the producers, or for small k this many times the mean size.
LARGEST_SHARE = 0.05
LARGEST_OVER_MEAN = 3.0
# Where to begin on graphs so dense that the first estimate of w fails.
SMALLEST_GUESS = 0.3
MOST_PROBES = 24
# A size that no community exceeds.
NO_LIMIT = 2**62
# On real graphs the count grows with about the 0.75th power of the pair cost.
STEP_EXPONENT = 1.4
SMALLEST_STEP, LARGEST_STEP = 1.1, 8.0
# Past the resolution with most communities, a finer one leaves producers alone: this share of the peak is past it.
PAST_THE_PEAK = 0.9
# A giant that stays when there are this many times k communities cannot be broken by the resolution.
FINEST_OVER_K = 4
# Two pair costs this close are one: the count jumps between them.
CLOSE = 1.01
# Rounds of one probe end when a round gains less than this share of the objective.
LEAST_GAIN = 5e-4
MOST_ROUNDS = 10


class Goal(NamedTuple):
    """About k communities, none of more than ``largest`` producers, at a pair cost of at most ``highest_pair_cost``.

    ``tolerance`` is the share of k by which the count may be off.
    """

    k: int
    largest: int
    highest_pair_cost: int
    tolerance: float

    def is_near(self, found: int) -> bool:
        """Whether so many communities are about k."""
        return abs(found - self.k) <= self.tolerance * self.k

    def is_met_by(self, partition: Partition) -> bool:
        """Whether the communities are about k, and none is a giant."""
        return self.is_near(partition.found) and partition.largest <= self.largest


class Probe(NamedTuple):
    """One pair cost that was tried, and what was found there."""

    pair_cost: int
    partition: Partition
    found: int
    largest: int


class Fit(NamedTuple):
    """The pair cost that was chosen, why, whether it meets k without merging down, and whether a giant was in the way."""

    pair_cost: int
    reason: str
    is_met: bool = False
    had_giant: bool = False


def goal_of(graph: SparseGraph, settings: Settings, is_warm: bool) -> Goal:
    """What k asks of a graph; ``is_warm`` where producers have previous communities."""
    k = settings.k
    largest_share = settings.largest_share or max(LARGEST_SHARE, LARGEST_OVER_MEAN / k)
    # Above this only cliques are communities, or sums of it leave 64 bits.
    heaviest = int(graph.rows.weight_units.max(initial=1))
    highest = min(heaviest * graph.largest_degree, 2**61 // max(1, 2 * graph.edge_count) - 1)
    given_tolerance = WARM_TOLERANCE if is_warm else TOLERANCE
    tolerance = ESTIMATE_TOLERANCE if settings.is_k_estimated else given_tolerance
    return Goal(k, max(2, int(graph.node_count * largest_share)), highest, tolerance)


def pair_cost_of(graph: SparseGraph, true_positive_weight: float) -> int:
    """Symbols g / w in units. Raises ValueError when sums of it could leave 64 bits."""
    pair_cost = max(1.0, graph.mean_units / true_positive_weight)
    if pair_cost * max(graph.node_count, 2 * graph.edge_count) >= 2**61:
        raise ValueError(f"true_positive_weight {true_positive_weight:g} is too small for a graph of this size")
    return math.floor(pair_cost)


def guess_true_positive_weight(graph: SparseGraph, k: int) -> float:
    """The w at which a producer with a quarter of its edges in a community of twice the mean size breaks even."""
    if graph.node_count == 0:
        return 1.0
    links = graph.edge_count / (2.0 * graph.node_count)
    return max(SMALLEST_GUESS, (2.0 * graph.node_count / k - 1.0 - links) / links)


def settle(moves: CommunityMoves, pair_cost: int, objectives: list[int] | None = None) -> None:
    """Rounds of moves at one pair cost until a round gains little; appends the objective after each to ``objectives``."""
    objective = moves.inside().objective(pair_cost)
    for _ in range(MOST_ROUNDS):
        gain = moves.improve(pair_cost)
        objective += gain
        if objectives is not None:
            objectives.append(objective)
        if gain <= LEAST_GAIN * abs(objective):
            break


def most_settled_pair_cost(moves: CommunityMoves, guess: int, highest_pair_cost: int) -> int:
    """The pair cost at which fewest producers would move, alone or with their community, out of a partition found before.

    Powers of two around the guess, then their half steps beside the best: the resolution of a partition can be read
    from the partition, so nobody has to keep it.
    """

    def unsettled(pair_cost: int) -> tuple[int, float]:
        return moves.unsettled(pair_cost), abs(math.log(pair_cost / guess))

    tried = {max(1, min(highest_pair_cost, round(guess * 2.0**power))) for power in range(-6, 7)}
    best = min(sorted(tried), key=unsettled)
    beside = {max(1, min(highest_pair_cost, round(best * 2.0**power))) for power in (-0.5, -0.25, 0, 0.25, 0.5)}
    return min(sorted(beside), key=unsettled)


def fit_to(goal: Goal, moves: CommunityMoves, pair_cost: int, is_warm: bool) -> Fit:
    """Search the pair cost for k communities, leave ``moves`` there, and say how it went, and how far it is from k.

    pair_cost : where to begin on a cold start, and around which to look on a warm one
    is_warm : ``moves`` holds the previous communities
    """
    pair_cost = min(pair_cost, goal.highest_pair_cost)
    if is_warm:
        pair_cost = most_settled_pair_cost(moves, pair_cost, goal.highest_pair_cost)
    start = moves.now.copy()
    fit = fit_pair_cost(goal, moves, pair_cost, keeps_start=is_warm)
    if fit.had_giant and not goal.is_met_by(moves.now):
        # The size limit bends before the count does, and where it keeps no giant away.
        limited, off = moves.now.copy(), abs(moves.now.found - goal.k)
        moves.restore(start)
        bent = fit_pair_cost(goal._replace(largest=NO_LIMIT), moves, pair_cost, keeps_start=is_warm)
        if abs(moves.now.found - goal.k) < off or (goal.is_near(moves.now.found) and limited.largest > goal.largest):
            fit = bent._replace(reason=f"{bent.reason}; the limit of {goal.largest} producers a community was bent for the count")
        else:
            moves.restore(limited)
    reason, now = fit.reason, moves.now
    if not goal.is_near(now.found):
        reason = f"{now.found} communities, not {goal.k}: {reason}"
    if now.largest > goal.largest:
        reason += f"; the largest community, of {now.largest} producers, breaks at no resolution tried"
    return fit._replace(reason=reason)


def fit_pair_cost(goal: Goal, moves: CommunityMoves, pair_cost: int, keeps_start: bool) -> Fit:
    """Probe pair costs, each until it settles, to one whose count is about k.

    pair_cost : where to begin
    keeps_start : every probe starts from the partition that ``moves`` holds now (so a warm start keeps its ids);
        otherwise from the nearest partition that was too fine, because merging is cheap

    If the count jumps over k, or a giant forms before k is reached, the nearest finer partition is merged down to k.
    """
    k, largest, highest_pair_cost, tolerance = goal
    start = moves.now.copy()
    coarse: Probe | None = None
    fine: Probe | None = None
    most: Probe | None = None
    had_giant = False
    for probe_count in range(1, MOST_PROBES + 1):
        settle(moves, pair_cost)
        probe = Probe(pair_cost, moves.now.copy(), moves.now.found, moves.now.largest)
        if most is None or probe.found > most.found:
            most = probe
        has_giant = probe.largest > largest and probe.found < FINEST_OVER_K * k
        had_giant |= has_giant
        if probe.found < (1 - tolerance) * k or has_giant:
            coarse = probe
            if fine is None and (pair_cost >= highest_pair_cost or probe.found < PAST_THE_PEAK * most.found):
                break
        elif probe.found <= (1 + tolerance) * k:
            return Fit(pair_cost, f"the count is met at probe {probe_count} of the resolution", is_met=True)
        else:
            fine = probe
            if pair_cost == 1:
                break
        if coarse and fine and fine.pair_cost <= CLOSE * coarse.pair_cost + 1:
            break
        pair_cost = _next_pair_cost(coarse, fine, k, highest_pair_cost, probe_count)
        moves.restore(start if keeps_start or fine is None else fine.partition)
    if fine is None:
        moves.restore(most.partition)
        return Fit(
            most.pair_cost, f"no resolution of {probe_count} tried gives more than {most.found} communities", had_giant=had_giant
        )
    moves.restore(fine.partition)
    merges = moves.merge_down_to(k, largest, fine.pair_cost)
    if moves.now.found > (1 + tolerance) * k:
        limit = f"no two are linked and hold at most {largest} producers together"
        return Fit(fine.pair_cost, f"{merges} of {fine.found} communities could be merged: {limit}", had_giant=had_giant)
    cause = "a coarser resolution leaves a giant" if coarse and coarse.largest > largest else "the count jumps over k"
    return Fit(fine.pair_cost, f"{cause}; {merges} of {fine.found} communities are merged at the least loss", had_giant=had_giant)


def _next_pair_cost(coarse: Probe | None, fine: Probe | None, k: int, highest: int, probe_count: int) -> int:
    """Between the two by interpolation of logarithms, or a step beyond the one, longer at every probe."""
    if coarse and fine:
        share = 0.5
        if coarse.found < k < fine.found:
            share = math.log(k / max(1, coarse.found)) / math.log(fine.found / max(1, coarse.found))
        share = min(0.85, max(0.15, share))
        return max(coarse.pair_cost + 1, round(coarse.pair_cost ** (1 - share) * fine.pair_cost**share))
    if coarse:
        step = min(LARGEST_STEP, max(SMALLEST_STEP, (k / max(1, coarse.found)) ** (probe_count * STEP_EXPONENT)))
        return min(highest, max(coarse.pair_cost + 1, int(coarse.pair_cost * step)))
    step = min(LARGEST_STEP, max(SMALLEST_STEP, (fine.found / k) ** (probe_count * STEP_EXPONENT)))
    return max(1, min(fine.pair_cost - 1, int(fine.pair_cost / step)))
