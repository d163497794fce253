"""The annealed phase: epochs of node moves, exactly as docs/community_detection.md says, on one or more threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from simclusters.communities import sweep_kernels
from simclusters.communities.graph import SparseGraph
from simclusters.threads import equal_shares, run_on_shares


class NodeSweeps:
    """The state of the sweeps.

    labels : int32[n]         numbers of labels: known + i is the private label at position i, below known a cluster id of the start
    known_ids : int64[known]  the cluster ids of the start, ascending
    """

    def __init__(
        self,
        graph: SparseGraph,
        previous: np.ndarray,
        pair_cost: int,
        seed: int,
        blocks: int,
        pool: ThreadPoolExecutor | None,
        threads: int,
    ):
        """previous : int64[n]   cluster id at the start of every node, 0 for none"""
        self.arrays = graph.row_start, graph.neighbors, graph.weight_units
        self.pair_cost, self.seed, self.blocks, self.pool = pair_cost, int(seed), int(blocks), pool
        self.known_ids = np.unique(previous[previous > 0])
        self.first_private_label = int(self.known_ids[-1]) + 1 if len(self.known_ids) else 1
        known, node_count = len(self.known_ids), graph.node_count
        own = known + np.arange(node_count)
        self.labels = np.where(previous > 0, np.searchsorted(self.known_ids, previous), own).astype(np.int32)
        sizes = np.bincount(self.labels, minlength=known + node_count)
        self.sizes = sizes.astype(np.int32)
        self.choices, self.movers = self.labels.copy(), np.empty(node_count, np.int32)
        self.shares = equal_shares(graph.row_start, threads)
        largest_degree = int(np.diff(graph.row_start).max(initial=1))
        self.slot_count = 1 << max(2, (2 * largest_degree - 1).bit_length())
        self.inside_pairs = int((sizes * (sizes - 1) // 2).sum())

    def objective(self) -> int:
        """The objective of the present labels, exact, in units. O(m)."""
        counts = self._on_shares(lambda first, last: sweep_kernels.count_inside(*self.arrays, self.labels, first, last))
        links, units = (sum(values) // 2 for values in zip(*counts, strict=True))
        return units + self.pair_cost * (links - self.inside_pairs)

    def rows_by_label(self) -> tuple[tuple[np.ndarray, ...], np.ndarray, np.ndarray]:
        """The graph with the rows of each label beside each other, so that moves of communities read less memory.

        Returns (row_start, neighbors, weight_units) over the new rows, and the position and the label of each new row, int32[n].
        """
        node_count = len(self.labels)
        order = sweep_kernels.order_by_label(self.labels, len(self.sizes))
        place_of = np.empty(node_count, np.int32)
        place_of[order] = np.arange(node_count, dtype=np.int32)
        row_start, neighbors, weight_units = self.arrays
        new_start = np.zeros(node_count + 1, np.int64)
        np.cumsum(np.diff(row_start)[order], out=new_start[1:])
        new_neighbors, new_units = np.empty_like(neighbors), np.empty_like(weight_units)
        run_on_shares(
            self.pool,
            lambda share: sweep_kernels.renumber_rows(
                *self.arrays, order, place_of, new_start, *share, new_neighbors, new_units
            ),
            equal_shares(new_start, len(self.shares)),
        )
        return (new_start, new_neighbors, new_units), order, self.labels[order]

    def run_epoch(self, epoch: int, temperature: int) -> int:
        """One epoch; returns the number of moves."""
        key = sweep_kernels.epoch_key(self.seed, epoch)
        moved = 0
        for block in range(self.blocks):
            counts = self._on_shares(
                lambda first, last, block=block: sweep_kernels.choose_labels(
                    *self.arrays,
                    self.labels,
                    self.sizes,
                    self.known_ids,
                    self.first_private_label,
                    self.pair_cost,
                    float(temperature),
                    key,
                    block,
                    self.blocks,
                    first,
                    last,
                    self.slot_count,
                    self.choices,
                    self.movers,
                )
            )
            for (first, _), count in zip(self.shares, counts, strict=True):
                self.inside_pairs += sweep_kernels.apply_choices(
                    self.labels, self.sizes, self.choices, self.movers, first, count
                )
            moved += sum(counts)
        return moved

    def _on_shares(self, work: Callable[[int, int], Any]) -> list[Any]:
        return run_on_shares(self.pool, lambda share: work(*share), self.shares)
