"""From labels inside a run to the cluster ids that people see, which stay the same from week to week."""

from __future__ import annotations

import numpy as np

from simclusters.communities import move_kernels


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
    kept = np.full(label_count, -1, np.int64)
    sizes = np.bincount(labels, minlength=label_count)
    both = (previous > 0) & (sizes[labels] > 1)
    known_ids, known = np.unique(previous[both], return_inverse=True)
    if len(known_ids) == 0:
        return np.zeros(label_count, np.int64)
    pairs, shared = np.unique(labels[both].astype(np.int64) * len(known_ids) + known, return_counts=True)
    communities, known = pairs // len(known_ids), pairs % len(known_ids)
    order = np.lexsort((communities, known, -shared))
    move_kernels.keep_ids(communities[order], known[order], kept, np.zeros(len(known_ids), np.uint8))
    return np.where(kept >= 0, known_ids[np.maximum(kept, 0)], 0)
