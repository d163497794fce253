"""Compiled kernel of the best products: rows of a sparse matrix times lists of items, and of each row the largest few."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from simclusters.kernel_tuples import kernel_tuple
from simclusters.scores import log_one_plus, rounded_score

# A bound is lowered by this much, so that rounding never rules out what it should keep.
BOUND_SLACK = 1e-9

# A list counts 1, one of the second kind this much more: product and count lie side by side, so that an entry reads memory once.
SECOND = 1 << 26

# The place of the worst. numba takes a plain 0 for a type of its own, and compiles for it.
TOP = np.int64(0)

# Choice.found_norm
SQUARE_ROOT, LOG_ONE_PLUS = 1, 2


@kernel_tuple
class Rows(NamedTuple):
    """The rows over positions: which lists, by what weight."""

    start: np.ndarray  # int64[n + 1]
    lists: np.ndarray  # int32[m]
    weights: np.ndarray  # float64[m]
    own_item: np.ndarray  # int32[n]: the item that is the row itself and not for it, or -1
    divisor: np.ndarray  # float64[n]; empty if all are 1


@kernel_tuple
class Lists(NamedTuple):
    """The lists over positions: which items, by what weight; none twice in one."""

    start: np.ndarray  # int64[l + 1]
    end: np.ndarray  # int64[l]: no later than the next start
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
    larger_product_first: bool  # among equal scores
    found_norm: int  # 0, or the function of the item's squared weights, where the row found it, that divides a score


@kernel_tuple
class Scratch(NamedTuple):
    """Memory of one thread."""

    totals: np.ndarray  # float64[i, 2], all 0 before and after: the product, and the lists as one number, as SECOND says
    known: np.ndarray  # uint8[i], all 0 before and after
    found: np.ndarray  # int32[i + 1]
    best: np.ndarray  # int32[min(k, i)]
    scores: np.ndarray  # float64[min(k, i)]
    products: np.ndarray  # float64[min(k, i)]: what breaks a tie
    squares: np.ndarray  # float64[i], all 0 before and after; empty without a found_norm


@kernel_tuple
class Results(NamedTuple):
    """By row, then rank."""

    rows: np.ndarray  # int32
    items: np.ndarray  # int32
    ranks: np.ndarray  # int64, from 1
    counts: np.ndarray  # int64: lists of the row that have the item
    second_counts: np.ndarray  # int64: those of the second kind among them
    products: np.ndarray  # float64
    scores: np.ndarray  # float64


@njit(cache=True, nogil=True)
def entries_per_row(rows, lists):
    """Products that each row costs: the lengths of its lists. Returns int64[rows]. O(entries of the rows)."""
    row_start, row_list = rows.start, rows.lists
    lengths = lists.end - lists.start[:-1]
    entries = np.zeros(len(row_start) - 1, np.int64)
    for row in range(len(entries)):
        for index in range(row_start[row], row_start[row + 1]):
            entries[row] += lengths[row_list[index]]
    return entries


@njit(cache=True, nogil=True, inline="always")
def is_worse(score, product, item, other_score, other_product, other_item):
    """Whether a candidate comes after another: by score, then product, then smaller item."""
    if score != other_score:
        return score < other_score
    if product != other_product:
        return product < other_product
    return item > other_item


@njit(cache=True, nogil=True)
def sink(scores, products, items, place, count):
    """Move the candidate at ``place`` of a heap down to its place, the worse above. O(log count)."""
    score, product, item = scores[place], products[place], items[place]
    while True:
        child = 2 * place + 1
        if child >= count:
            break
        other = child + 1
        if other < count and is_worse(scores[other], products[other], items[other], scores[child], products[child], items[child]):
            child = other
        if is_worse(score, product, item, scores[child], products[child], items[child]):
            break
        scores[place], products[place], items[place] = scores[child], products[child], items[child]
        place = child
    scores[place], products[place], items[place] = score, product, item


@njit(cache=True, nogil=True)
def sort_best_first(scores, products, items, count):
    """Sort candidates in place, the worst last. A heap, because numpy's sorting costs seconds to compile. O(count log count)."""
    for place in range(count // 2 - 1, -1, -1):
        sink(scores, products, items, place, count)
    for last in range(count - 1, 0, -1):
        score, product, item = scores[last], products[last], items[last]
        scores[last], products[last], items[last] = scores[0], products[0], items[0]
        scores[0], products[0], items[0] = score, product, item
        sink(scores, products, items, TOP, last)


@njit(cache=True, nogil=True)
def place_entries(of_list, item, weights, is_listed, lists, is_place_listed):
    """Append entries to their lists.

    of_list, item : int32[m]     positions
    weights : float64[m]
    is_listed : bool[m]          empty if all are
    lists : Lists                end, items and weights are mutated
    is_place_listed : bool[e]    mutated; empty if is_listed is

    O(m).
    """
    list_end, list_items, list_weights = lists.end, lists.items, lists.weights
    for index in range(len(of_list)):
        place = list_end[of_list[index]]
        list_end[of_list[index]] = place + 1
        list_items[place], list_weights[place] = item[index], weights[index]
        if len(is_place_listed) > 0:
            is_place_listed[place] = is_listed[index]


@njit(cache=True, nogil=True)
def order_lists(first_list, end_list, lists, is_place_listed):
    """Order the lists in [first_list, end_list): what is listed first, each part by falling reach.

    lists : Lists                items, weights, listed_end and reach are mutated
    is_place_listed : bool[e]    empty if all are listed

    O(e log of the longest list).
    """
    for place in range(first_list, end_list):
        begin, end = lists.start[place], lists.end[place]
        count = end - begin
        items, weights = lists.items[begin:end].copy(), lists.weights[begin:end].copy()
        reaches, by_reach, no_products = weights.copy(), np.empty(count, np.int32), np.zeros(count)
        is_ordered = True
        for index in range(count):
            if len(lists.item_divisor) > 0:
                reaches[index] /= lists.item_divisor[items[index]]
            by_reach[index] = index
            is_ordered = is_ordered and (index == 0 or reaches[index] <= reaches[index - 1])
        if not is_ordered:
            sort_best_first(reaches, no_products, by_reach, count)
        is_listed = is_place_listed[begin:end].copy()
        written = begin
        for wanted in (True, False):
            for index in range(count):
                entry = by_reach[index]
                if (len(is_listed) == 0 or is_listed[entry]) != wanted:
                    continue
                lists.items[written], lists.weights[written] = items[entry], weights[entry]
                if len(lists.reach) > 0:
                    lists.reach[written] = reaches[index]
                written += 1
            if wanted:
                lists.listed_end[place] = written


@njit(cache=True, nogil=True, inline="always")
def rounded(score):
    """A score of any sign in ten decimals."""
    return rounded_score(score) if score >= 0 else -rounded_score(-score)


@njit(cache=True, nogil=True, inline="always")
def found_divisor(squares, found_norm):
    """The norm of what was found of an item. Numbers only: to pass an array costs more than the formula."""
    return np.sqrt(squares) if found_norm == SQUARE_ROOT else log_one_plus(squares)


@njit(cache=True, nogil=True)
def lowered(score):
    """A little less than the score, so that rounding never rules out what is as good."""
    return score - (BOUND_SLACK + BOUND_SLACK * abs(score))


@njit(cache=True, nogil=True)
def best_of_rows(first_row, end_row, rows, lists, known, choice, scratch, out):
    """The items of the largest score for each row in [first_row, end_row).

    out : Results    mutated from 0 on; each array of at least (end_row - first_row) * min(k, i)

    Returns the number of items written. O(entries of the lists of the rows), and k times a logarithm per row.
    """
    row_start, row_list, row_weight, own_item, row_divisors = rows
    list_start, list_end, list_item, list_weight, listed_end, list_reach, item_divisor, second_from = lists
    known_start, known_item = known
    k, only_positive, larger_product_first, found_norm = choice
    totals, is_known, found, best, scores, products, squares = scratch
    has_divisors = len(item_divisor) > 0
    written = 0
    for row in range(first_row, end_row):
        for index in range(known_start[row], known_start[row + 1]):
            is_known[known_item[index]] = 1
        spared = known_start[row + 1] - known_start[row]
        if own_item[row] >= 0:
            spared += 1
        row_divisor = row_divisors[row] if len(row_divisors) > 0 else 1.0

        # One list alone has k items down to this place, without those that are left out, and other lists only add to them.
        bound = -np.inf
        found_count = 0
        for index in range(row_start[row], row_start[row + 1]):
            weight = row_weight[index]
            start, end = list_start[row_list[index]], listed_end[row_list[index]]
            place = start + k + spared - 1
            one = 1.0 + SECOND if row_list[index] >= second_from else 1.0
            if len(list_reach) > 0 and place < end:
                bound = max(bound, weight * list_reach[place] / row_divisor)
            for entry in range(start, end):
                item = list_item[entry]
                # The next place is overwritten unless the item is new: a branch would be guessed wrong every other time.
                found[found_count] = item
                found_count += 1 if totals[item, 1] == 0.0 else 0
                totals[item, 0] += weight * list_weight[entry]
                totals[item, 1] += one
            if found_norm > 0:
                for entry in range(start, end):
                    squares[list_item[entry]] += list_weight[entry] * list_weight[entry]
        for index in range(row_start[row], row_start[row + 1]):
            weight = row_weight[index]
            one = 1.0 + SECOND if row_list[index] >= second_from else 1.0
            for entry in range(listed_end[row_list[index]], list_end[row_list[index]]):
                if totals[list_item[entry], 1] > 0.0:
                    totals[list_item[entry], 0] += weight * list_weight[entry]
                    totals[list_item[entry], 1] += one
        bound = lowered(bound)

        # The best k so far are a heap with the worst on top.
        kept = np.int64(0)
        for place in range(found_count):
            item = found[place]
            divisor = row_divisor
            if has_divisors:
                divisor *= item_divisor[item]
            if found_norm > 0:
                divisor *= found_divisor(squares[item], found_norm)
            score = totals[item, 0] / divisor
            if score < bound or item == own_item[row] or is_known[item] == 1:
                continue
            score = rounded(score)
            if only_positive and not score > 0:
                continue
            product = rounded(totals[item, 0]) if larger_product_first else 0.0
            if kept < k:
                scores[kept], products[kept], best[kept] = score, product, item
                kept += 1
                if kept < k:
                    continue
                for heap_place in range(k // 2 - 1, -1, -1):
                    sink(scores, products, best, heap_place, k)
            elif is_worse(scores[0], products[0], best[0], score, product, item):
                scores[0], products[0], best[0] = score, product, item
                sink(scores, products, best, TOP, k)
            bound = max(bound, lowered(scores[0]))
        if kept < k:
            for place in range(kept // 2 - 1, -1, -1):
                sink(scores, products, best, place, kept)

        for rank in range(kept, 0, -1):
            item = best[0]
            place = written + rank - 1
            count = np.int64(totals[item, 1])
            out.rows[place] = row
            out.items[place] = item
            out.ranks[place] = rank
            out.counts[place] = count % SECOND
            out.second_counts[place] = count // SECOND
            out.products[place] = totals[item, 0]
            divisor = row_divisor
            if has_divisors:
                divisor *= item_divisor[item]
            if found_norm > 0:
                divisor *= found_divisor(squares[item], found_norm)
            out.scores[place] = totals[item, 0] / divisor
            scores[0], products[0], best[0] = scores[rank - 1], products[rank - 1], best[rank - 1]
            sink(scores, products, best, TOP, rank - 1)
        written += kept
        for place in range(found_count):
            totals[found[place], 0], totals[found[place], 1] = 0.0, 0.0
            if found_norm > 0:
                squares[found[place]] = 0.0
        for index in range(known_start[row], known_start[row + 1]):
            is_known[known_item[index]] = 0
    return written
