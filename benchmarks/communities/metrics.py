"""How good a partition is: against planted communities, and by the objective of the constant Potts model."""

from __future__ import annotations

import numpy as np

from simclusters.communities.agreement import normalized_mutual_information


def without_gaps(labels: np.ndarray) -> np.ndarray:
    """Labels 0, 1, ...; every node without a community (label below 0) becomes one of its own. int64[n]."""
    labels = np.asarray(labels, np.int64).copy()
    alone = labels < 0
    labels[alone] = labels.max(initial=-1) + 1 + np.arange(int(alone.sum()))
    return np.unique(labels, return_inverse=True)[1]


def found_count(labels: np.ndarray) -> int:
    """Communities of more than one node."""
    return int((np.bincount(without_gaps(labels)) > 1).sum())


def agreement_with(planted: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """NMI, adjusted Rand index, and F1: the mean best match, averaged over both sides (communities of one left out)."""
    labels = without_gaps(labels)
    node_count = len(labels)
    planted_sizes, sizes = np.bincount(planted), np.bincount(labels)
    keys, shared = np.unique(planted.astype(np.int64) * len(sizes) + labels, return_counts=True)
    left, right = keys // len(sizes), keys % len(sizes)
    match = 2 * shared / (planted_sizes[left] + sizes[right])
    best_left, best_right = np.zeros(len(planted_sizes)), np.zeros(len(sizes))
    np.maximum.at(best_left, left, match)
    np.maximum.at(best_right, right, match)
    real = sizes > 1

    def pairs(counts):
        return float((counts * (counts - 1.0) / 2).sum())

    both, by_planted, by_labels = pairs(shared), pairs(planted_sizes), pairs(sizes)
    expected = by_planted * by_labels / (node_count * (node_count - 1) / 2)
    return {
        "nmi": normalized_mutual_information(planted, labels),
        "ari": (both - expected) / ((by_planted + by_labels) / 2 - expected),
        "f1": (best_left.mean() + (best_right[real].mean() if real.any() else 0.0)) / 2,
    }


def objective(source: np.ndarray, target: np.ndarray, weight: np.ndarray, labels: np.ndarray, w: float) -> float:
    """The project's objective at true-positive weight w, per edge and mean edge value, so that 1 is every edge inside.

    source, target : int64[m]   positions
    """
    units = np.maximum(1, np.floor(weight * 1e6 + 0.5)).astype(np.int64)
    mean_units = int(units.sum()) // len(units)
    pair_cost = max(1, int(np.floor(mean_units / w)))
    labels = without_gaps(labels)
    inside = labels[source] == labels[target]
    sizes = np.bincount(labels)
    total = int(units[inside].sum()) + pair_cost * (int(inside.sum()) - int((sizes * (sizes - 1) // 2).sum()))
    return total / (len(units) * (mean_units + pair_cost))
