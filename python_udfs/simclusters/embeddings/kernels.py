"""Compiled kernels over the producers of each consumer: sums by community, and groups of similar producers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from simclusters.kernel_tuples import kernel_tuple
from simclusters.products.kernels import rounded, sort_best_first
from simclusters.scores import rounded_score

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
class InterestRules(NamedTuple):
    """What each recipe chooses by."""

    counts_follows_and_favs: np.ndarray  # bool[r]
    ranks_by_favs: np.ndarray  # bool[r]
    clusters_per_consumer: np.ndarray  # int64[r]


@kernel_tuple
class InterestScratch(NamedTuple):
    """Memory of one thread. c clusters, and r times as many columns: a column is a recipe and a cluster."""

    totals: np.ndarray  # float64[r * c, 9], all 0 before and after
    is_opted_out: np.ndarray  # uint8[c], all 0 before and after
    found: np.ndarray  # int32[r * c]
    nothing: np.ndarray  # float64[2, r * c], always 0
    keys: np.ndarray  # float64[c, 4]
    places: np.ndarray  # int32[c]


@kernel_tuple
class InterestResults(NamedTuple):
    """By consumer, then column."""

    rows: np.ndarray  # int32
    columns: np.ndarray  # int32
    ranks: np.ndarray  # int64, from 1; 0 for what is not kept
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


@kernel_tuple
class Topics(NamedTuple):
    """By audience."""

    audiences: np.ndarray  # int32[t], rising
    background_shares: np.ndarray  # float64[t]


@kernel_tuple
class TopicScratch(NamedTuple):
    """Memory of one thread."""

    totals: np.ndarray  # float64[t], all 0 before and after
    found: np.ndarray  # int32[t]
    places: np.ndarray  # int32[t]
    keys: np.ndarray  # float64[t]
    nothing: np.ndarray  # float64[t], always 0


@kernel_tuple
class TopicResults(NamedTuple):
    """By producer, audience and rank."""

    rows: np.ndarray  # int32
    topics: np.ndarray  # int32
    ranks: np.ndarray  # int64, from 1
    shares: np.ndarray  # float64


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
def is_before(keys, one, other):
    """Whether a place ranks before another: by the larger key, the first that differs, then by the smaller place."""
    for key in range(keys.shape[1]):
        if keys[one, key] != keys[other, key]:
            return keys[one, key] > keys[other, key]
    return one < other


@njit(cache=True, nogil=True)
def sort_places(keys, places, count):
    """Sort places in place, the best first: Shell's sort, because consumers have few."""
    gap = count // 2
    while gap > 0:
        for index in range(gap, count):
            place = places[index]
            while index >= gap and is_before(keys, place, places[index - gap]):
                places[index] = places[index - gap]
                index -= gap
            places[index] = place
        gap //= 2


@njit(cache=True, nogil=True)
def rank_interests(first, end, recipe, rules, scratch, out):
    """Rank one consumer's clusters of one recipe, in rows [first, end) of ``out``; the cut comes before the opt-outs."""
    keys, places, totals = scratch.keys, scratch.places, out.totals
    count = end - first
    for place in range(count):
        follow, normalized_follow, fav, _, log_fav = totals[first + place, :5]
        keys[place, 0] = rounded_score(fav) if rules.ranks_by_favs[recipe] else 0.0
        keys[place, 1] = rounded_score(log_fav)
        keys[place, 2] = rounded_score(follow)
        keys[place, 3] = rounded_score(normalized_follow)
        places[place] = place
    sort_places(keys, places, count)
    rank = 0
    for index in range(count):
        row = first + places[index]
        out.ranks[row] = 0
        is_cut = index >= rules.clusters_per_consumer[recipe]
        if not (is_cut or scratch.is_opted_out[out.columns[row] % len(scratch.is_opted_out)]):
            rank += 1
            out.ranks[row] = rank


@njit(cache=True, nogil=True)
def interests_of_rows(first_row, end_row, graph, memberships, rules, opted_out, minimum_proof, scratch, out):
    """Sums by column of the edges of each consumer in [first_row, end_row) times the memberships of their producers, ranked.

    memberships : Entries       of each producer
    opted_out : Entries         of each consumer, weights empty
    out : InterestResults       mutated from 0 on; as long as the products of the rows

    Returns the number of rows written, those with enough proof. O(products, and the sorting of what is found).
    """
    start, order, producers, is_followed, scores = graph
    member_start, member_columns, member_weights = memberships
    totals, is_opted_out, found = scratch.totals, scratch.is_opted_out, scratch.found
    cluster_count = len(is_opted_out)
    written = 0
    for row in range(first_row, end_row):
        found_count = 0
        for index in range(start[row], start[row + 1]):
            edge = order[index]
            producer = producers[edge]
            followed, faved = is_followed[edge], scores[edge, 1] > 0
            for entry in range(member_start[producer], member_start[producer + 1]):
                column, weight = member_columns[entry], member_weights[entry]
                if totals[column, EDGES] == 0:
                    found[found_count] = column
                    found_count += 1
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
        # Equal scores and products leave the order of the columns.
        sort_best_first(scratch.nothing[0], scratch.nothing[1], found, found_count)

        for index in range(opted_out.start[row], opted_out.start[row + 1]):
            is_opted_out[opted_out.columns[index]] = 1
        first, place = written, 0
        while place < found_count:
            recipe = found[place] // cluster_count
            while place < found_count and found[place] // cluster_count == recipe:
                column = found[place]
                proof = totals[column, PROOFS]
                if rules.counts_follows_and_favs[recipe]:
                    proof = totals[column, FOLLOWED] + totals[column, FAVED]
                if proof >= minimum_proof:
                    out.rows[written], out.columns[written] = row, column
                    out.totals[written] = totals[column, :PROOFS]
                    written += 1
                totals[column] = 0
                place += 1
            rank_interests(first, written, recipe, rules, scratch, out)
            first = written
        for index in range(opted_out.start[row], opted_out.start[row + 1]):
            is_opted_out[opted_out.columns[index]] = 0
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


@njit(cache=True, nogil=True)
def products_of_producers(start, followers, of_readers):
    """Topics of all followers of each producer. start int64[p + 1], followers int32[m]. Returns int64[p]. O(m)."""
    products = np.zeros(len(start) - 1, np.int64)
    for row in range(len(products)):
        for index in range(start[row], start[row + 1]):
            products[row] += of_readers.start[followers[index] + 1] - of_readers.start[followers[index]]
    return products


@njit(cache=True, nogil=True)
def write_own_topics(row, first, end, topics, k, scratch, out, written):
    """Write the own topics of one producer and audience, those in [first, end) of what is found. Returns the rows written so far.

    O(n log n) for n topics. own_topics says what they are.
    """
    totals, found, places, keys, nothing = scratch
    count = end - first
    for place in range(count):
        topic = found[first + place]
        places[place], keys[place] = topic, rounded(totals[topic] / topics.background_shares[topic])
    sort_best_first(keys, nothing, places, count)
    own_count, weight_sum, background_sum = np.int64(0), 0.0, 0.0
    weight_so_far, background_so_far = 0.0, 0.0
    for place in range(count):
        weight, background = totals[places[place]], topics.background_shares[places[place]]
        weight_so_far += weight
        background_so_far += background
        if weight * (1 + background_so_far) > background * weight_so_far:
            places[own_count] = places[place]
            own_count += 1
            weight_sum, background_sum = weight_so_far, background_so_far
    for place in range(own_count):
        topic = places[place]
        keys[place] = rounded(totals[topic] * (1 + background_sum) / weight_sum - topics.background_shares[topic])
    sort_best_first(keys, nothing, places, own_count)
    for place in range(min(own_count, k)):
        out.rows[written], out.topics[written], out.ranks[written], out.shares[written] = row, places[place], place + 1, keys[place]
        written += 1
    return written


@njit(cache=True, nogil=True)
def own_topics_of_rows(first_row, end_row, start, followers, of_readers, topics, k, scratch, out):
    """The own topics of each producer in [first_row, end_row), at most k per audience.

    start int64[p + 1], followers int32[m]    the followers of each producer, positions
    of_readers : Entries                      the topics of each follower
    out : TopicResults                        mutated from 0 on; as long as the products of the rows

    Returns the number of rows written. O(products, and the sorting of what is found).
    """
    totals, found, nothing = scratch.totals, scratch.found, scratch.nothing
    written = 0
    for row in range(first_row, end_row):
        found_count = 0
        for index in range(start[row], start[row + 1]):
            for entry in range(of_readers.start[followers[index]], of_readers.start[followers[index] + 1]):
                topic = of_readers.columns[entry]
                if totals[topic] == 0:
                    found[found_count] = topic
                    found_count += 1
                totals[topic] += of_readers.weights[entry]
        # Equal scores and products leave the order of the topics.
        sort_best_first(nothing, nothing, found, found_count)
        first = 0
        for place in range(1, found_count + 1):
            if place == found_count or topics.audiences[found[place]] != topics.audiences[found[first]]:
                written = write_own_topics(row, first, place, topics, k, scratch, out, written)
                first = place
        for place in range(found_count):
            totals[found[place]] = 0.0
    return written
