"""From an edge list with any 64-bit ids to a compressed sparse row (CSR) graph over positions: "Graph" of the page.

Kernels never see a producer id: a node's position is its rank among all ids, so any strictly increasing renaming of
the producers leaves every later result as it is.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from simclusters.kernel_tuples import kernel_tuple
from simclusters.positions import as_ids, dense_positions
from simclusters.threads import Workers, equal_shares, even_ranges

WEIGHT_UNITS_PER_ONE = 1_000_000
LARGEST_TOTAL_UNITS = 2**60
SHOWN_ROWS = 5


@kernel_tuple
class Rows(NamedTuple):
    """An undirected weighted graph in CSR form; every edge is stored in both rows."""

    row_start: np.ndarray  # int64[n + 1]: offsets into the two arrays below
    neighbors: np.ndarray  # int32[2 m]: positions, ascending inside a row
    weight_units: np.ndarray  # int32[2 m]: edge weight in millionths, at least 1; int64 when a weight passes 2147


class SparseGraph(NamedTuple):
    """A graph over positions."""

    producer_ids: np.ndarray  # int64[n], ascending: a node's position is its index here
    rows: Rows

    @property
    def node_count(self) -> int:
        return len(self.producer_ids)

    @property
    def edge_count(self) -> int:
        return len(self.rows.neighbors) // 2

    @property
    def largest_degree(self) -> int:
        """At least 1."""
        return int(np.diff(self.rows.row_start).max(initial=1))

    @property
    def mean_units(self) -> int:
        """Symbol g: the mean edge weight in whole units, at least 1."""
        return max(1, int(self.rows.weight_units.sum(dtype=np.int64)) // max(1, 2 * self.edge_count))


@kernel_tuple
class Edges(NamedTuple):
    """An edge list."""

    source: np.ndarray  # integer[m]
    target: np.ndarray  # integer[m]
    weight: np.ndarray  # float64[m]


@kernel_tuple
class _Lists(NamedTuple):
    """Lists of nodes: list i holds values[starts[i]:ends[i]]."""

    starts: np.ndarray  # int64[lists]
    ends: np.ndarray  # int64[lists]
    values: np.ndarray  # int32: nodes
    units: np.ndarray  # units of the edge to each


def build_sparse_graph(source: np.ndarray, target: np.ndarray, weight: np.ndarray, workers: Workers | None = None) -> SparseGraph:
    """Check an edge list and turn it into a graph over positions. The result is the same for any number of workers.

    Parameters
    ----------
    source, target : integer[m]   producer ids of the two ends; each undirected edge once, in either direction
    weight : number[m]            similarity, finite and >= 0; rounded to millionths, at least one

    Raises ValueError for unequal lengths, ids that are not integers, weights that are NaN, infinite or negative,
    self-loops, repeated edges (up to five offending rows are named), and weights whose sum leaves 2^60 millionths.
    """
    workers = workers or Workers()
    edges = Edges(as_ids(source, "source"), as_ids(target, "target"), _as_weights(weight))
    source, target, weight = edges
    if not len(source) == len(target) == len(weight):
        raise ValueError(f"source, target and weight must have equal lengths, got {len(source)}, {len(target)} and {len(weight)}")
    total_weight = float(weight.sum())
    if not np.isfinite(total_weight) or float(weight.min(initial=0)) < 0:
        _raise_for_rows(~np.isfinite(weight), "weight must be a finite number", edges)
        _raise_for_rows(weight < 0, "weight must not be negative", edges)
    if not total_weight * WEIGHT_UNITS_PER_ONE + len(weight) < LARGEST_TOTAL_UNITS:
        raise ValueError(f"the weights add up to {total_weight:g}; the largest sum that can be kept exactly is 1.1e12")
    loops = source == target
    if loops.any():
        _raise_for_rows(loops, "an edge must join two different producers", edges)
    producer_ids, *ends = dense_positions(source, target, workers=workers)
    rows = _build_rows(Edges(*ends, weight), len(producer_ids), workers)
    shares = equal_shares(rows.row_start, workers.count)
    if any(workers.run(lambda *share: _has_repeat(rows, *share), shares)):
        _raise_for_repeats(edges)
    return SparseGraph(producer_ids, rows)


def _build_rows(edges: Edges, node_count: int, workers: Workers) -> Rows:
    """The rows of an undirected edge list over positions, int32, each row ascending.

    Three deals, each in the order that the one before it left, so that the rows come out sorted without a sort: edges
    into buckets by their higher end, from there to the rows of their lower ends, and from there to the rows of their
    higher ends. Every share of a deal knows its places beforehand. O(n threads + m) time, 8 m + 16 n threads bytes beyond the result.
    """
    edge_count = len(edges.source)
    units_type = np.int32 if float(edges.weight.max(initial=0)) * WEIGHT_UNITS_PER_ONE + 1 < 2**31 else np.int64
    row_start, bucket_start = np.zeros(node_count + 1, np.int64), np.zeros(node_count + 1, np.int64)
    low_counts, high_counts = np.zeros((2, workers.count, node_count), np.int64)
    edge_shares = even_ranges(edge_count, workers.count)
    counts_of_share = zip(edge_shares, low_counts, high_counts, strict=True)
    workers.run(lambda share, low, high: _count_ends(edges, *share, low, high), counts_of_share)
    # A row begins with the neighbours below it: as many as edges have it for their higher end.
    lower_degree = high_counts.sum(axis=0)
    np.cumsum(lower_degree, out=bucket_start[1:])
    np.cumsum(lower_degree + low_counts.sum(axis=0), out=row_start[1:])
    upper_start = row_start[:-1] + lower_degree

    buckets = _Lists(bucket_start[:-1], bucket_start[1:], np.empty(edge_count, np.int32), np.empty(edge_count, units_type))
    _first_places(buckets.starts, high_counts)
    units_per_one = float(WEIGHT_UNITS_PER_ONE)
    workers.run(
        lambda share, cursor: _deal_to_buckets(edges, units_per_one, buckets, *share, cursor),
        zip(edge_shares, high_counts, strict=True),
    )

    rows = Rows(row_start, np.empty(2 * edge_count, np.int32), np.empty(2 * edge_count, units_type))
    upper_rows = _Lists(upper_start, row_start[1:], rows.neighbors, rows.weight_units)
    for lists, offsets, starts, counts in (
        (buckets, bucket_start, upper_start, low_counts),
        (upper_rows, row_start - bucket_start, row_start[:-1], high_counts),
    ):
        counts[:] = 0
        shares = equal_shares(offsets, workers.count)
        workers.run(lambda share, count, lists=lists: _count_values(lists, *share, count), zip(shares, counts, strict=True))
        _first_places(starts, counts)
        workers.run(lambda share, cursor, lists=lists: _deal_to_rows(lists, rows, *share, cursor), zip(shares, counts, strict=True))
    return rows


@njit(cache=True, nogil=True)
def _count_ends(edges, first, last, low_count, high_count):
    """Count the edges first to last at their lower and at their higher end. The counts, int64[n], are mutated."""
    source, target, _ = edges
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
def _deal_to_buckets(edges, units_per_one, buckets, first, last, cursor):
    """Put the edges first to last into the bucket of their higher end. cursor int64[n] and the buckets are mutated."""
    source, target, weight = edges
    _, _, bucket_low, bucket_units = buckets
    for edge in range(first, last):
        high = max(source[edge], target[edge])
        place = cursor[high]
        cursor[high] = place + 1
        bucket_low[place] = min(source[edge], target[edge])
        bucket_units[place] = max(1, np.int64(np.floor(weight[edge] * units_per_one + 0.5)))


@njit(cache=True, nogil=True)
def _count_values(lists, first_row, last_row, counts):
    """Count the values of the lists first to last. counts int64[n] is mutated."""
    starts, ends, values, _ = lists
    for row in range(first_row, last_row):
        for index in range(starts[row], ends[row]):
            counts[values[index]] += 1


@njit(cache=True, nogil=True)
def _deal_to_rows(lists, rows, first_row, last_row, cursor):
    """Append the lists first to last as neighbours to the rows of their values. cursor int64[n] and the rows are mutated."""
    starts, ends, values, units = lists
    _, neighbors, weight_units = rows
    for row in range(first_row, last_row):
        for index in range(starts[row], ends[row]):
            place = cursor[values[index]]
            cursor[values[index]] = place + 1
            neighbors[place] = row
            weight_units[place] = units[index]


@njit(cache=True, nogil=True)
def _has_repeat(rows, first_row, last_row):
    """Whether a row from first to last, ascending, holds a neighbour twice."""
    row_start, neighbors, _ = rows
    for row in range(first_row, last_row):
        for index in range(row_start[row] + 1, row_start[row + 1]):
            if neighbors[index] == neighbors[index - 1]:
                return True
    return False


def _as_weights(values: np.ndarray) -> np.ndarray:
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"weight must have one dimension, got {array.ndim}")
    if array.size and array.dtype.kind not in "iuf":
        raise ValueError(f"weight must hold numbers, got {array.dtype}")
    return np.ascontiguousarray(array, dtype=np.float64)


def _raise_for_rows(bad: np.ndarray, complaint: str, edges: Edges) -> None:
    """Raise ValueError naming the first few rows where ``bad`` is true; do nothing when there are none."""
    source, target, weight = edges
    rows = np.flatnonzero(bad)
    if len(rows) == 0:
        return
    shown = ", ".join(f"row {row}: ({source[row]}, {target[row]}, {float(weight[row])})" for row in rows[:SHOWN_ROWS].tolist())
    more = f" and {len(rows) - SHOWN_ROWS} more" if len(rows) > SHOWN_ROWS else ""
    raise ValueError(f"{complaint}: {shown}{more}")


def _raise_for_repeats(edges: Edges) -> None:
    low, high = np.minimum(edges.source, edges.target), np.maximum(edges.source, edges.target)
    order = np.lexsort((high, low))
    repeats = np.zeros(len(order), bool)
    same = (low[order[1:]] == low[order[:-1]]) & (high[order[1:]] == high[order[:-1]])
    repeats[order[1:][same]] = True
    repeats[order[:-1][same]] = True
    _raise_for_rows(repeats, "an undirected edge may appear once, in either direction", edges)
