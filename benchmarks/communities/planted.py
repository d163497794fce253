"""LFR-like graphs: power-law degrees and community sizes, and a share mu of every node's edges that leaves its community.

After Lancichinetti, Fortunato and Radicchi, Phys. Rev. E 78, 046110 (2008). Linear in the number of edges.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

SWAPS_TRIED = 200


@dataclass(frozen=True)
class PlantedGraph:
    """source, target : int64[m], weight : float64[m], planted : int64[n] community of every node"""

    source: np.ndarray
    target: np.ndarray
    weight: np.ndarray
    planted: np.ndarray


def planted_graph(
    node_count: int,
    mixing: float,
    *,
    mean_degree: float = 20,
    largest_degree: int = 50,
    degree_exponent: float = 2.0,
    smallest_community: int = 20,
    largest_community: int = 100,
    size_exponent: float = 1.0,
    seed: int = 1,
) -> PlantedGraph:
    """Draw a graph; the same arguments give the same graph."""
    rng = np.random.default_rng(seed)
    degrees = _degrees(rng, node_count, mean_degree, largest_degree, degree_exponent)
    inside = np.floor((1 - mixing) * degrees + rng.random(node_count)).astype(np.int64)
    sizes = _community_sizes(rng, node_count, smallest_community, largest_community, size_exponent)
    inside = np.minimum(inside, sizes[0] - 1)
    order = np.argsort(-inside, kind="stable")
    planted = np.full(node_count, -1, np.int64)
    _place(order, inside, sizes, rng.random(node_count), planted)
    inside = np.minimum(inside, sizes[planted] - 1)
    inner = _pair_stubs(rng, inside, planted, planted, forbids_same=False)
    outer = _pair_stubs(rng, degrees - inside, np.zeros(node_count, np.int64), planted, forbids_same=True)
    source, target = np.concatenate([inner, outer], axis=1)
    return PlantedGraph(source, target, np.ones(len(source)), planted)


def _power_law(rng, count, smallest, largest, exponent):
    values = np.arange(smallest, largest + 1)
    share = values ** -float(exponent)
    return rng.choice(values, count, p=share / share.sum())


def _degrees(rng, count, mean, largest, exponent):
    """Power-law degrees; the smallest degree is one of two neighbouring integers, mixed so that the mean is met."""

    def mean_from(smallest):
        values = np.arange(smallest, largest + 1)
        share = values ** -float(exponent)
        return (values * share).sum() / share.sum()

    smallest = next(value for value in range(1, largest) if mean_from(value + 1) > mean)
    share = (mean - mean_from(smallest)) / (mean_from(smallest + 1) - mean_from(smallest))
    low = _power_law(rng, count, smallest, largest, exponent)
    high = _power_law(rng, count, smallest + 1, largest, exponent)
    return np.where(rng.random(count) < share, high, low)


def _community_sizes(rng, node_count, smallest, largest, exponent):
    """Falling sizes that add up to the number of nodes; what a cut-off last community lacks is taken from larger ones."""
    sizes = _power_law(rng, node_count // smallest + 1, smallest, largest, exponent)
    sizes = sizes[: np.searchsorted(np.cumsum(sizes), node_count) + 1]
    surplus = int(sizes.sum()) - node_count
    while surplus:
        room = np.flatnonzero(sizes > smallest)
        if len(room) == 0:
            return np.sort(np.append(sizes[:-1], sizes[-1] - surplus))[::-1]
        taken = room[:surplus]
        sizes[taken] -= 1
        surplus -= len(taken)
    return np.sort(sizes)[::-1]


@njit(cache=True)
def _place(order, inside, sizes, draws, planted):
    """Give every node a random free place in a community larger than its inside degree, the highest degrees first.

    A node for which no place is left takes one later, in a smaller community. planted int64[n] is mutated.
    """
    pool = np.empty(len(order), np.int64)
    pool_size, opened, waiting = 0, 0, 0
    late = np.empty(len(order), np.int64)
    for step in range(len(order)):
        node = order[step]
        while opened < len(sizes) and sizes[opened] > inside[node]:
            for _ in range(sizes[opened]):
                pool[pool_size] = opened
                pool_size += 1
            opened += 1
        if pool_size == 0:
            late[waiting] = node
            waiting += 1
            continue
        place = np.int64(draws[node] * pool_size)
        planted[node] = pool[place]
        pool_size -= 1
        pool[place] = pool[pool_size]
    while opened < len(sizes):
        for _ in range(sizes[opened]):
            pool[pool_size] = opened
            pool_size += 1
        opened += 1
    for index in range(waiting):
        place = np.int64(draws[late[index]] * pool_size)
        planted[late[index]] = pool[place]
        pool_size -= 1
        pool[place] = pool[pool_size]


def _pair_stubs(rng, degrees, group, planted, forbids_same):
    """Pair the stubs of each group at random; pairs that cannot be edges swap an end with another pair of their group."""
    stubs = np.repeat(np.arange(len(degrees)), degrees)
    stubs = stubs[np.argsort(group[stubs] + rng.random(len(stubs)))]
    # A group with an odd number of stubs loses its last.
    counts = np.bincount(group[stubs])
    is_odd = counts % 2 == 1
    stubs = np.delete(stubs, np.cumsum(counts)[is_odd] - 1)
    left, right = stubs[0::2].copy(), stubs[1::2].copy()
    group_start = np.concatenate([[0], np.cumsum(counts // 2)])
    good = _swap_ends(left, right, group, group_start, planted, forbids_same, rng)
    return np.stack([np.minimum(left, right)[good], np.maximum(left, right)[good]])


@njit(cache=True)
def _swap_ends(left, right, group, group_start, planted, forbids_same, rng):
    """Mend loops, repeats and, if asked, pairs inside a community; returns which pairs are edges now. Mutates the pairs."""
    node_count = len(planted)
    edges = {np.int64(-1)}
    good = np.zeros(len(left), np.bool_)
    for pair in range(len(left)):
        a, b = min(left[pair], right[pair]), max(left[pair], right[pair])
        if a != b and not (forbids_same and planted[a] == planted[b]) and a * node_count + b not in edges:
            edges.add(a * node_count + b)
            good[pair] = True
    for pair in range(len(left)):
        first, last = group_start[group[left[pair]]], group_start[group[left[pair]] + 1]
        for _ in range(SWAPS_TRIED):
            if good[pair]:
                break
            other = rng.integers(first, last)
            if not good[other]:
                continue
            a, b, c, d = left[pair], right[pair], left[other], right[other]
            if rng.integers(0, 2):
                c, d = d, c
            if a == c or b == d or (forbids_same and (planted[a] == planted[c] or planted[b] == planted[d])):
                continue
            one = min(a, c) * node_count + max(a, c)
            two = min(b, d) * node_count + max(b, d)
            if one == two or one in edges or two in edges:
                continue
            edges.discard(min(c, d) * node_count + max(c, d))
            edges.add(one)
            edges.add(two)
            right[pair], left[other], right[other] = c, b, d
            good[pair] = True
    return good
