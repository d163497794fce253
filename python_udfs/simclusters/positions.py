"""From any 64-bit ids to positions: the rank of an id among all ids. Kernels see positions and never an id."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from simclusters.kernel_tuples import kernel_tuple
from simclusters.threads import Workers, even_ranges


@kernel_tuple
class IdTable(NamedTuple):
    """An open-addressing table of 2^b slots."""

    ids: np.ndarray  # int64[2^b]
    used: np.ndarray  # uint8[2^b]
    positions: np.ndarray  # int32[2^b], -1 where there is no id
    shift: int  # 64 - b


@njit(cache=True, nogil=True)
def _mark_present(ids, smallest, present):
    """Set present[id - smallest] to 1 for every id. ids int64[m], present uint8[range]. O(m)."""
    for index in range(len(ids)):
        present[ids[index] - smallest] = 1


@njit(cache=True, nogil=True)
def _rank_ids(ids, smallest, rank, positions, first, last):
    """positions[j] = rank[ids[j] - smallest] for j from first to last. ids int64[m], rank int32[range], positions int32[m]."""
    for index in range(first, last):
        positions[index] = rank[ids[index] - smallest]


@njit(cache=True, nogil=True, inline="always")
def _slot_of(table_ids, used, shift, key):
    """The slot of a key, or the empty one where it belongs (Fibonacci hashing). Multiplication wraps on purpose.

    The highest bits of the product depend on all bits of the key: ids may be multiples of a large power of two.
    """
    mask = len(table_ids) - 1
    slot = np.int64((np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(shift))
    while used[slot] and table_ids[slot] != key:
        slot = (slot + 1) & mask
    return slot


@njit(cache=True, nogil=True)
def _collect_distinct(ids, table, distinct_count):
    """Insert ids int64[m] into a table, which is mutated; returns the number of distinct ids seen so far. O(m) expected.

    Stops early, returning -1, when the table is more than half full, so that the caller can grow it.
    """
    table_ids, used, _, shift = table
    limit = len(table_ids) // 2
    for index in range(len(ids)):
        slot = _slot_of(table_ids, used, shift, ids[index])
        if not used[slot]:
            if distinct_count == limit:
                return -1
            used[slot] = 1
            table_ids[slot] = ids[index]
            distinct_count += 1
    return distinct_count


@njit(cache=True, nogil=True)
def _fill_positions(distinct, table):
    """Store the position of every id of ``distinct`` beside its slot; the table's positions are mutated."""
    table_ids, used, positions, shift = table
    for position in range(len(distinct)):
        positions[_slot_of(table_ids, used, shift, distinct[position])] = position


@njit(cache=True, nogil=True)
def _look_up_positions(ids, table, result):
    """result[j] = position of ids[j], -1 where it is not in the table. ids int64[m], result int32[m]. O(m) expected."""
    table_ids, used, positions, shift = table
    for index in range(len(ids)):
        result[index] = positions[_slot_of(table_ids, used, shift, ids[index])]


@njit(cache=True, nogil=True)
def _look_up_ranks(ids, smallest, largest, rank, result):
    """result[j] = rank[ids[j] - smallest], -1 beyond the largest. ids int64[m], rank int32[range], result int32[m]. O(m)."""
    for index in range(len(ids)):
        is_between = smallest <= ids[index] <= largest
        result[index] = rank[ids[index] - smallest] if is_between else -1


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


def dense_positions(*columns: np.ndarray, workers: Workers | None = None) -> tuple[np.ndarray, ...]:
    """The distinct ids of int64 arrays, ascending, then for each array the positions (int32) of its elements among them.

    Raises ValueError when there are 2^31 distinct ids or more. O(m) expected.
    """
    # numba compiles again for arrays that may be written.
    columns = tuple(column.view() for column in columns)
    for column in columns:
        column.flags.writeable = False
    longest = max(map(len, columns))
    if longest == 0:
        return np.empty(0, np.int64), *(np.empty(0, np.int32) for _ in columns)
    smallest = min(int(ids.min()) for ids in columns if len(ids))
    largest = max(int(ids.max()) for ids in columns if len(ids))
    if _is_narrow(smallest, largest, longest):
        distinct, *positions = _positions_by_range(columns, smallest, largest, workers or Workers())
    else:
        distinct, *positions = _positions_by_hash(columns)
    if len(distinct) >= 2**31:
        raise ValueError(f"{len(distinct)} distinct ids; at most 2^31 - 1 can be held")
    return distinct, *positions


class Positions:
    """The positions of some ids, int64[n] and ascending, for as many values as are asked for. Made in O(n) expected.

    Held are 4 bytes for each id in their range, where that is little, else 26 to 52 for each id.
    """

    def __init__(self, ids: np.ndarray) -> None:
        # numba compiles again for arrays that may be written.
        ids = ids.view()
        ids.flags.writeable = False
        self.smallest, self.largest = (int(ids[0]), int(ids[-1])) if len(ids) else (0, -1)
        self.rank, self.table = np.empty(0, np.int32), None
        if len(ids) and _is_narrow(self.smallest, self.largest, 2 * len(ids)):
            self.rank = np.full(self.largest - self.smallest + 1, -1, np.int32)
            self.rank[ids - self.smallest] = np.arange(len(ids), dtype=np.int32)
        elif len(ids):
            self.table = _empty_table(len(ids).bit_length() + 1)
            _collect_distinct(ids, self.table, 0)
            _fill_positions(ids, self.table)

    def among(self, values: np.ndarray) -> np.ndarray:
        """The position of each value, int32; -1 where it is none of the ids. O(m) expected."""
        values = np.ascontiguousarray(values, np.int64).view()
        values.flags.writeable = False
        found = np.empty(len(values), np.int32)
        if self.table is None:
            _look_up_ranks(values, self.smallest, self.largest, self.rank, found)
        else:
            _look_up_positions(values, self.table, found)
        return found


def positions_among(values: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Position, int32, of each value in the ascending ids; -1 where it is not among them. O(n + m) expected, or O(m log n)."""
    if len(values) > len(ids) / 8:
        return Positions(ids).among(values)
    place = np.minimum(np.searchsorted(ids, values), len(ids) - 1)
    return np.where(ids[place] == values, place, -1).astype(np.int32)


def _is_narrow(smallest: int, largest: int, count: int) -> bool:
    """Whether an array over the whole range is little beside ``count`` values."""
    return largest - smallest < 4 * count + 1024


def _positions_by_range(columns: tuple, smallest: int, largest: int, workers: Workers) -> tuple[np.ndarray, ...]:
    """Positions through an array over the whole id range: the fast way when ids are nearly consecutive."""
    present = np.zeros(largest - smallest + 1, np.uint8)
    for ids in columns:
        _mark_present(ids, smallest, present)
    rank = np.cumsum(present, dtype=np.int32) - np.int32(1)
    found = [np.empty(len(ids), np.int32) for ids in columns]
    for ids, positions in zip(columns, found, strict=True):
        given = ids, smallest, rank, positions
        workers.run(lambda *share, given=given: _rank_ids(*given, *share), even_ranges(len(ids), workers.count))
    return np.flatnonzero(present) + smallest, *found


def _empty_table(bits: int) -> IdTable:
    """A table of 2^bits slots without ids."""
    return IdTable(np.zeros(1 << bits, np.int64), np.zeros(1 << bits, np.uint8), np.full(1 << bits, -1, np.int32), 64 - bits)


def _positions_by_hash(columns: tuple) -> tuple[np.ndarray, ...]:
    """Positions through a hash table: works for any ids, in expected linear time."""
    bits, distinct_count, table = 16, -1, None
    while distinct_count < 0:
        del table  # before the larger one takes its place
        table = _empty_table(bits)
        distinct_count = 0
        for ids in columns:
            if distinct_count >= 0:
                distinct_count = _collect_distinct(ids, table, distinct_count)
        bits += 2
    distinct = np.sort(table.ids[table.used == 1])
    _fill_positions(distinct, table)
    found = [np.empty(len(ids), np.int32) for ids in columns]
    for ids, positions in zip(columns, found, strict=True):
        _look_up_positions(ids, table, positions)
    return distinct, *found
