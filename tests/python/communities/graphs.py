"""Small graphs for the tests of community detection."""

from itertools import combinations

import numpy as np


def random_edges(rng, node_count, edge_count):
    """Distinct undirected edges between producers with scattered ids, weights in [0, 1)."""
    ids = np.sort(rng.choice(10**12, node_count, replace=False))
    pairs = rng.integers(0, node_count, (edge_count, 2))
    pairs = np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0)
    return ids[pairs[:, 0]], ids[pairs[:, 1]], rng.random(len(pairs))


def planted_edges(rng, sizes, inside, between):
    """Communities of the given sizes; pairs are linked with probability ``inside`` or ``between``, weights in [0.5, 1)."""
    planted = np.repeat(np.arange(len(sizes)), sizes)
    left, right = np.triu_indices(len(planted), 1)
    linked = rng.random(len(left)) < np.where(planted[left] == planted[right], inside, between)
    left, right = left[linked], right[linked]
    return left, right, 0.5 + rng.random(len(left)) / 2, planted


def cliques(count, size, bridged=False):
    """Cliques of one size with weight 1; ``bridged`` links each to the next by one edge."""
    edges = [(c * size + i, c * size + j) for c in range(count) for i, j in combinations(range(size), 2)]
    if bridged:
        edges += [(c * size, (c + 1) * size + 1) for c in range(count - 1)]
    source, target = np.array(edges).T
    return source, target, np.ones(len(edges))


def star(leaf_count):
    """One hub, producer 0, and its leaves, weight 1."""
    return np.zeros(leaf_count, np.int64), np.arange(1, leaf_count + 1), np.ones(leaf_count)


def similarity_edges(consumers, producers, smallest_count=5, floor=0.02):
    """The community graph of follows: squared cosines of the producers' followers, times ten."""
    producer_ids, column, counts = np.unique(producers, return_inverse=True, return_counts=True)
    rows = np.unique(consumers, return_inverse=True)[1]
    followed = np.zeros((rows.max() + 1, len(producer_ids)))
    followed[rows, column] = 1.0
    eligible = counts >= smallest_count
    followed = followed[:, eligible] / np.sqrt(counts[eligible])
    cosine = np.triu(followed.T @ followed, 1)
    left, right = np.nonzero(cosine >= floor)
    ids = producer_ids[eligible]
    return ids[left], ids[right], 10 * cosine[left, right] ** 2
