"""The greedy phase: moves of nodes and of groups of nodes until none raises the objective."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simclusters.communities import move_kernels, sweep_kernels
from simclusters.threads import equal_shares, run_on_shares


class Groups(NamedTuple):
    """Nodes that move as one: start int64[groups + 1] offsets into members int32[n], group_of int32[n]."""

    start: np.ndarray
    members: np.ndarray
    group_of: np.ndarray


class Partition(NamedTuple):
    """A state that CommunityMoves can return to: labels int32[n], sizes int64[n], and how many labels are in use."""

    labels: np.ndarray
    sizes: np.ndarray
    community_count: int


@dataclass(frozen=True)
class Inside:
    """What lies inside communities: edges, their summed weight in units, and pairs of producers."""

    links: int
    units: int
    pairs: int

    def objective(self, pair_cost: int) -> int:
        """The objective at a pair cost, exact, in units."""
        return self.units + pair_cost * (self.links - self.pairs)


class CommunityMoves:
    """A partition that improves, under "Community moves" in docs/community_detection.md.

    labels : int32[n]   community of each row, 0 .. community_count - 1 between calls
    sizes : int64[n]    producers in each community
    """

    def __init__(
        self,
        arrays: tuple[np.ndarray, ...],
        positions: np.ndarray,
        labels: np.ndarray,
        pool: ThreadPoolExecutor | None,
        threads: int,
    ):
        """Start from a partition.

        arrays : row_start, neighbors, weight_units, best with the rows of a community beside each other
        positions : int32[n]   node position of each row
        labels : int32[n]      any numbers from 0
        """
        self.arrays, self.pool, self.threads, self.node_count = arrays, pool, threads, len(labels)
        self.positions = positions
        self._forget()
        self.scratch = [
            (
                np.zeros(self.node_count, np.int64),
                np.empty(self.node_count + 1, np.int32),
                np.empty(self.node_count + 1, np.int32),
            )
            for _ in range(threads)
        ]
        self.labels = labels.copy()
        self._compact(int(labels.max(initial=0)) + 1)

    def partition(self) -> Partition:
        """A copy of the present state."""
        return Partition(self.labels.copy(), self.sizes.copy(), self.community_count)

    def restore(self, partition: Partition) -> None:
        """Return to a state."""
        self.labels, self.sizes = partition.labels.copy(), partition.sizes.copy()
        self.community_count = partition.community_count
        self._forget()

    def labels_by_position(self) -> np.ndarray:
        """int32[n]: the community of every node, in the order of positions."""
        labels = np.empty_like(self.labels)
        labels[self.positions] = self.labels
        return labels

    @property
    def found(self) -> int:
        """Communities of at least two producers."""
        return int((self.sizes > 1).sum())

    @property
    def largest(self) -> int:
        """Producers in the largest community."""
        return int(self.sizes.max(initial=0))

    def inside(self) -> Inside:
        """Count what lies inside communities. O(m)."""
        counts = self._on_chunks(
            self.arrays[0], lambda _, first, last: sweep_kernels.count_inside(*self.arrays, self.labels, first, last)
        )
        pairs = int((self.sizes * (self.sizes - 1) // 2).sum())
        return Inside(sum(links for links, _ in counts) // 2, sum(units for _, units in counts) // 2, pairs)

    def unsettled(self, pair_cost: int) -> int:
        """Producers that would gain by moving alone, plus those whose community would gain by merging. Reads only."""
        alone = self._improvable(pair_cost, self._single_nodes(), self._no_communities())
        together = self._improvable(pair_cost, self._whole_communities(), self._no_communities())
        return int(alone.sum(dtype=np.int64)) + int(self.sizes[: self.community_count][together > 0].sum())

    def improve(self, pair_cost: int) -> int:
        """One round at one pair cost; returns the exact gain of the objective, 0 when nothing could be improved.

        A round moves nodes, then the well-connected parts of the communities, then ever larger unions of these parts,
        and last whole communities. Communities as they were when the last round took them apart stay whole.
        """
        if pair_cost != self.pair_cost:
            self._forget()
            self.pair_cost = pair_cost
        groups = self._single_nodes()
        total = self._move(pair_cost, groups, self._no_communities())
        is_settled = self._unchanged_since(self.taken_apart)
        self.taken_apart = self.partition()
        while True:
            parts = self._parts(pair_cost, is_settled, *self._by_community(groups.start, groups.members))
            part_count = len(parts.start) - 1
            if part_count in (len(groups.start) - 1, self.community_count):
                break
            groups = parts
            total += self._move(pair_cost, groups, ~self._no_communities())
            is_settled = self._no_communities()
        # What a merge gains depends on the two communities alone: two that have not changed since they were offered
        # to each other are still better apart.
        gain = 1
        while gain:
            is_settled = self._unchanged_since(self.merged)
            self.merged = self.partition()
            gain = self._move(pair_cost, self._whole_communities(), is_settled)
            total += gain
        return total

    def merge_down_to(self, wanted: int, largest: int, pair_cost: int) -> int:
        """Merge linked communities, the least loss of the objective first, until ``wanted`` are left; returns the merges.

        No merged community holds more than ``largest`` producers. A pass merges each community at most once, and at
        most half of the pairs on offer, because a merge changes what the next best is.
        """
        merged = 0
        while self.found > wanted:
            partners = np.empty(self.community_count, np.int32)
            losses = np.empty(self.community_count, np.int64)
            groups = self._whole_communities()
            state = groups.start, groups.members, self.labels, self.sizes
            self._on_chunks(
                groups.start,
                lambda scratch, first, last, state=state, offers=(partners, losses): move_kernels.cheapest_merges(
                    *self.arrays, pair_cost, *state, *scratch, first, last, largest, *offers
                ),
            )
            offered = np.flatnonzero(partners >= 0)
            if len(offered) == 0:
                break
            order = offered[np.argsort(losses[offered], kind="stable")]
            merged_into = np.arange(self.community_count, dtype=np.int32)
            most = min(self.found - wanted, len(order) // 2 + 1)
            merged += move_kernels.merge_pairs(partners, order, most, merged_into)
            self.labels = merged_into[self.labels]
            self._compact(self.community_count)
        self._forget()
        return merged

    def _forget(self) -> None:
        """No community has been taken apart or offered for merging yet."""
        self.pair_cost = 0
        self.taken_apart: Partition | None = None
        self.merged: Partition | None = None

    def _no_communities(self) -> np.ndarray:
        return np.zeros(self.community_count, np.uint8)

    def _unchanged_since(self, before: Partition | None) -> np.ndarray:
        """uint8[communities]: 1 for the communities that have the same members as one of a partition before."""
        if before is None:
            return self._no_communities()
        return move_kernels.same_communities(self.labels, self.sizes, *before[:2], self.community_count)

    def _compact(self, label_count: int) -> None:
        self.sizes, self.community_count = move_kernels.compact_labels(self.labels, label_count)

    def _single_nodes(self) -> Groups:
        nodes = np.arange(self.node_count, dtype=np.int32)
        return Groups(np.arange(self.node_count + 1), nodes, nodes)

    def _whole_communities(self) -> Groups:
        nodes, community_start = self._by_community(*self._single_nodes()[:2])
        return Groups(nodes.start[community_start], nodes.members, self.labels.copy())

    def _by_community(self, start: np.ndarray, members: np.ndarray) -> tuple[Groups, np.ndarray]:
        """The groups in the order of their communities, and where each community begins among them."""
        *groups, community_start = move_kernels.sort_groups(start, members, self.labels, self.community_count)
        return Groups(*groups), community_start

    def _parts(self, pair_cost: int, is_settled: np.ndarray, groups: Groups, community_start: np.ndarray) -> Groups:
        """The well-connected parts of every community, each a union of groups, as groups by community."""
        group_count = len(groups.start) - 1
        part_of = np.empty(group_count, np.int32)
        part_size, part_cut = np.empty(group_count, np.int64), np.empty(group_count, np.int64)
        state = *groups, self.labels, self.sizes
        parts = is_settled, part_of, part_size, part_cut
        self._on_chunks(
            groups.start[community_start],
            lambda scratch, first, last: move_kernels.refine_communities(
                *self.arrays, pair_cost, *state, *scratch, community_start, first, last, *parts
            ),
        )
        return self._by_community(*move_kernels.groups_of_parts(groups.start, groups.members, part_of))[0]

    def _improvable(self, pair_cost: int, groups: Groups, is_passed_over: np.ndarray) -> np.ndarray:
        """uint8[groups]: 1 for the groups that would gain by moving."""
        improvable = np.zeros(len(groups.start) - 1, np.uint8)
        self._on_chunks(
            groups.start,
            lambda scratch, first, last: move_kernels.find_improvable(
                *self.arrays,
                pair_cost,
                *groups,
                self.labels,
                self.sizes,
                *scratch,
                first,
                last,
                is_passed_over,
                improvable,
            ),
        )
        return improvable

    def _move(self, pair_cost: int, groups: Groups, is_passed_over: np.ndarray) -> int:
        """Move groups until none in reach gains; returns the gain of the objective.

        is_passed_over : uint8[communities]   not 0 where a group that is the whole community stays out of the queue at first
        """
        queued = self._improvable(pair_cost, groups, is_passed_over)
        if not queued.any():
            return 0
        free_labels = np.arange(self.node_count, dtype=np.int32)[::-1].copy()
        free_count = self.node_count - self.community_count
        gain = move_kernels.move_groups(
            *self.arrays,
            pair_cost,
            *groups,
            self.labels,
            self.sizes,
            *self.scratch[0],
            queued,
            free_labels,
            free_count,
        )
        self._compact(self.node_count)
        return int(gain)

    def _on_chunks(self, starts: np.ndarray, work: Callable) -> list:
        """Results of work(scratch, first, last) over equal shares of what the offset array ``starts`` counts."""
        shares = equal_shares(starts, self.threads)
        return run_on_shares(
            self.pool, lambda job: work(*job), zip(self.scratch, *zip(*shares, strict=True), strict=True)
        )
