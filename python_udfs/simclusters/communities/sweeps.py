"""Epochs of node moves: "State" and "One epoch" of docs/community_detection.md, on one or more threads."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simclusters.communities import sweep_kernels
from simclusters.communities.graph import Rows, SparseGraph
from simclusters.communities.sweep_kernels import HalfStep, State
from simclusters.positions import stable_order
from simclusters.threads import Workers, equal_shares


class LabelledRows(NamedTuple):
    """A graph whose rows are in any order: rows over new numbers, and of each the position and the label, int[n]."""

    rows: Rows
    positions: np.ndarray
    labels: np.ndarray


class NodeSweeps:
    """Labels that epochs change, and the exact objective at one pair cost.

    state.labels int32[n] : known + i is the private label of the node at position i, below known a cluster id of the start
    state.known_ids int64[known] : the cluster ids of the start, ascending
    """

    def __init__(self, graph: SparseGraph, previous: np.ndarray, pair_cost: int, seed: int, blocks: int, workers: Workers):
        """previous : int64[n]   cluster id at the start of every node, 0 for none"""
        self.rows, self.pair_cost, self.seed, self.blocks, self.workers = graph.rows, pair_cost, seed, blocks, workers
        known_ids = np.unique(previous[previous > 0])
        known, node_count = len(known_ids), graph.node_count
        own = known + np.arange(node_count)
        labels = np.where(previous > 0, np.searchsorted(known_ids, previous), own).astype(np.int32)
        sizes = np.bincount(labels, minlength=known + node_count)
        self.state = State(
            labels=labels,
            sizes=sizes.astype(np.int32),
            known_ids=known_ids,
            first_private_label=int(known_ids[-1]) + 1 if known else 1,
            choices=labels.copy(),
            movers=np.empty(node_count, np.int32),
        )
        self.shares = equal_shares(graph.rows.row_start, workers.count)
        self.slot_count = 1 << max(2, (2 * graph.largest_degree - 1).bit_length())
        self.inside_pairs = int((sizes * (sizes - 1) // 2).sum())

    def objective(self) -> int:
        """The objective of the present labels, exact, in units. O(m)."""
        counts = self.workers.run(
            lambda first, last: sweep_kernels.count_inside(self.rows, self.state.labels, first, last), self.shares
        )
        links, units = (sum(values) // 2 for values in zip(*counts, strict=True))
        return units + self.pair_cost * (links - self.inside_pairs)

    def run_epoch(self, epoch: int, temperature: int) -> int:
        """One epoch; returns the number of moves."""
        key = sweep_kernels.epoch_key(self.seed, epoch)
        moved = 0
        for block in range(self.blocks):
            half_step = HalfStep(key, block, self.blocks, float(temperature), self.pair_cost, self.slot_count)
            counts = self.workers.run(
                lambda first, last, half_step=half_step: sweep_kernels.choose_labels(self.rows, self.state, half_step, first, last),
                self.shares,
            )
            for (first, _), count in zip(self.shares, counts, strict=True):
                self.inside_pairs += sweep_kernels.apply_choices(self.state, first, count)
            moved += sum(counts)
        return moved

    def kept_ids(self) -> np.ndarray:
        """int64[known + n]: the cluster id that each label keeps, 0 for private labels."""
        kept_ids = np.zeros(len(self.state.sizes), np.int64)
        kept_ids[: len(self.state.known_ids)] = self.state.known_ids
        return kept_ids

    def rows_by_label(self) -> LabelledRows:
        """The graph with the rows of each label beside each other, so that moves of communities read less memory."""
        node_count = len(self.state.labels)
        _, order = stable_order(self.state.labels, len(self.state.sizes))
        place_of = np.empty(node_count, np.int32)
        place_of[order] = np.arange(node_count, dtype=np.int32)
        new_start = np.zeros(node_count + 1, np.int64)
        np.cumsum(np.diff(self.rows.row_start)[order], out=new_start[1:])
        renumbered = Rows(new_start, np.empty_like(self.rows.neighbors), np.empty_like(self.rows.weight_units))
        self.workers.run(
            lambda first, last: sweep_kernels.renumber_rows(self.rows, order, place_of, renumbered, first, last),
            equal_shares(new_start, self.workers.count),
        )
        return LabelledRows(renumbered, order, self.state.labels[order])
