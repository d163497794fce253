"""Compiled kernels over the producers of each consumer: sums by community, and groups of similar producers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from simclusters.kernel_tuples import kernel_tuple

# Columns of the totals of a community: from 0 on a sum for each score, then counts of edges. TOTALS says how many.
FOLLOWED, FAVED, PROOFS, EDGES, TOTALS = 5, 6, 7, 8, 9


@kernel_tuple
class Graph(NamedTuple):
    """The edges of the consumers; those of one are listed in ``order``."""

    start: np.ndarray  # int64[n + 1]
    order: np.ndarray  # int64[m]
    producers: np.ndarray  # int32[m]
    is_followed: np.ndarray  # bool[m]
    scores: np.ndarray  # float64[m, 4]: producer-normalized follow, fav, producer-normalized fav, log-fav


@kernel_tuple
class Entries(NamedTuple):
    """Rows of a sparse matrix: which columns, by what weight."""

    start: np.ndarray  # int64[p + 1]
    columns: np.ndarray  # int32[e]
    weights: np.ndarray  # float64[e]


@kernel_tuple
class SumResults(NamedTuple):
    """By consumer."""

    rows: np.ndarray  # int32
    columns: np.ndarray  # int32
    totals: np.ndarray  # float64[, 7]: five scores, followed and faved producers


@kernel_tuple
class GroupScratch(NamedTuple):
    """Memory of one thread."""

    place: np.ndarray  # int32[p], all -1 before and after: where a producer stands among those of the consumer
    first_of: np.ndarray  # int32[c], all -1 before and after: first producer of a largest community
    sums: np.ndarray  # float64[c], all 0 before and after
    group: np.ndarray  # int32[longest row]: the first member of the group of each
    counts: np.ndarray  # int32[longest row]
    first_member: np.ndarray  # int32[longest row]
    next_member: np.ndarray  # int32[longest row]


@kernel_tuple
class GroupResults(NamedTuple):
    """For each member, in the order of the rows."""

    ranks: np.ndarray  # int64, from 1
    counts: np.ndarray  # int64: producers of the group
    scores: np.ndarray  # float64: sum of the cosines to all of the group


@njit(cache=True, nogil=True)
def products_of_rows(graph, memberships):
    """Products that each consumer costs: memberships of all producers. Returns int64[n]. O(m)."""
    start, order, producers = graph.start, graph.order, graph.producers
    member_start = memberships.start
    products = np.zeros(len(start) - 1, np.int64)
    for row in range(len(products)):
        for index in range(start[row], start[row + 1]):
            producer = producers[order[index]]
            products[row] += member_start[producer + 1] - member_start[producer]
    return products


@njit(cache=True, nogil=True)
def sums_of_rows(first_row, end_row, graph, memberships, counts_follows_and_favs, minimum_proof, totals, out):
    """Sums by column of the edges of each consumer in [first_row, end_row) times the memberships of their producers.

    totals : float64[c, 9]   all 0 before and after
    out : SumResults    mutated from 0 on; as long as the products of the rows

    Returns the number of sums written, those with enough proof. O(products).
    """
    start, order, producers, is_followed, scores = graph
    member_start, member_columns, member_weights = memberships
    written = 0
    for row in range(first_row, end_row):
        before = written
        for index in range(start[row], start[row + 1]):
            edge = order[index]
            producer = producers[edge]
            followed, faved = is_followed[edge], scores[edge, 1] > 0
            for entry in range(member_start[producer], member_start[producer + 1]):
                column, weight = member_columns[entry], member_weights[entry]
                if totals[column, EDGES] == 0:
                    out.columns[written] = column
                    written += 1
                totals[column, EDGES] += 1
                if followed:
                    totals[column, 0] += weight
                    totals[column, FOLLOWED] += 1
                for score in range(4):
                    totals[column, 1 + score] += scores[edge, score] * weight
                if faved:
                    totals[column, FAVED] += 1
                if followed or faved:
                    totals[column, PROOFS] += 1
        end, written = written, before
        for place in range(before, end):
            column = out.columns[place]
            proof = totals[column, PROOFS]
            if counts_follows_and_favs:
                proof = totals[column, FOLLOWED] + totals[column, FAVED]
            if proof >= minimum_proof:
                out.rows[written], out.columns[written] = row, column
                out.totals[written] = totals[column, :PROOFS]
                written += 1
            totals[column] = 0
    return written


@njit(cache=True, nogil=True)
def root_of(group, member):
    """The first member of a group, with shorter paths to it afterwards."""
    while group[member] != member:
        group[member] = group[group[member]]
        member = group[member]
    return member


@njit(cache=True, nogil=True)
def rank_and_score(first, size, group, producers, vectors, scratch, out):
    """Rank the groups of one consumer by size, then first member, and score each member. O(size + entries)."""
    counts, first_member, next_member, sums = scratch.counts, scratch.first_member, scratch.next_member, scratch.sums
    for member in range(size):
        counts[member], first_member[member] = 0, -1
    for member in range(size - 1, -1, -1):
        root = group[member]
        counts[root] += 1
        next_member[member] = first_member[root]
        first_member[root] = member
    # The next rank for a group of each size: after all that are larger.
    next_rank = np.ones(size + 1, np.int64)
    for root in range(size):
        for smaller in range(counts[root]):
            next_rank[smaller] += 1
    for root in range(size):
        if counts[root] == 0:
            continue
        rank = next_rank[counts[root]]
        next_rank[counts[root]] += 1
        member = first_member[root]
        while member >= 0:
            producer = producers[first + member]
            for entry in range(vectors.start[producer], vectors.start[producer + 1]):
                sums[vectors.columns[entry]] += vectors.weights[entry]
            member = next_member[member]
        member = first_member[root]
        while member >= 0:
            producer = producers[first + member]
            score = 0.0
            for entry in range(vectors.start[producer], vectors.start[producer + 1]):
                score += vectors.weights[entry] * sums[vectors.columns[entry]]
            out.ranks[first + member], out.counts[first + member], out.scores[first + member] = rank, counts[root], score
            member = next_member[member]
        member = first_member[root]
        while member >= 0:
            producer = producers[first + member]
            for entry in range(vectors.start[producer], vectors.start[producer + 1]):
                sums[vectors.columns[entry]] = 0.0
            member = next_member[member]


@njit(cache=True, nogil=True)
def groups_of_rows(first_row, end_row, start, producers, largest, links, vectors, scratch, by_largest, by_links):
    """Group the producers of each consumer in [first_row, end_row), by their largest community and by their links.

    start : int64[n + 1]    rows of producers and largest, producers of one consumer rising
    producers, largest : int32[m]
    links : Entries         of each producer, to later ones; weights empty
    by_largest, by_links : GroupResults[m]    mutated at the rows of these consumers

    O(links and entries of the producers of each consumer).
    """
    place, first_of, group = scratch.place, scratch.first_of, scratch.group
    for row in range(first_row, end_row):
        first, size = start[row], start[row + 1] - start[row]
        for member in range(size):
            column = largest[first + member]
            if first_of[column] < 0:
                first_of[column] = member
            group[member] = first_of[column]
        for member in range(size):
            first_of[largest[first + member]] = -1
        rank_and_score(first, size, group, producers, vectors, scratch, by_largest)

        for member in range(size):
            place[producers[first + member]] = member
            group[member] = member
        for member in range(size):
            producer = producers[first + member]
            for entry in range(links.start[producer], links.start[producer + 1]):
                other = place[links.columns[entry]]
                if other >= 0:
                    root, other_root = root_of(group, member), root_of(group, other)
                    # The smaller stays, so a root is the first member.
                    group[max(root, other_root)] = min(root, other_root)
        for member in range(size):
            place[producers[first + member]] = -1
            group[member] = root_of(group, member)
        rank_and_score(first, size, group, producers, vectors, scratch, by_links)
