"""Compiled kernel of the best products: rows of a sparse matrix times lists of items, and of each row the largest few."""

from __future__ import annotations

import numpy as np
from numba import njit

from simclusters.similarity.kernels import rounded_score

# A bound that one list proves is lowered by this much, so that rounding never rules out what it should keep.
BOUND_SLACK = 1e-9


@njit(cache=True, nogil=True)
def stable_order(groups, group_count):
    """Order that brings the members of each group together, groups rising, members as they came.

    groups int32[m] below group_count. Returns (starts int64[group_count + 1], order int64[m]). O(m + groups).
    """
    starts = np.zeros(group_count + 1, np.int64)
    for index in range(len(groups)):
        starts[groups[index] + 1] += 1
    for group in range(group_count):
        starts[group + 1] += starts[group]
    order = np.empty(len(groups), np.int64)
    cursor = starts[:group_count].copy()
    for index in range(len(groups)):
        order[cursor[groups[index]]] = index
        cursor[groups[index]] += 1
    return starts, order


@njit(cache=True, nogil=True)
def entries_per_row(row_start, row_list, list_start):
    """Products that each row costs: the lengths of its lists. Returns int64[rows]. O(entries of the rows)."""
    entries = np.zeros(len(row_start) - 1, np.int64)
    for row in range(len(entries)):
        for index in range(row_start[row], row_start[row + 1]):
            entries[row] += list_start[row_list[index] + 1] - list_start[row_list[index]]
    return entries


@njit(cache=True, nogil=True)
def sink(scores, items, place, count):
    """Move the candidate at ``place`` of a heap down to its place: the better above, by score, then smaller item. O(log count)."""
    score, item = scores[place], items[place]
    while True:
        child = 2 * place + 1
        if child >= count:
            break
        other = child + 1
        if other < count and (
            scores[other] > scores[child] or (scores[other] == scores[child] and items[other] < items[child])
        ):
            child = other
        if scores[child] < score or (scores[child] == score and items[child] > item):
            break
        scores[place], items[place] = scores[child], items[child]
        place = child
    scores[place], items[place] = score, item


@njit(cache=True, nogil=True)
def best_of_rows(
    first_row,
    end_row,
    row_start,
    row_list,
    row_weight,
    list_start,
    listed_end,
    list_item,
    list_weight,
    list_reach,
    item_divisor,
    own_item,
    known_start,
    known_item,
    keeps_known,
    only_positive,
    k,
    sums,
    counts,
    found,
    scores,
    known,
    out_row,
    out_item,
    out_rank,
    out_count,
    out_is_known,
    out_sum,
):
    """The k items of the largest score for each row in [first_row, end_row); the score is the product over the item's divisor.

    row_start int64[n + 1], row_list int32[m], row_weight float64[m]   the rows: which lists, by what weight
    list_start int64[l + 1], list_item int32[e], list_weight float64[e]   the lists: which items, by what weight; none twice in one
    listed_end int64[l]   entries of a list from here on add to an item that another list has, but are not found by this one
    list_reach float64[e]   list_weight over the item's divisor: falling before listed_end; empty when a weight is negative
    item_divisor float64[i]
    own_item int32[n]   the item that is the row itself and not for it, or -1
    known_start int64[n + 1], known_item int32[p]   the items that a row knows: kept and marked with keeps_known, or left out
    only_positive   whether scores that round to 0 are left out
    sums float64[i], counts int32[i], known uint8[i], all 0; found int32[i], scores float64[i]   scratch; all 0 again on return
    out_row, out_item int32, out_rank, out_count int64, out_is_known bool, out_sum float64
        mutated from 0 on; each of at least (end_row - first_row) * min(k, i). out_count: lists before listed_end that have the item

    Returns the number of items written. O(entries of the lists of the rows), and k times a logarithm per row.
    """
    written = 0
    for row in range(first_row, end_row):
        spared = 0
        for index in range(known_start[row], known_start[row + 1]):
            known[known_item[index]] = 1
        if not keeps_known:
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
            if len(list_reach) > 0 and place < end:
                bound = max(bound, weight * list_reach[place])
            for entry in range(start, end):
                item = list_item[entry]
                if counts[item] == 0:
                    found[found_count] = item
                    found_count += 1
                counts[item] += 1
                sums[item] += weight * list_weight[entry]
        for index in range(row_start[row], row_start[row + 1]):
            weight = row_weight[index]
            for entry in range(listed_end[row_list[index]], list_start[row_list[index] + 1]):
                if counts[list_item[entry]] > 0:
                    sums[list_item[entry]] += weight * list_weight[entry]
        bound -= BOUND_SLACK + BOUND_SLACK * abs(bound)

        near_count = 0
        for place in range(found_count):
            item = found[place]
            score = sums[item] / item_divisor[item]
            is_left_out = item == own_item[row] or (known[item] == 1 and not keeps_known)
            if score < bound or is_left_out:
                sums[item] = 0.0
                counts[item] = 0
                continue
            score = rounded_score(score) if score >= 0 else -rounded_score(-score)
            if only_positive and not score > 0:
                sums[item] = 0.0
                counts[item] = 0
                continue
            found[near_count] = item
            scores[near_count] = score
            near_count += 1

        # A heap gives the best one after another; what is left of it in the end is only wiped out.
        for place in range(near_count // 2 - 1, -1, -1):
            sink(scores, found, place, near_count)
        for rank in range(1, min(k, near_count) + 1):
            item = found[0]
            out_row[written] = row
            out_item[written] = item
            out_rank[written] = rank
            out_count[written] = counts[item]
            out_is_known[written] = known[item] == 1
            out_sum[written] = sums[item]
            written += 1
            sums[item] = 0.0
            counts[item] = 0
            near_count -= 1
            scores[0], found[0] = scores[near_count], found[near_count]
            sink(scores, found, 0, near_count)
        for place in range(near_count):
            sums[found[place]] = 0.0
            counts[found[place]] = 0
        for index in range(known_start[row], known_start[row + 1]):
            known[known_item[index]] = 0
    return written
