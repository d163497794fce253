"""Compiled kernels of fitted vectors. They compute what macros/scoring/fitted.sql computes, sum by sum."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from simclusters.kernel_tuples import kernel_tuple
from simclusters.scores import rounded_score
from simclusters.similarity.kernels import nearest_of_row, put_best_first
from simclusters.similarity.regression_kernels import solve


@kernel_tuple
class Rows(NamedTuple):
    """A sparse matrix by rows."""

    start: np.ndarray  # int64[rows + 1]: offsets into the others
    columns: np.ndarray  # int32[m]
    values: np.ndarray  # float64[m]


@kernel_tuple
class Sums(NamedTuple):
    """Row r of the result adds up rows of ``parts``: those that ``members`` names for r, times their weights if there are any."""

    start: np.ndarray  # int64[rows + 1]: offsets into members
    members: np.ndarray  # int32[m]: rows of parts
    weights: np.ndarray  # float64[m], or float64[0]: all count once
    parts: Rows


@kernel_tuple
class Scratch(NamedTuple):
    """Memory of one thread."""

    totals: np.ndarray  # float64[columns], all 0 before and after
    found: np.ndarray  # int32[columns]
    scores: np.ndarray  # float64[columns]


@njit(cache=True, nogil=True)
def add_row(row, sums, scratch):
    """Add up one row into scratch.totals. Returns how many columns it has; scratch.found names them. O(entries added)."""
    totals, found, _ = scratch
    parts = sums.parts
    count = np.int64(0)
    for index in range(sums.start[row], sums.start[row + 1]):
        member = sums.members[index]
        weight = sums.weights[index] if len(sums.weights) else 1.0
        for entry in range(parts.start[member], parts.start[member + 1]):
            column = parts.columns[entry]
            if totals[column] == 0.0:
                found[count] = column
                count += 1
            totals[column] += weight * parts.values[entry]
    return count


@njit(cache=True, nogil=True)
def squares_of_rows(first, end, sums, scratch, squares):
    """Add the squares of the sums of rows [first, end) to squares float64[columns], which is mutated."""
    for row in range(first, end):
        for place in range(add_row(row, sums, scratch)):
            column = scratch.found[place]
            squares[column] += scratch.totals[column] * scratch.totals[column]
            scratch.totals[column] = 0.0


@njit(cache=True, nogil=True)
def entries_of_rows(sums, most, out):
    """The most entries that each row can have, at most ``most``: int64[rows] is mutated. O(members)."""
    for row in range(len(out)):
        entries = 0
        for index in range(sums.start[row], sums.start[row + 1]):
            member = sums.members[index]
            entries += sums.parts.start[member + 1] - sums.parts.start[member]
        out[row] = min(entries, most)


@njit(cache=True, nogil=True)
def best_of_rows(first, end, sums, scales, is_unit, most, scratch, out, counts):
    """The ``most`` largest sums of each row in [first, end), times the scale of their column, by rising column.

    scales float64[columns]; out : Rows with room for each row at its start, mutated; counts int64[rows], mutated: how many there are.
    Sums are compared in ten decimals, then the smaller column wins. Where is_unit is true a row has unit length.
    """
    ids = np.arange(len(scales))
    chosen = np.empty(most, np.int32)
    for row in range(first, end):
        kept = np.int64(0)
        for place in range(add_row(row, sums, scratch)):
            column = scratch.found[place]
            score = rounded_score(scratch.totals[column] * scales[column])
            if score > 0.0:
                scratch.found[kept], scratch.scores[kept] = column, score
                kept += 1
            else:
                scratch.totals[column] = 0.0
        count = nearest_of_row(scratch.scores, scratch.found, kept, most, ids, chosen)
        put_best_first(chosen, count, scratch.scores, scratch.found, ids)
        squares = 0.0
        for place in range(count):
            column = scratch.found[chosen[place]]
            value = scratch.totals[column] * scales[column]
            out.columns[out.start[row] + place], out.values[out.start[row] + place] = column, value
            squares += value * value
        if is_unit and squares > 0.0:
            for place in range(out.start[row], out.start[row] + count):
                out.values[place] /= np.sqrt(squares)
        counts[row] = count
        for place in range(kept):
            scratch.totals[scratch.found[place]] = 0.0


@njit(cache=True, nogil=True)
def fill_products(first, end, interests, by_cluster, wanted, targets, offsets, scratch, products):
    """What clusters [first, end) share with others over all consumers, where a producer of the block asks for it.

    interests, by_cluster : Rows, the consumers' vectors and the same transposed
    wanted : Rows by cluster: columns name a producer of the block, values the place of the cluster in its targets
    targets : Rows of the block; offsets int64[block] into products, where each has a square matrix; products is mutated
    """
    totals, found, _ = scratch
    for cluster in range(first, end):
        if wanted.start[cluster] == wanted.start[cluster + 1]:
            continue
        count = 0
        for index in range(by_cluster.start[cluster], by_cluster.start[cluster + 1]):
            consumer, interest = by_cluster.columns[index], by_cluster.values[index]
            for entry in range(interests.start[consumer], interests.start[consumer + 1]):
                other = interests.columns[entry]
                if totals[other] == 0.0:
                    found[count] = other
                    count += 1
                totals[other] += interest * interests.values[entry]
        for index in range(wanted.start[cluster], wanted.start[cluster + 1]):
            producer, place = wanted.columns[index], np.int64(wanted.values[index])
            start, size = targets.start[producer], targets.start[producer + 1] - targets.start[producer]
            for other in range(size):
                products[offsets[producer] + place * size + other] = totals[targets.columns[start + other]]
        for place in range(count):
            totals[found[place]] = 0.0


@njit(cache=True, nogil=True)
def solve_rows(first, end, targets, offsets, products, penalties, out):
    """The weights of producers [first, end) of a block, without negative ones.

    penalties float64[recipes]; out float64[entries of targets, recipes] is mutated. O(size^2) each.
    """
    for producer in range(first, end):
        start, stop = targets.start[producer], targets.start[producer + 1]
        size = stop - start
        if size == 0:
            continue
        square = products[offsets[producer] : offsets[producer] + size * size].reshape((size, size))
        solution = np.empty(size)
        for number in range(len(penalties)):
            solve(square, np.full(size, penalties[number]), targets.values[start:stop], solution)
            for place in range(size):
                value = max(solution[place], 0.0)
                out[start + place, number] = value if rounded_score(value) > 0.0 else 0.0


@njit(cache=True, nogil=True)
def hits_of_rows(drawn, kept, asked, sums, factors, cutoff, out):
    """Held out follows among the first ``cutoff`` producers of drawn consumers, for each way to weigh a producer.

    drawn int32[c] : rows of sums; kept, asked : Rows of each drawn consumer's producers, whose values are not read
    factors float64[ways, producers] : what a producer's sum is multiplied by
    out int64[m, 4] is mutated: way, number of the consumer, producer, rank. Returns the rows written.
    """
    producers = factors.shape[1]
    scratch = Scratch(np.zeros(producers), np.empty(producers, np.int32), np.empty(producers))
    ids = np.arange(producers)
    chosen, found = np.empty(cutoff, np.int32), np.empty(producers, np.int32)
    is_known = np.zeros(producers, np.bool_)
    written = 0
    for number in range(len(drawn)):
        for index in range(kept.start[number], kept.start[number + 1]):
            is_known[kept.columns[index]] = True
        found_count = add_row(drawn[number], sums, scratch)
        for way in range(len(factors)):
            count = np.int64(0)
            for place in range(found_count):
                producer = scratch.found[place]
                score = rounded_score(scratch.totals[producer] * factors[way, producer])
                if score > 0.0 and not is_known[producer]:
                    found[count], scratch.scores[count] = producer, score
                    count += 1
            count = nearest_of_row(scratch.scores, found, count, cutoff, ids, chosen)
            put_best_first(chosen, count, scratch.scores, found, ids)
            for place in range(count):
                for index in range(asked.start[number], asked.start[number + 1]):
                    if asked.columns[index] == found[chosen[place]]:
                        out[written, 0], out[written, 1] = way, number
                        out[written, 2], out[written, 3] = asked.columns[index], place + 1
                        written += 1
        for place in range(found_count):
            scratch.totals[scratch.found[place]] = 0.0
        for index in range(kept.start[number], kept.start[number + 1]):
            is_known[kept.columns[index]] = False
    return written
