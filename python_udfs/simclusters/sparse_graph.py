"""From an edge list with any 64-bit ids to a compressed sparse row (CSR) graph over positions.

Kernels never see a producer id: a node's position is its rank among all ids, so any strictly increasing renaming of
the producers leaves every later result as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

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
    """Set present[id - smallest] to 1 for every id. ids int64[m], present int64[range]. O(m)."""
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
def _build_rows(source, target, weight, node_count, units_per_one, no_units):
    """CSR arrays of an undirected edge list, rows ascending, and the position of a repeated pair if there is one.

    source, target : int32[m]   positions, source != target
    weight : float64[m]         finite, >= 0
    no_units : empty array       its type is the type of the units, int32 or int64
    Returns (row_start int64[n + 1], neighbors int32[2 m], weight_units [2 m], repeated_low, repeated_high); the
    last two are -1 when no pair repeats. Edges are bucketed by their higher end, then dealt out in that order, so the
    rows come out sorted without a sort. O(n + m) time, 12 m bytes beyond the result.
    """
    edge_count = len(source)
    high_start = np.zeros(node_count + 1, np.int64)
    row_start = np.zeros(node_count + 1, np.int64)
    low_degree = np.zeros(node_count, np.int64)
    for edge in range(edge_count):
        low = min(source[edge], target[edge])
        high = max(source[edge], target[edge])
        high_start[high + 1] += 1
        row_start[low + 1] += 1
        row_start[high + 1] += 1
        low_degree[high] += 1
    for node in range(node_count):
        high_start[node + 1] += high_start[node]
        row_start[node + 1] += row_start[node]
    bucket_low = np.empty(edge_count, np.int32)
    bucket_units = np.empty(edge_count, no_units.dtype)
    cursor = high_start[:node_count].copy()
    for edge in range(edge_count):
        low = min(source[edge], target[edge])
        high = max(source[edge], target[edge])
        place = cursor[high]
        cursor[high] += 1
        bucket_low[place] = low
        bucket_units[place] = max(1, np.int64(np.floor(weight[edge] * units_per_one + 0.5)))
    neighbors = np.empty(2 * edge_count, np.int32)
    weight_units = np.empty(2 * edge_count, no_units.dtype)
    repeated_low = np.int64(-1)
    repeated_high = np.int64(-1)
    for node in range(node_count):
        cursor[node] = row_start[node] + low_degree[node]
    for high in range(node_count):
        for index in range(high_start[high], high_start[high + 1]):
            low = bucket_low[index]
            place = cursor[low]
            if place > row_start[low] + low_degree[low] and neighbors[place - 1] == high:
                repeated_low = np.int64(low)
                repeated_high = np.int64(high)
            neighbors[place] = high
            weight_units[place] = bucket_units[index]
            cursor[low] = place + 1
    for node in range(node_count):
        cursor[node] = row_start[node]
    for low in range(node_count):
        for index in range(row_start[low] + low_degree[low], row_start[low + 1]):
            high = neighbors[index]
            place = cursor[high]
            neighbors[place] = low
            weight_units[place] = weight_units[index]
            cursor[high] = place + 1
    return row_start, neighbors, weight_units, repeated_low, repeated_high


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


def _positions_by_range(source: np.ndarray, target: np.ndarray, smallest: int, largest: int) -> tuple[np.ndarray, ...]:
    """Positions through an array over the whole id range: the fast way when ids are nearly consecutive."""
    present = np.zeros(largest - smallest + 1, np.int64)
    _mark_present(source, smallest, present)
    _mark_present(target, smallest, present)
    producer_ids = np.flatnonzero(present) + smallest
    rank = (np.cumsum(present) - 1).astype(np.int32)
    return producer_ids, rank[source - smallest], rank[target - smallest]


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


def build_sparse_graph(source: np.ndarray, target: np.ndarray, weight: np.ndarray) -> SparseGraph:
    """Check an edge list and turn it into a graph over positions.

    Parameters
    ----------
    source, target : integer[m]   producer ids of the two ends; each undirected edge once, in either direction
    weight : number[m]            similarity, finite and >= 0; rounded to millionths, at least one

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
        producer_ids, source_position, target_position = _positions_by_range(source, target, smallest, largest)
    else:
        producer_ids, source_position, target_position = _positions_by_hash(source, target)
    if len(producer_ids) >= 2**31:
        raise ValueError(f"{len(producer_ids)} producers; at most 2^31 - 1 can be held")
    fits = float(weight.max()) * WEIGHT_UNITS_PER_ONE + 1 < 2**31
    no_units = np.empty(0, np.int32 if fits else np.int64)
    row_start, neighbors, weight_units, repeated_low, _ = _build_rows(
        source_position, target_position, weight, len(producer_ids), float(WEIGHT_UNITS_PER_ONE), no_units
    )
    if repeated_low >= 0:
        _raise_for_repeats(source, target, weight)
    return SparseGraph(producer_ids, row_start, neighbors, weight_units)
