"""The best products of sparse vectors: the compiled engine behind int_producer_candidates_kernel and its like.

A product is the sum, over the clusters that two vectors share, of one's weight times the other's. For every row (a consumer, a
producer) the k items (producers, tweets) of the largest product are found, as the SQL of the models finds them: the same items and
ranks, and scores that differ in the last digits at most, because a sum of floats depends on its order. Any number of threads gives the
same bits.

Memory is the vectors of one recipe, about twice, plus a few blocks of rows: results leave as they are found.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simclusters.communities.graph import as_ids, dense_positions
from simclusters.products.kernels import best_of_rows, entries_per_row, stable_order

# A block of rows is done when either is reached: its work in entries, or its rows, which bound what it writes.
ENTRIES_PER_BLOCK = 4_000_000
RESULTS_PER_BLOCK = 500_000


@dataclass(frozen=True)
class Vectors:
    """Sparse vectors, a row per id and cluster: ids integer[m], cluster_ids integer[m], weights float[m]; each pair once."""

    ids: Any
    cluster_ids: Any
    weights: Any

    def arrays(self, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The three as int64, int64 and float64. Raises ValueError for unequal lengths and ids that are not integers."""
        ids, cluster_ids = as_ids(self.ids, f"ids of {name}"), as_ids(self.cluster_ids, f"cluster_ids of {name}")
        weights = np.ascontiguousarray(self.weights, np.float64)
        if not len(ids) == len(cluster_ids) == len(weights):
            raise ValueError(f"{name} have {len(ids)} ids, {len(cluster_ids)} cluster_ids and {len(weights)} weights")
        return ids, cluster_ids, weights


@dataclass(frozen=True)
class Best:
    """A block of results, a row per row id and kept item, by row, then rank from 1.

    row_ids, item_ids, ranks, cluster_counts int64; products float64; is_known bool. cluster_counts: clusters that list the item.
    """

    row_ids: np.ndarray
    item_ids: np.ndarray
    ranks: np.ndarray
    cluster_counts: np.ndarray
    is_known: np.ndarray
    products: np.ndarray


def best_products(
    rows: Vectors,
    items: Vectors,
    k: int,
    *,
    is_listed: Any = None,
    divisors: Any = None,
    known_row_ids: Any = (),
    known_item_ids: Any = (),
    keeps_known: bool = False,
    leaves_out_itself: bool = False,
    only_positive: bool = False,
    threads: int | None = None,
) -> Iterator[Best]:
    """For each row the ``k`` items of the largest score, by falling score in ten decimals, then rising item id, in blocks.

    Parameters
    ----------
    is_listed : bool[m], by default all true; an item is found only through a cluster where it is true, and its other
        clusters add to its product all the same
    divisors : float[m], positive, the same for all entries of an item: the score is the product over it; by default 1
    known_row_ids, known_item_ids : integer[p], pairs that are left out, or with ``keeps_known`` marked
    leaves_out_itself : whether the item with the row's own id is left out
    only_positive : whether scores that round to 0 are left out
    threads : by default the processors this process may use

    Raises ValueError for k below 1, unequal lengths and divisors that are not positive.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    item_ids, item_cluster_ids, item_weights = items.arrays("items")
    count = len(item_ids)
    listed = np.ones(count, bool) if is_listed is None else np.asarray(is_listed, bool)
    divisor = np.ones(count) if divisors is None else np.asarray(divisors, np.float64)
    if not len(listed) == len(divisor) == count:
        raise ValueError(f"{count} items but {len(listed)} is_listed and {len(divisor)} divisors")
    if not np.all(divisor > 0):
        raise ValueError("divisors must be positive")

    distinct_items, item = dense_positions(item_ids)
    clusters, cluster = dense_positions(item_cluster_ids)
    reach = item_weights / divisor
    by_list = np.lexsort((item, -reach, ~listed, cluster))
    list_start = np.searchsorted(cluster[by_list], np.arange(len(clusters) + 1)).astype(np.int64)
    listed_end = list_start[:-1] + np.bincount(cluster[listed], minlength=len(clusters))
    item_divisor = np.ones(len(distinct_items))
    item_divisor[item] = divisor

    row_ids, row_cluster_ids, row_weights = rows.arrays("rows")
    distinct_rows, row_start, row_list, row_weight = _by_row(row_ids, row_cluster_ids, row_weights, clusters)
    is_bounded = (item_weights >= 0).all() and (row_weight >= 0).all()

    known_start, known_item = _known(known_row_ids, known_item_ids, distinct_rows, distinct_items)
    own_item = np.full(len(distinct_rows), -1, np.int32)
    if leaves_out_itself:
        own_item = _position_among(distinct_rows, distinct_items)
    given = (
        *(row_start, row_list, row_weight, list_start, listed_end),
        *(item[by_list], item_weights[by_list], reach[by_list] if is_bounded else reach[:0], item_divisor),
        *(own_item, known_start, known_item, keeps_known, only_positive, k),
    )
    kept = min(k, max(1, len(distinct_items)))
    blocks = _blocks(entries_per_row(row_start, row_list, list_start), max(1, RESULTS_PER_BLOCK // kept))

    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = threads or available
    scratches: SimpleQueue = SimpleQueue()
    for _ in range(threads):
        size = len(distinct_items)
        scratches.put(
            (
                np.zeros(size),
                np.zeros(size, np.int32),
                np.empty(size, np.int32),
                np.empty(size),
                np.zeros(size, np.uint8),
            )
        )

    def best(first: int, end: int) -> Best:
        size = (end - first) * kept
        row, found = np.empty(size, np.int32), np.empty(size, np.int32)
        ranks, counts = np.empty(size, np.int64), np.empty(size, np.int64)
        is_known, products = np.empty(size, np.bool_), np.empty(size)
        scratch = scratches.get()
        written = best_of_rows(first, end, *given, *scratch, row, found, ranks, counts, is_known, products)
        scratches.put(scratch)
        return Best(
            distinct_rows[row[:written]],
            distinct_items[found[:written]],
            *(values[:written] for values in (ranks, counts, is_known, products)),
        )

    with ThreadPoolExecutor(threads) as pool:
        pending: deque = deque()
        for block in blocks:
            pending.append(pool.submit(best, *block))
            if len(pending) > 2 * threads:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


def _position_among(values: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Position, int32, of each value in the ascending ids; -1 where it is not among them."""
    if len(ids) == 0:
        return np.full(len(values), -1, np.int32)
    place = np.minimum(np.searchsorted(ids, values), len(ids) - 1)
    return np.where(ids[place] == values, place, -1).astype(np.int32)


def _by_row(ids, cluster_ids, weights, clusters) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The rows in CSR form over positions, clusters rising, without clusters that list nothing."""
    lists = _position_among(cluster_ids, clusters)
    is_known = lists >= 0
    if not is_known.all():
        ids, lists, weights = ids[is_known], lists[is_known], weights[is_known]
    distinct, row = dense_positions(ids)
    _, by_list = stable_order(lists, len(clusters))
    starts, by_row = stable_order(row[by_list], len(distinct))
    order = by_list[by_row]
    return distinct, starts, lists[order], weights[order]


def _known(row_ids, item_ids, distinct_rows, distinct_items) -> tuple[np.ndarray, np.ndarray]:
    """The known pairs in CSR form over positions; pairs without a row or an item go."""
    row_ids, item_ids = as_ids(row_ids, "known_row_ids"), as_ids(item_ids, "known_item_ids")
    if len(row_ids) != len(item_ids):
        raise ValueError(f"{len(row_ids)} known_row_ids but {len(item_ids)} known_item_ids")
    item = _position_among(item_ids, distinct_items)
    row_ids, item = row_ids[item >= 0], item[item >= 0]
    row = _position_among(row_ids, distinct_rows)
    row, item = row[row >= 0], item[row >= 0]
    starts, order = stable_order(row, len(distinct_rows))
    return starts, item[order]


def _blocks(entries: np.ndarray, most_rows: int) -> Iterator[tuple[int, int]]:
    """Ranges of rows of about equal work."""
    done = np.cumsum(entries)
    first = 0
    while first < len(done):
        before = done[first - 1] if first else 0
        end = int(np.searchsorted(done, before + ENTRIES_PER_BLOCK, side="right"))
        end = min(max(end, first + 1), first + most_rows, len(done))
        yield first, end
        first = end


def parts(table: pa.Table, column: str) -> dict[str, pa.Table]:
    """The rows of each value of a text column, without it, by rising value: the recipes of a table."""
    values = table[column].combine_chunks()
    rest = table.drop_columns([column])
    return {value: rest.filter(pc.equal(values, value)) for value in sorted(pc.unique(values).to_pylist())}


def log_one_plus(x: np.ndarray) -> np.ndarray:
    """ln(1 + x) for x >= 0, as macros/scoring/log_one_plus.sql computes it."""
    tiny = x * (1 - x * (0.5 - x * (1.0 / 3 - x * 0.25)))
    return np.where(x < 0.001, tiny, np.log(1 + x))
