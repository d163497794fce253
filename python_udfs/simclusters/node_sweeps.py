"""The annealed phase: epochs of node moves, exactly as docs/community_detection.md says, on one or more threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from simclusters import kernels
from simclusters.sparse_graph import SparseGraph


class NodeSweeps:
    """The state of the sweeps.

    labels : int32[n]         numbers of labels: known + i is node i's private label, below known a cluster id of the start
    known_ids : int64[known]  the cluster ids of the start, ascending
    objective : int           exact, in units
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
        shares = np.searchsorted(graph.row_start, np.linspace(0, 2 * graph.edge_count, threads + 1)).tolist()
        shares[0], shares[-1] = 0, node_count
        self.chunks = list(zip(shares[:-1], shares[1:], strict=True))
        largest_degree = int(np.diff(graph.row_start).max(initial=1))
        self.slot_count = 1 << max(2, (2 * largest_degree - 1).bit_length())
        self.inside_value = int(kernels.inside_value(*self.arrays, pair_cost, self.labels))
        self.inside_pairs = int((sizes * (sizes - 1) // 2).sum())

    @property
    def objective(self) -> int:
        return self.inside_value - self.pair_cost * self.inside_pairs

    def run_epoch(self, epoch: int, temperature: int) -> int:
        """One epoch; returns the number of moves."""
        key = kernels.epoch_key(self.seed, epoch)
        moved = 0
        for block in range(self.blocks):
            counts = self._on_chunks(
                lambda first, last, block=block: kernels.choose_labels(
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
            count_from = {first: count for (first, _), count in zip(self.chunks, counts, strict=True)}
            changes = self._on_chunks(
                lambda first, _, count_from=count_from: kernels.moved_units(
                    *self.arrays, self.pair_cost, self.labels, self.choices, self.movers, first, count_from[first]
                )
            )
            self.inside_value += sum(changes) // 2
            for first, count in count_from.items():
                self.inside_pairs += kernels.apply_choices(
                    self.labels, self.sizes, self.choices, self.movers, first, count
                )
            moved += sum(counts)
        return moved

    def _on_chunks(self, work: Callable[[int, int], int]) -> list[int]:
        run = map if self.pool is None else self.pool.map
        return list(run(lambda chunk: work(*chunk), self.chunks))
