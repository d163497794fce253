"""From labels inside a run to the cluster ids that people see, which stay the same from week to week, and back."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simclusters.communities.move_kernels import match_in_order
from simclusters.positions import as_ids, positions_among

# Private labels are numbered after the largest cluster id of the start.
LARGEST_CLUSTER_ID = 2**62

Previous = Mapping[int, int] | tuple[np.ndarray, np.ndarray] | None
"""Cluster ids of a run before: a mapping producer id -> cluster id, or the two arrays; 0 means none."""


def previous_cluster_ids(producer_ids: np.ndarray, previous: Previous) -> np.ndarray:
    """int64[n]: the previous cluster id of each of the ascending producer_ids, int64[n]; 0 for none.

    Raises ValueError for arrays of unequal lengths, ids that are not integers, producers given twice, and cluster ids
    outside [0, 2^62).
    """
    if previous is None:
        return np.zeros(len(producer_ids), np.int64)
    if isinstance(previous, Mapping):
        known_producers = np.fromiter(previous.keys(), np.int64, len(previous))
        cluster_ids = np.fromiter(previous.values(), np.int64, len(previous))
    else:
        known_producers = as_ids(previous[0], "previous producer ids")
        cluster_ids = as_ids(previous[1], "previous cluster ids")
    if len(known_producers) != len(cluster_ids):
        raise ValueError(f"previous holds {len(known_producers)} producer ids and {len(cluster_ids)} cluster ids")
    if len(cluster_ids) and not (cluster_ids.min() >= 0 and cluster_ids.max() < LARGEST_CLUSTER_ID):
        raise ValueError(f"cluster ids must be in [0, 2^62), previous holds {cluster_ids.min()} to {cluster_ids.max()}")
    order = np.argsort(known_producers, kind="stable")
    known_producers, cluster_ids = known_producers[order], cluster_ids[order]
    repeats = np.flatnonzero(known_producers[1:] == known_producers[:-1])
    if len(repeats):
        raise ValueError(f"previous holds producer {known_producers[repeats[0]]} more than once")
    place = positions_among(producer_ids, known_producers)
    # The 0 at the end is what -1 reads.
    return np.append(cluster_ids, 0)[place]


def number_communities(labels: np.ndarray, kept_ids: np.ndarray) -> np.ndarray:
    """Cluster ids, int64[n], from 1; 0 for members of a community of one.

    labels : int[n]              community of every node, below the length of kept_ids
    kept_ids : int64[labels]     cluster id that a community keeps, 0 for a new one

    New communities take the ids that no kept one has, smallest first, by falling size, then by first member.
    """
    node_count, label_count = len(labels), len(kept_ids)
    sizes = np.bincount(labels, minlength=label_count)
    first_position = np.full(label_count, node_count, np.int64)
    first_position[labels[::-1]] = np.arange(node_count)[::-1]
    names = np.where(sizes > 1, kept_ids, 0)
    opened = np.flatnonzero((sizes > 1) & (kept_ids == 0))
    opened = opened[np.lexsort((first_position[opened], -sizes[opened]))]
    taken = names[names > 0]
    names[opened] = np.setdiff1d(np.arange(1, len(opened) + len(taken) + 1), taken)[: len(opened)]
    return names[labels]


def ids_kept_by_overlap(labels: np.ndarray, label_count: int, previous: np.ndarray) -> np.ndarray:
    """The previous cluster id that each community keeps, int64[labels], 0 for none.

    labels : int[n]        community of every node
    previous : int64[n]    previous cluster id of every node, 0 for none

    An id goes to the community that shares most producers with it, each community and each id once, the largest
    overlap first; among equals the smaller previous id, then the smaller label. Communities of one keep no id.
    """
    kept = np.zeros(label_count, np.int64)
    sizes = np.bincount(labels, minlength=label_count)
    both = (previous > 0) & (sizes[labels] > 1)
    known_ids, known = np.unique(previous[both], return_inverse=True)
    if len(known_ids) == 0:
        return kept
    pairs, shared = np.unique(labels[both].astype(np.int64) * len(known_ids) + known, return_counts=True)
    communities, known = pairs // len(known_ids), pairs % len(known_ids)
    order = np.lexsort((communities, known, -shared))
    communities, known = communities[order], known[order]
    taken = np.zeros(label_count, np.uint8), np.zeros(len(known_ids), np.uint8)
    is_kept = match_in_order(communities, known, *taken, len(pairs))
    kept[communities[is_kept]] = known_ids[known[is_kept]]
    return kept
