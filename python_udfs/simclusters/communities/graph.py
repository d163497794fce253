"""From an edge list with any 64-bit ids to a compressed sparse row (CSR) graph over positions.

Kernels never see a producer id: a node's position is its rank among all ids, so any strictly increasing renaming of
the producers leaves every later result as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numba import njit

from simclusters.threads import equal_shares, even_ranges, run_on_shares

WEIGHT_UNITS_PER_ONE = 1_000_000
LARGEST_TOTAL_UNITS = 2**60
SHOWN_ROWS = 5


@dataclass(frozen=True)
class SparseGraph:
    """An undirected weighted graph in CSR form; every edge is stored in both rows.

    producer_ids : int64[n]      ascending; a node's position is its index here
    row_start : int64[n + 1]     offsets into the two arrays below
    neighbors : int32[2 m]       positions, ascending inside a row
    weight_units : int32[2 m]    edge weight in millionths, at least 1; int64 when a weight passes 2147
    """

    producer_ids: np.ndarray
    row_start: np.ndarray
    neighbors: np.ndarray
    weight_units: np.ndarray

    @property
    def node_count(self) -> int:
        return len(self.producer_ids)

    @property
    def edge_count(self) -> int:
        return len(self.neighbors) // 2


@njit(cache=True, nogil=True)
def _mark_present(ids, smallest, present):
    """Set present[id - smallest] to 1 for every id. ids int64[m], present uint8[range]. O(m)."""
    for index in range(len(ids)):
        present[ids[index] - smallest] = 1


@njit(cache=True, nogil=True)
def _hash_slot(key, mask):
    """First slot of a key in an open table of mask + 1 slots (Fibonacci hashing). Multiplication wraps on purpose."""
    mixed = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
    return np.int64(mixed >> np.uint64(20)) & mask


@njit(cache=True, nogil=True)
def _collect_distinct(ids, table, used, distinct_count):
    """Insert ids into an open-addressing table; returns the number of distinct ids seen so far.

    ids int64[m]; table int64[2^b] and used uint8[2^b] are mutated. Stops early, returning -1, when the table is more
    than half full, so that the caller can grow it. O(m) expected.
    """
    mask = len(table) - 1
    limit = len(table) // 2
    for index in range(len(ids)):
        key = ids[index]
        slot = _hash_slot(key, mask)
        while used[slot] and table[slot] != key:
            slot = (slot + 1) & mask
        if not used[slot]:
            if distinct_count == limit:
                return -1
            used[slot] = 1
            table[slot] = key
            distinct_count += 1
    return distinct_count


@njit(cache=True, nogil=True)
def _fill_positions(producer_ids, table, used, positions):
    """Store position of every id beside its slot. table, used as left by _collect_distinct; positions int32[2^b]."""
    mask = len(table) - 1
    for position in range(len(producer_ids)):
        slot = _hash_slot(producer_ids[position], mask)
        while table[slot] != producer_ids[position] or not used[slot]:
            slot = (slot + 1) & mask
        positions[slot] = position


@njit(cache=True, nogil=True)
def _look_up_positions(ids, table, used, positions, result):
    """result[j] = position of ids[j]; every id is in the table. ids int64[m], result int32[m]. O(m) expected."""
    mask = len(table) - 1
    for index in range(len(ids)):
        slot = _hash_slot(ids[index], mask)
        while table[slot] != ids[index] or not used[slot]:
            slot = (slot + 1) & mask
        result[index] = positions[slot]


@njit(cache=True, nogil=True)
def _rank_ids(ids, smallest, rank, first, last, positions):
    """positions[j] = rank[ids[j] - smallest] for j from first to last. ids int64[m], rank int32[range], positions int32[m]."""
    for index in range(first, last):
        positions[index] = rank[ids[index] - smallest]


@njit(cache=True, nogil=True)
def _count_ends(source, target, first, last, low_count, high_count):
    """Count the edges first to last at their lower and at their higher end. The counts, int64[n], are mutated."""
    for edge in range(first, last):
        low_count[min(source[edge], target[edge])] += 1
        high_count[max(source[edge], target[edge])] += 1


@njit(cache=True, nogil=True)
def _first_places(starts, counts):
    """Turn the counts of each share, int64[shares, n], into where its entries begin: after those of the shares before it."""
    for node in range(len(starts)):
        place = starts[node]
        for share in range(len(counts)):
            count = counts[share, node]
            counts[share, node] = place
            place += count


@njit(cache=True, nogil=True)
def _deal_to_buckets(source, target, weight, units_per_one, bucket_low, bucket_units, first, last, cursor):
    """Put the edges first to last into the bucket of their higher end. cursor int64[n] and the buckets are mutated."""
    for edge in range(first, last):
        high = max(source[edge], target[edge])
        place = cursor[high]
        cursor[high] = place + 1
        bucket_low[place] = min(source[edge], target[edge])
        bucket_units[place] = max(1, np.int64(np.floor(weight[edge] * units_per_one + 0.5)))


@njit(cache=True, nogil=True)
def _count_values(starts, ends, values, first_row, last_row, counts):
    """Count the values, int32, that lie from starts[row] to ends[row] in the rows first to last. counts int64[n] is mutated."""
    for row in range(first_row, last_row):
        for index in range(starts[row], ends[row]):
            counts[values[index]] += 1


@njit(cache=True, nogil=True)
def _deal_to_rows(starts, ends, values, units, neighbors, weight_units, first_row, last_row, cursor):
    """Append the rows first to last as neighbours to the rows of their values. cursor int64[n] and both results are mutated."""
    for row in range(first_row, last_row):
        for index in range(starts[row], ends[row]):
            place = cursor[values[index]]
            cursor[values[index]] = place + 1
            neighbors[place] = row
            weight_units[place] = units[index]


@njit(cache=True, nogil=True)
def _has_repeat(row_start, neighbors, first_row, last_row):
    """Whether a row from first to last, ascending, holds a neighbour twice."""
    for row in range(first_row, last_row):
        for index in range(row_start[row] + 1, row_start[row + 1]):
            if neighbors[index] == neighbors[index - 1]:
                return True
    return False


def _build_rows(
    source: np.ndarray,
    target: np.ndarray,
    weight: np.ndarray,
    node_count: int,
    units_type: type,
    pool: ThreadPoolExecutor | None,
    threads: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """CSR arrays of an undirected edge list, rows ascending: row_start int64[n + 1], neighbors int32[2 m], weight_units[2 m].

    source, target : int32[m]   positions, source != target
    weight : float64[m]         finite, >= 0

    Three deals, each in the order that the one before it left, so that the rows come out sorted without a sort: edges
    into buckets by their higher end, from there to the rows of their lower ends, and from there to the rows of their
    higher ends. Every share of a deal knows its places beforehand. O(n threads + m) time, 8 m bytes beyond the result.
    """

    def run(kernel: Callable, arguments: tuple, shares: list[tuple[int, int]], *of_share: np.ndarray) -> None:
        run_on_shares(
            pool,
            lambda share: kernel(*arguments, *shares[share], *(array[share] for array in of_share)),
            range(threads),
        )

    edge_count = len(source)
    row_start, bucket_start = np.zeros(node_count + 1, np.int64), np.zeros(node_count + 1, np.int64)
    low_counts, high_counts = np.zeros((2, threads, node_count), np.int64)
    edge_shares = even_ranges(edge_count, threads)
    run(_count_ends, (source, target), edge_shares, low_counts, high_counts)
    # A row begins with the neighbours below it: as many as edges have it for their higher end.
    lower_degree = high_counts.sum(axis=0)
    np.cumsum(lower_degree, out=bucket_start[1:])
    np.cumsum(lower_degree + low_counts.sum(axis=0), out=row_start[1:])
    upper_start = row_start[:-1] + lower_degree

    _first_places(bucket_start[:-1], high_counts)
    bucket_low, bucket_units = np.empty(edge_count, np.int32), np.empty(edge_count, units_type)
    edges = source, target, weight, float(WEIGHT_UNITS_PER_ONE)
    run(_deal_to_buckets, (*edges, bucket_low, bucket_units), edge_shares, high_counts)

    neighbors, weight_units = np.empty(2 * edge_count, np.int32), np.empty(2 * edge_count, units_type)
    buckets = bucket_start[:-1], bucket_start[1:], bucket_low, bucket_units
    upper_rows = upper_start, row_start[1:], neighbors, weight_units
    upper_count = row_start - bucket_start
    for rows, offsets, starts, counts in (
        (buckets, bucket_start, upper_start, low_counts),
        (upper_rows, upper_count, row_start[:-1], high_counts),
    ):
        counts[:] = 0
        shares = equal_shares(offsets, threads)
        run(_count_values, rows[:3], shares, counts)
        _first_places(starts, counts)
        run(_deal_to_rows, (*rows, neighbors, weight_units), shares, counts)
    return row_start, neighbors, weight_units


def as_ids(values: np.ndarray, name: str) -> np.ndarray:
    """A contiguous int64 view or copy of ids; ValueError when they are not whole numbers in one dimension."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"{name} must have one dimension, got {array.ndim}")
    if array.size == 0:
        return np.empty(0, np.int64)
    if array.dtype.kind == "u" and int(array.max()) > np.iinfo(np.int64).max:
        raise ValueError(f"{name} holds ids above 2^63 - 1")
    if array.dtype.kind not in "iu":
        raise ValueError(f"{name} must hold integers, got {array.dtype}")
    return np.ascontiguousarray(array, dtype=np.int64)


def _as_weights(values: np.ndarray) -> np.ndarray:
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"weight must have one dimension, got {array.ndim}")
    if array.size and array.dtype.kind not in "iuf":
        raise ValueError(f"weight must hold numbers, got {array.dtype}")
    return np.ascontiguousarray(array, dtype=np.float64)


def _raise_for_rows(
    bad: np.ndarray, complaint: str, source: np.ndarray, target: np.ndarray, weight: np.ndarray
) -> None:
    """Raise ValueError naming the first few rows where ``bad`` is true; do nothing when there are none."""
    rows = np.flatnonzero(bad)
    if len(rows) == 0:
        return
    shown = ", ".join(
        f"row {row}: ({source[row]}, {target[row]}, {float(weight[row])})" for row in rows[:SHOWN_ROWS].tolist()
    )
    more = f" and {len(rows) - SHOWN_ROWS} more" if len(rows) > SHOWN_ROWS else ""
    raise ValueError(f"{complaint}: {shown}{more}")


def _raise_for_repeats(source: np.ndarray, target: np.ndarray, weight: np.ndarray) -> None:
    low, high = np.minimum(source, target), np.maximum(source, target)
    order = np.lexsort((high, low))
    repeats = np.zeros(len(order), bool)
    same = (low[order[1:]] == low[order[:-1]]) & (high[order[1:]] == high[order[:-1]])
    repeats[order[1:][same]] = True
    repeats[order[:-1][same]] = True
    _raise_for_rows(repeats, "an undirected edge may appear once, in either direction", source, target, weight)


def _positions_by_range(
    source: np.ndarray,
    target: np.ndarray,
    smallest: int,
    largest: int,
    pool: ThreadPoolExecutor | None = None,
    threads: int = 1,
) -> tuple[np.ndarray, ...]:
    """Positions through an array over the whole id range: the fast way when ids are nearly consecutive."""
    present = np.zeros(largest - smallest + 1, np.uint8)
    _mark_present(source, smallest, present)
    _mark_present(target, smallest, present)
    rank = np.cumsum(present, dtype=np.int32) - np.int32(1)
    ends = []
    for ids in (source, target):
        positions = np.empty(len(ids), np.int32)
        run_on_shares(
            pool,
            lambda share, ids=ids, positions=positions: _rank_ids(ids, smallest, rank, *share, positions),
            even_ranges(len(ids), threads),
        )
        ends.append(positions)
    return np.flatnonzero(present) + smallest, ends[0], ends[1]


def _positions_by_hash(source: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, ...]:
    """Positions through a hash table: works for any ids, in expected linear time."""
    bits = 16
    while True:
        table = np.zeros(1 << bits, np.int64)
        used = np.zeros(1 << bits, np.uint8)
        distinct_count = _collect_distinct(source, table, used, 0)
        if distinct_count >= 0:
            distinct_count = _collect_distinct(target, table, used, distinct_count)
        if distinct_count >= 0:
            break
        bits += 3
    producer_ids = np.sort(table[used == 1])
    positions = np.zeros(len(table), np.int32)
    _fill_positions(producer_ids, table, used, positions)
    ends = []
    for ids in (source, target):
        result = np.empty(len(ids), np.int32)
        _look_up_positions(ids, table, used, positions, result)
        ends.append(result)
    return producer_ids, ends[0], ends[1]


def dense_positions(ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct ids of an int64 array, ascending, and the position (int32) of each element among them. O(m) expected.

    Raises ValueError when there are 2^31 distinct ids or more.
    """
    if len(ids) == 0:
        return np.empty(0, np.int64), np.empty(0, np.int32)
    nothing = ids[:0]
    smallest, largest = int(ids.min()), int(ids.max())
    if largest - smallest < 4 * len(ids) + 1024:
        distinct, positions, _ = _positions_by_range(ids, nothing, smallest, largest)
    else:
        distinct, positions, _ = _positions_by_hash(ids, nothing)
    if len(distinct) >= 2**31:
        raise ValueError(f"{len(distinct)} distinct ids; at most 2^31 - 1 can be held")
    return distinct, positions


def build_sparse_graph(
    source: np.ndarray,
    target: np.ndarray,
    weight: np.ndarray,
    pool: ThreadPoolExecutor | None = None,
    threads: int = 1,
) -> SparseGraph:
    """Check an edge list and turn it into a graph over positions.

    Parameters
    ----------
    source, target : integer[m]   producer ids of the two ends; each undirected edge once, in either direction
    weight : number[m]            similarity, finite and >= 0; rounded to millionths, at least one
    pool, threads : where the work may be shared, and in how many shares; the result is the same for any number

    Raises ValueError for unequal lengths, ids that are not integers, weights that are NaN, infinite or negative,
    self-loops, repeated edges (up to five offending rows are named), and weights whose sum leaves 2^60 millionths.
    """
    source, target, weight = as_ids(source, "source"), as_ids(target, "target"), _as_weights(weight)
    if not len(source) == len(target) == len(weight):
        raise ValueError(
            f"source, target and weight must have equal lengths, got {len(source)}, {len(target)} and {len(weight)}"
        )
    if len(source) == 0:
        empty = np.empty(0, np.int64)
        return SparseGraph(empty, np.zeros(1, np.int64), np.empty(0, np.int32), np.empty(0, np.int32))
    total_weight = float(weight.sum())
    if not np.isfinite(total_weight) or float(weight.min()) < 0:
        _raise_for_rows(~np.isfinite(weight), "weight must be a finite number", source, target, weight)
        _raise_for_rows(weight < 0, "weight must not be negative", source, target, weight)
    if not total_weight * WEIGHT_UNITS_PER_ONE + len(weight) < LARGEST_TOTAL_UNITS:
        raise ValueError(f"the weights add up to {total_weight:g}; the largest sum that can be kept exactly is 1.1e12")
    loops = source == target
    if loops.any():
        _raise_for_rows(loops, "an edge must join two different producers", source, target, weight)
    smallest = int(min(source.min(), target.min()))
    largest = int(max(source.max(), target.max()))
    if largest - smallest < 4 * len(source) + 1024:
        producer_ids, source_position, target_position = _positions_by_range(
            source, target, smallest, largest, pool, threads
        )
    else:
        producer_ids, source_position, target_position = _positions_by_hash(source, target)
    if len(producer_ids) >= 2**31:
        raise ValueError(f"{len(producer_ids)} producers; at most 2^31 - 1 can be held")
    units_type = np.int32 if float(weight.max()) * WEIGHT_UNITS_PER_ONE + 1 < 2**31 else np.int64
    row_start, neighbors, weight_units = _build_rows(
        source_position, target_position, weight, len(producer_ids), units_type, pool, threads
    )
    shares = equal_shares(row_start, threads)
    if any(run_on_shares(pool, lambda share: _has_repeat(row_start, neighbors, *share), shares)):
        _raise_for_repeats(source, target, weight)
    return SparseGraph(producer_ids, row_start, neighbors, weight_units)
