"""Moves of nodes and of groups of nodes until none raises the objective: "Community moves" of docs/community_detection.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simclusters.communities import move_kernels, sweep_kernels
from simclusters.communities.move_kernels import Groups, Merges, Partition, Parts, Scratch
from simclusters.communities.sweeps import LabelledRows
from simclusters.positions import stable_order
from simclusters.threads import Workers, equal_shares


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
    """A partition that improves.

    now : Partition   the present state over rows in the order of the start; its labels are 0 .. community_count - 1
    """

    def __init__(self, start: LabelledRows, workers: Workers):
        """Start from labels, any numbers from 0; fastest with the rows of a community beside each other."""
        self.rows, self.positions, self.workers, self.node_count = (start.rows, start.positions, workers, len(start.labels))
        self._forget()
        self.scratch = [
            Scratch(
                np.zeros(self.node_count, np.int64), np.empty(self.node_count + 1, np.int32), np.empty(self.node_count + 1, np.int32)
            )
            for _ in range(workers.count)
        ]
        self.now = move_kernels.partition_of(start.labels.copy(), int(start.labels.max(initial=0)) + 1)

    def restore(self, partition: Partition) -> None:
        """Return to a state, of which a copy is made."""
        self.now = partition.copy()
        self._forget()

    def labels_by_position(self) -> np.ndarray:
        """int32[n]: the community of every node, in the order of positions."""
        labels = np.empty_like(self.now.labels)
        labels[self.positions] = self.now.labels
        return labels

    def inside(self) -> Inside:
        """Count what lies inside communities. O(m)."""
        counts = self._on_chunks(
            self.rows.row_start, lambda _, first, last: sweep_kernels.count_inside(self.rows, self.now.labels, first, last)
        )
        pairs = int((self.now.sizes * (self.now.sizes - 1) // 2).sum())
        return Inside(sum(links for links, _ in counts) // 2, sum(units for _, units in counts) // 2, pairs)

    def unsettled(self, pair_cost: int) -> int:
        """Producers that would gain by moving alone, plus those whose community would gain by merging. Reads only."""
        alone = self._improvable(pair_cost, self._single_nodes(), self._no_communities())
        together = self._improvable(pair_cost, self._whole_communities(), self._no_communities())
        return int(alone.sum(dtype=np.int64)) + int(self.now.sizes[: self.now.community_count][together > 0].sum())

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
        self.taken_apart = self.now.copy()
        while True:
            parts = self._parts(pair_cost, is_settled, groups)
            part_count = len(parts.start) - 1
            if part_count in (len(groups.start) - 1, self.now.community_count):
                break
            groups = parts
            total += self._move(pair_cost, groups, ~self._no_communities())
            is_settled = self._no_communities()
        # What a merge gains depends on the two communities alone: two that have not changed since they were offered
        # to each other are still better apart.
        gain = 1
        while gain:
            is_settled = self._unchanged_since(self.merged)
            self.merged = self.now.copy()
            gain = self._move(pair_cost, self._whole_communities(), is_settled)
            total += gain
        return total

    def merge_down_to(self, wanted: int, largest: int, pair_cost: int) -> int:
        """Merge linked communities, the least loss of the objective first, until ``wanted`` are left; returns the merges.

        No merged community holds more than ``largest`` producers. A pass merges each community at most once, and at
        most half of the pairs on offer, because a merge changes what the next best is.
        """
        merge_count = 0
        while self.now.found > wanted:
            groups, count = self._whole_communities(), self.now.community_count
            merges = Merges(np.empty(count, np.int32), np.empty(count, np.int64))
            self._on_chunks(
                groups.start,
                lambda scratch, first, last, groups=groups, merges=merges: move_kernels.cheapest_merges(
                    self.rows, pair_cost, groups, self.now, scratch, first, last, largest, merges
                ),
            )
            offered = np.flatnonzero(merges.partners >= 0)
            if len(offered) == 0:
                break
            offered = offered[np.argsort(merges.losses[offered], kind="stable")]
            partners = merges.partners[offered]
            taken = self._no_communities()
            most = min(self.now.found - wanted, len(offered) // 2 + 1)
            is_merged = move_kernels.match_in_order(offered, partners, taken, taken, most)
            merged_into = np.arange(count, dtype=np.int32)
            merged_into[offered[is_merged]] = partners[is_merged]
            merge_count += int(is_merged.sum())
            self.now = move_kernels.partition_of(merged_into[self.now.labels], count)
        self._forget()
        return merge_count

    def _forget(self) -> None:
        """No community has been taken apart or offered for merging yet."""
        self.pair_cost = 0
        self.taken_apart: Partition | None = None
        self.merged: Partition | None = None

    def _no_communities(self) -> np.ndarray:
        return np.zeros(self.now.community_count, np.uint8)

    def _unchanged_since(self, before: Partition | None) -> np.ndarray:
        """uint8[communities]: 1 for the communities that have the same members as one of a partition before."""
        return self._no_communities() if before is None else move_kernels.same_communities(self.now, before)

    def _single_nodes(self) -> Groups:
        nodes = np.arange(self.node_count, dtype=np.int32)
        return Groups(np.arange(self.node_count + 1), nodes, nodes)

    def _whole_communities(self) -> Groups:
        start, members = stable_order(self.now.labels, self.now.community_count)
        return Groups(start, members.astype(np.int32), self.now.labels.copy())

    def _parts(self, pair_cost: int, is_settled: np.ndarray, groups: Groups) -> Groups:
        """The well-connected parts of every community, each a union of groups, as groups in the order of the communities."""
        label_of_group = self.now.labels[groups.members[groups.start[:-1]]]
        community_start, order = stable_order(label_of_group, self.now.community_count)
        groups = move_kernels.reorder_groups(groups, order)
        count = len(order)
        parts = Parts(np.empty(count, np.int32), np.empty(count, np.int64), np.empty(count, np.int64))
        self._on_chunks(
            groups.start[community_start],
            lambda scratch, first, last: move_kernels.refine_communities(
                self.rows, pair_cost, groups, self.now, scratch, community_start, first, last, is_settled, parts
            ),
        )
        part_start, order = stable_order(parts.part_of, count)
        groups = move_kernels.reorder_groups(groups, order)
        # np.unique leaves out the groups that founded no part.
        start = groups.start[np.unique(part_start)]
        group_of = np.empty(self.node_count, np.int32)
        group_of[groups.members] = np.repeat(np.arange(len(start) - 1), np.diff(start))
        return Groups(start, groups.members, group_of)

    def _improvable(self, pair_cost: int, groups: Groups, is_passed_over: np.ndarray) -> np.ndarray:
        """uint8[groups]: 1 for the groups that would gain by moving."""
        improvable = np.zeros(len(groups.start) - 1, np.uint8)
        self._on_chunks(
            groups.start,
            lambda scratch, first, last: move_kernels.find_improvable(
                self.rows, pair_cost, groups, self.now, scratch, first, last, is_passed_over, improvable
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
        free_count = self.node_count - self.now.community_count
        gain = move_kernels.move_groups(self.rows, pair_cost, groups, self.now, self.scratch[0], queued, free_labels, free_count)
        self.now = move_kernels.partition_of(self.now.labels, self.node_count)
        return int(gain)

    def _on_chunks(self, starts: np.ndarray, work: Callable) -> list:
        """Results of work(scratch, first, last) over equal shares of what the offset array ``starts`` counts."""
        shares = equal_shares(starts, self.workers.count)
        return self.workers.run(work, [(scratch, *share) for scratch, share in zip(self.scratch, shares, strict=True)])
