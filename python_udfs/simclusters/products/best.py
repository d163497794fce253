"""The best products of sparse vectors: the compiled engine behind int_producer_candidates_kernel and its like.

A product is the sum, over the clusters that two vectors share, of one's weight times the other's. For every row (a consumer, a
producer) the k items (producers, tweets) of the largest product are found, as the SQL of the models finds them: the same items and
ranks, and scores that differ in the last digits at most, because a sum of floats depends on its order. Any number of threads gives the
same bits.

Memory is the vectors of one recipe, about twice, plus a few blocks of rows: results leave as they are found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simclusters.positions import as_ids, dense_positions, positions_among, stable_order
from simclusters.products.kernels import (
    LOG_ONE_PLUS,
    SQUARE_ROOT,
    Choice,
    Given,
    Known,
    Lists,
    Results,
    Rows,
    Scratch,
    best_of_rows,
    entries_per_row,
    fill_lists,
)
from simclusters.relation_io import to_arrays
from simclusters.threads import Workers, available_processors, blocks_of_rows, equal_shares, stream_blocks

# A block of rows is done when either is reached: its work in entries, or its rows, which bound what it writes.
ENTRIES_PER_BLOCK = 4_000_000
RESULTS_PER_BLOCK = 500_000

FOUND_NORMS = {None: 0, "square_root": SQUARE_ROOT, "log_one_plus": LOG_ONE_PLUS}


@dataclass(frozen=True)
class Vectors:
    """Sparse vectors, a row per id and cluster: ids integer[m], cluster_ids integer[m], weights float[m]; each pair once.

    is_second bool[m], by default all false: whether the id in cluster_ids is of a second kind, with ids of its own.
    """

    ids: Any
    cluster_ids: Any
    weights: Any
    is_second: Any = None

    def arrays(self, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The four as int64, int64, float64 and bool. Raises ValueError for unequal lengths and ids that are not integers."""
        ids, cluster_ids = as_ids(self.ids, f"ids of {name}"), as_ids(self.cluster_ids, f"cluster_ids of {name}")
        weights = np.ascontiguousarray(self.weights, np.float64)
        # numba compiles again for arrays that may be written.
        weights = weights.view()
        weights.flags.writeable = False
        is_second = np.zeros(len(ids), bool) if self.is_second is None else np.asarray(self.is_second, bool)
        if not len(ids) == len(cluster_ids) == len(weights):
            raise ValueError(f"{name} have {len(ids)} ids, {len(cluster_ids)} cluster_ids and {len(weights)} weights")
        if len(is_second) != len(ids):
            raise ValueError(f"{name} have {len(ids)} ids and {len(is_second)} is_second")
        return ids, cluster_ids, weights, is_second


class Best(NamedTuple):
    """A block of results, a row per row id and kept item, by row, then rank from 1.

    row_ids, item_ids, ranks, cluster_counts, second_counts int64; products, scores float64. cluster_counts: clusters that
    the two share; second_counts: those of the second kind among them.
    """

    row_ids: np.ndarray
    item_ids: np.ndarray
    ranks: np.ndarray
    cluster_counts: np.ndarray
    second_counts: np.ndarray
    products: np.ndarray
    scores: np.ndarray


def best_products(
    rows: Vectors,
    items: Vectors,
    k: int,
    *,
    is_listed: Any = None,
    divisors: Any = None,
    row_divisors: Any = None,
    found_norm: str | None = None,
    larger_product_first: bool = False,
    known_row_ids: Any = (),
    known_item_ids: Any = (),
    leaves_out_itself: bool = False,
    only_positive: bool = False,
    threads: int | None = None,
) -> Iterator[Best]:
    """For each row the ``k`` items of the largest score, by falling score in ten decimals, then rising item id, in blocks.

    Parameters
    ----------
    is_listed : bool[m], by default all true; an item is found only through a cluster where it is true, and its other
        clusters add to its product all the same
    divisors, row_divisors : float[m], positive, the same for all entries of an item, or a row: the score is the product over
        them; by default 1
    found_norm : the score is also over ``square_root`` or ``log_one_plus`` of the sum of the item's squared weights, in the clusters
        through which the row finds it
    larger_product_first : whether a larger product, in ten decimals, breaks a tie before the item id
    known_row_ids, known_item_ids : integer[p], pairs that are left out
    leaves_out_itself : whether the item with the row's own id is left out
    only_positive : whether scores that round to 0 are left out
    threads : by default the processors this process may use

    Raises ValueError for k below 1, unequal lengths, divisors that are not positive and norms of other names.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    if found_norm not in FOUND_NORMS:
        raise ValueError(f"found_norm must be one of {list(FOUND_NORMS)}, not {found_norm!r}")
    item_ids, item_cluster_ids, item_weights, item_is_second = items.arrays("items")
    del items  # Its ids are not needed once they are positions.
    count = len(item_ids)
    listed = None if is_listed is None else np.asarray(is_listed, bool)
    divisor = None if divisors is None else np.asarray(divisors, np.float64)
    row_divisor = None if row_divisors is None else np.asarray(row_divisors, np.float64)
    for name, values in {"is_listed": listed, "divisors": divisor}.items():
        if values is not None and len(values) != count:
            raise ValueError(f"{count} items but {len(values)} {name}")
    if not all(values is None or np.all(values > 0) for values in (divisor, row_divisor)):
        raise ValueError("divisors must be positive")

    distinct_items, item = dense_positions(item_ids)
    del item_ids
    kinds, cluster = _of_both_kinds(item_cluster_ids, item_is_second)
    del item_cluster_ids, item_is_second
    distinct_rows, given_rows = _by_row(*rows.arrays("rows"), row_divisor, kinds)
    del rows
    if leaves_out_itself:
        given_rows = given_rows._replace(own_item=positions_among(distinct_rows, distinct_items))
    is_bounded = found_norm is None and (item_weights >= 0).all() and (given_rows.weights >= 0).all()
    item_divisor = np.empty(0)
    if divisor is not None:
        item_divisor = np.ones(len(distinct_items))
        item_divisor[item] = divisor
    lists = _lists(cluster, item, item_weights, listed, item_divisor, is_bounded, kinds)
    known = _known(known_row_ids, known_item_ids, distinct_rows, distinct_items)
    choice = Choice(k, only_positive, larger_product_first, FOUND_NORMS[found_norm])
    return _blocks(distinct_rows, distinct_items, given_rows, lists, known, choice, threads or available_processors())


def _blocks(distinct_rows, distinct_items, rows, lists, known, choice, threads) -> Iterator[Best]:
    """The results of all rows. A function of its own, so that what was given is forgotten before the first block is read."""
    size = len(distinct_items)
    kept = min(choice.k, max(1, size))

    def best(scratch: Scratch, first: int, end: int) -> Best:
        most = (end - first) * kept
        types = np.int32, np.int32, np.int64, np.int64, np.int64, np.float64, np.float64
        out = Results(*(np.empty(most, kind) for kind in types))
        written = best_of_rows(first, end, rows, lists, known, choice, scratch, out)
        found = Results(*(column[:written] for column in out))
        return Best(distinct_rows[found.rows], distinct_items[found.items], *found[2:])

    scratches = [
        Scratch(
            totals=np.zeros((size, 2)),
            known=np.zeros(size, np.uint8),
            found=np.empty(size + 1, np.int32),
            best=np.empty(kept, np.int32),
            scores=np.empty(kept),
            products=np.empty(kept),
            squares=np.zeros(size if choice.found_norm else 0),
        )
        for _ in range(threads)
    ]
    blocks = blocks_of_rows(entries_per_row(rows, lists), ENTRIES_PER_BLOCK, max(1, RESULTS_PER_BLOCK // kept))
    return stream_blocks(best, blocks, scratches)


def _lists(cluster, item, weights, listed, item_divisor, is_bounded, kinds) -> Lists:
    """The lists over positions."""
    start, order = stable_order(cluster, sum(map(len, kinds)))
    given = Given(order, item, weights, np.empty(0, bool) if listed is None else listed.copy())
    list_weights = np.empty(len(order))
    # Without divisors a weight is its own reach.
    reach = np.empty(0) if not is_bounded else np.empty(len(order)) if len(item_divisor) else list_weights
    lists = Lists(
        start, np.empty(len(order), np.int32), list_weights, start[1:].copy(), reach, item_divisor, second_from=len(kinds[0])
    )
    with Workers(available_processors()) as workers:
        workers.run(lambda *share: fill_lists(*share, given, lists), equal_shares(start, workers.count))
    return lists


def _of_both_kinds(cluster_ids, is_second) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """The distinct ids of the first and the second kind, and the position of each id given: those of the second kind come last."""
    positions = np.empty(len(cluster_ids), np.int32)
    firsts, positions[~is_second] = dense_positions(cluster_ids[~is_second])
    seconds, of_seconds = dense_positions(cluster_ids[is_second])
    positions[is_second] = of_seconds + len(firsts)
    return (firsts, seconds), positions


def _by_row(ids, cluster_ids, weights, is_second, divisors, kinds) -> tuple[np.ndarray, Rows]:
    """The distinct row ids, and their rows over positions, clusters rising, without clusters that list nothing."""
    firsts, seconds = kinds
    lists = np.empty(len(cluster_ids), np.int32)
    lists[~is_second] = positions_among(cluster_ids[~is_second], firsts)
    of_seconds = positions_among(cluster_ids[is_second], seconds)
    lists[is_second] = np.where(of_seconds >= 0, of_seconds + len(firsts), -1)
    is_known = lists >= 0
    if not is_known.all():
        ids, lists, weights = ids[is_known], lists[is_known], weights[is_known]
        divisors = None if divisors is None else divisors[is_known]
    distinct, row = dense_positions(ids)
    divisor = np.empty(0 if divisors is None else len(distinct))
    if divisors is not None:
        divisor[row] = divisors
    _, by_list = stable_order(lists, len(firsts) + len(seconds))
    starts, by_row = stable_order(row[by_list], len(distinct))
    order = by_list[by_row]
    return distinct, Rows(starts, lists[order], weights[order], np.full(len(distinct), -1, np.int32), divisor)


def _known(row_ids, item_ids, distinct_rows, distinct_items) -> Known:
    """The known pairs over positions; pairs without a row or an item go."""
    row_ids, item_ids = as_ids(row_ids, "known_row_ids"), as_ids(item_ids, "known_item_ids")
    if len(row_ids) != len(item_ids):
        raise ValueError(f"{len(row_ids)} known_row_ids but {len(item_ids)} known_item_ids")
    item = positions_among(item_ids, distinct_items)
    row_ids, item = row_ids[item >= 0], item[item >= 0]
    row = positions_among(row_ids, distinct_rows)
    row, item = row[row >= 0], item[row >= 0]
    starts, order = stable_order(row, len(distinct_rows))
    return Known(starts, item[order])


def list_vectors(
    relation: Any,
    candidate_type: str,
    id_column: str,
    weight_column: str,
    own_kind: str,
    more: Sequence[str] = (),
    left_out_ids: pa.ChunkedArray | None = None,
) -> tuple[Any, ...]:
    """A recipe's entries of lists as Vectors over the lists, then an array for each column of ``more``.

    All but lists of communities are of the second kind.

    Parameters
    ----------
    relation : of dbt, with candidate_type, list_kind, list_id and the two columns named
    own_kind : kind of the lists that belong to somebody, whose ids may be those of other lists
    left_out_ids : ids whose entries are left out
    """

    def of_batch(batch: pa.RecordBatch) -> list[pa.Array]:
        if left_out_ids is not None:
            batch = batch.filter(pc.invert(pc.is_in(batch[id_column], left_out_ids)))
        list_ids = pc.if_else(pc.equal(batch["list_kind"], own_kind), pc.subtract(-1, batch["list_id"]), batch["list_id"])
        is_second = pc.not_equal(batch["list_kind"], "cluster")
        return [batch[id_column], list_ids, batch[weight_column], is_second, *(batch[name] for name in more)]

    columns = [id_column, "list_kind", "list_id", weight_column, *more]
    arrays = to_arrays(relation, columns, {"candidate_type": candidate_type}, of_batch)
    return Vectors(*arrays[:4]), *arrays[4:]


def split_hidden(hidden: pa.Table) -> tuple[pa.ChunkedArray, pa.Table]:
    """Of int_hidden_tweets: the tweets that are hidden from everybody, and user_id and tweet_id of those hidden from one user."""
    is_from_all = pc.is_null(hidden["user_id"])
    return hidden["tweet_id"].filter(is_from_all), hidden.select(["user_id", "tweet_id"]).filter(pc.invert(is_from_all))


def parts(table: pa.Table, column: str) -> dict[str, pa.Table]:
    """The rows of each value of a text column, without it, by rising value: the recipes of a table."""
    values = table[column].combine_chunks()
    rest = table.drop_columns([column])
    return {value: rest.filter(pc.equal(values, value)) for value in sorted(pc.unique(values).to_pylist())}
