"""Compiled kernel of the best products: rows of a sparse matrix times lists of items, and of each row the largest few."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from simclusters.kernel_tuples import kernel_tuple
from simclusters.scores import rounded_score

# A bound is lowered by this much, so that rounding never rules out what it should keep.
BOUND_SLACK = 1e-9

# A list counts 1, one of the second kind this much more: product and count lie side by side, so that an entry reads memory once.
SECOND = 1 << 26


@kernel_tuple
class Rows(NamedTuple):
    """The rows over positions: which lists, by what weight."""

    start: np.ndarray  # int64[n + 1]
    lists: np.ndarray  # int32[m]
    weights: np.ndarray  # float64[m]
    own_item: np.ndarray  # int32[n]: the item that is the row itself and not for it, or -1


@kernel_tuple
class Lists(NamedTuple):
    """The lists over positions: which items, by what weight; none twice in one."""

    start: np.ndarray  # int64[l + 1]
    items: np.ndarray  # int32[e]
    weights: np.ndarray  # float64[e]
    listed_end: np.ndarray  # int64[l]: entries from here on find no item, but add to what another list finds
    reach: np.ndarray  # float64[e]: weights over the divisor, falling before listed_end; empty if one is negative
    item_divisor: np.ndarray  # float64[i]; empty if all are 1
    second_from: int  # lists from this position on are of the second kind


@kernel_tuple
class Known(NamedTuple):
    """The items that a row knows."""

    start: np.ndarray  # int64[n + 1]
    items: np.ndarray  # int32[p]


@kernel_tuple
class Choice(NamedTuple):
    """What is kept of the items that a row finds."""

    k: int  # how many
    only_positive: bool  # scores that round to 0 are left out


@kernel_tuple
class Scratch(NamedTuple):
    """Memory of one thread."""

    totals: np.ndarray  # float64[i, 2], all 0 before and after: the product, and the lists as one number, as SECOND says
    known: np.ndarray  # uint8[i], all 0 before and after
    found: np.ndarray  # int32[i + 1]
    best: np.ndarray  # int32[min(k, i)]
    scores: np.ndarray  # float64[min(k, i)]


@kernel_tuple
class Results(NamedTuple):
    """By row, then rank."""

    rows: np.ndarray  # int32
    items: np.ndarray  # int32
    ranks: np.ndarray  # int64, from 1
    counts: np.ndarray  # int64: lists that have the item before listed_end
    second_counts: np.ndarray  # int64: those of the second kind among them
    products: np.ndarray  # float64


@njit(cache=True, nogil=True)
def entries_per_row(rows, lists):
    """Products that each row costs: the lengths of its lists. Returns int64[rows]. O(entries of the rows)."""
    row_start, row_list, _, _ = rows
    list_start = lists.start
    entries = np.zeros(len(row_start) - 1, np.int64)
    for row in range(len(entries)):
        for index in range(row_start[row], row_start[row + 1]):
            entries[row] += list_start[row_list[index] + 1] - list_start[row_list[index]]
    return entries


@njit(cache=True, nogil=True)
def sink(scores, items, place, count):
    """Move the candidate at ``place`` of a heap down to its place: the worse above, by score, then larger item. O(log count)."""
    score, item = scores[place], items[place]
    while True:
        child = 2 * place + 1
        if child >= count:
            break
        other = child + 1
        if other < count and (scores[other] < scores[child] or (scores[other] == scores[child] and items[other] > items[child])):
            child = other
        if scores[child] > score or (scores[child] == score and items[child] < item):
            break
        scores[place], items[place] = scores[child], items[child]
        place = child
    scores[place], items[place] = score, item


@njit(cache=True, nogil=True)
def lowered(score):
    """A little less than the score, so that rounding never rules out what is as good."""
    return score - (BOUND_SLACK + BOUND_SLACK * abs(score))


@njit(cache=True, nogil=True)
def best_of_rows(first_row, end_row, rows, lists, known, choice, scratch, out):
    """The items of the largest score for each row in [first_row, end_row); the score is the product over the item's divisor.

    out : Results    mutated from 0 on; each array of at least (end_row - first_row) * min(k, i)

    Returns the number of items written. O(entries of the lists of the rows), and k times a logarithm per row.
    """
    row_start, row_list, row_weight, own_item = rows
    list_start, list_item, list_weight, listed_end, list_reach, item_divisor, second_from = lists
    known_start, known_item = known
    k, only_positive = choice
    totals, is_known, found, best, scores = scratch
    out_row, out_item, out_rank, out_count, out_second_count, out_product = out
    written = 0
    for row in range(first_row, end_row):
        for index in range(known_start[row], known_start[row + 1]):
            is_known[known_item[index]] = 1
        spared = known_start[row + 1] - known_start[row]
        if own_item[row] >= 0:
            spared += 1

        # One list alone has k items down to this place, without those that are left out, and other lists only add to them.
        bound = -np.inf
        found_count = 0
        for index in range(row_start[row], row_start[row + 1]):
            weight = row_weight[index]
            start, end = list_start[row_list[index]], listed_end[row_list[index]]
            place = start + k + spared - 1
            one = 1.0 + SECOND if row_list[index] >= second_from else 1.0
            if len(list_reach) > 0 and place < end:
                bound = max(bound, weight * list_reach[place])
            for entry in range(start, end):
                item = list_item[entry]
                # The next place is overwritten unless the item is new: a branch would be guessed wrong every other time.
                found[found_count] = item
                found_count += 1 if totals[item, 1] == 0.0 else 0
                totals[item, 0] += weight * list_weight[entry]
                totals[item, 1] += one
        for index in range(row_start[row], row_start[row + 1]):
            weight = row_weight[index]
            for entry in range(listed_end[row_list[index]], list_start[row_list[index] + 1]):
                if totals[list_item[entry], 1] > 0.0:
                    totals[list_item[entry], 0] += weight * list_weight[entry]
        bound = lowered(bound)

        # The best k so far are a heap with the worst on top.
        kept = 0
        for place in range(found_count):
            item = found[place]
            score = totals[item, 0] / item_divisor[item] if len(item_divisor) > 0 else totals[item, 0]
            if score < bound or item == own_item[row] or is_known[item] == 1:
                continue
            score = rounded_score(score) if score >= 0 else -rounded_score(-score)
            if only_positive and not score > 0:
                continue
            if kept < k:
                scores[kept], best[kept] = score, item
                kept += 1
                if kept < k:
                    continue
                for heap_place in range(k // 2 - 1, -1, -1):
                    sink(scores, best, heap_place, k)
            elif score > scores[0] or (score == scores[0] and item < best[0]):
                scores[0], best[0] = score, item
                sink(scores, best, 0, k)
            bound = max(bound, lowered(scores[0]))
        if kept < k:
            for place in range(kept // 2 - 1, -1, -1):
                sink(scores, best, place, kept)

        for rank in range(kept, 0, -1):
            item = best[0]
            place = written + rank - 1
            count = np.int64(totals[item, 1])
            out_row[place] = row
            out_item[place] = item
            out_rank[place] = rank
            out_count[place] = count % SECOND
            out_second_count[place] = count // SECOND
            out_product[place] = totals[item, 0]
            scores[0], best[0] = scores[rank - 1], best[rank - 1]
            sink(scores, best, 0, rank - 1)
        written += kept
        for place in range(found_count):
            totals[found[place], 0], totals[found[place], 1] = 0.0, 0.0
        for index in range(known_start[row], known_start[row + 1]):
            is_known[known_item[index]] = 0
    return written
