"""The best products of sparse vectors: the compiled engine behind producer_candidates and its like.

A product is the sum, over the clusters that two vectors share, of one's weight times the other's. For every row (a consumer, a
producer) the k items (producers, tweets) of the largest product are found, as the SQL of the models finds them: the same items and
ranks, and scores that differ in the last digits at most, because a sum of floats depends on its order. Any number of threads gives the
same bits.

Lists stay in memory, at 12 bytes an entry, or 20 where scores have divisors. Rows may come in blocks, and results leave as they are
found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simclusters.positions import Positions, as_ids, dense_positions, positions_among, stable_order
from simclusters.products.kernels import (
    LOG_ONE_PLUS,
    SQUARE_ROOT,
    Choice,
    Known,
    Lists,
    Results,
    Rows,
    Scratch,
    best_of_rows,
    entries_per_row,
    order_lists,
    place_entries,
)
from simclusters.relation_io import ROWS_PER_RANGE, counted, id_ranges, to_arrays, to_batches
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


class Asked(NamedTuple):
    """A block of rows, and what best_products says of them."""

    rows: Vectors
    divisors: Any = None
    known_row_ids: Any = ()
    known_item_ids: Any = ()


class Kinds:
    """The lists of both kinds, by their ids: firsts and seconds int64, rising. Lists of the second kind come last."""

    def __init__(self, firsts: np.ndarray, seconds: np.ndarray) -> None:
        self.first_count, self.count = len(firsts), len(firsts) + len(seconds)
        self._firsts, self._seconds = Positions(firsts), Positions(seconds)

    def among(self, cluster_ids: np.ndarray, is_second: np.ndarray) -> np.ndarray:
        """The place, int32, of the list of each id given; -1 where there is none of its kind."""
        positions = np.empty(len(cluster_ids), np.int32)
        positions[~is_second] = self._firsts.among(cluster_ids[~is_second])
        of_seconds = self._seconds.among(cluster_ids[is_second])
        positions[is_second] = np.where(of_seconds >= 0, of_seconds + self.first_count, -1)
        return positions


class Items(NamedTuple):
    """All items, over positions."""

    ids: np.ndarray  # int64[i], rising
    positions: Positions  # of the ids
    kinds: Kinds
    lists: Lists
    norms: np.ndarray  # float64[i]; empty where nobody asked for them


class Best(NamedTuple):
    """A block of results, a row per row id and kept item, by row, then rank from 1.

    row_ids, item_ids, ranks, cluster_counts, second_counts int64; products, scores float64; item_positions int32. cluster_counts:
    clusters that the two share; second_counts: those of the second kind among them; item_positions: places among the ids of the items.
    """

    row_ids: np.ndarray
    item_ids: np.ndarray
    ranks: np.ndarray
    cluster_counts: np.ndarray
    second_counts: np.ndarray
    products: np.ndarray
    scores: np.ndarray
    item_positions: np.ndarray


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
    listed = None if is_listed is None else np.asarray(is_listed, bool)
    divisor = None if divisors is None else np.asarray(divisors, np.float64)
    for name, values in {"is_listed": listed, "divisors": divisor}.items():
        if values is not None and len(values) != len(items.ids):
            raise ValueError(f"{len(items.ids)} items but {len(values)} {name}")
    block = Asked(rows, row_divisors, known_row_ids, known_item_ids)
    return best_of_blocks(
        [block],
        _items(*items.arrays("items"), listed, divisor),
        k,
        found_norm=found_norm,
        larger_product_first=larger_product_first,
        leaves_out_itself=leaves_out_itself,
        only_positive=only_positive,
        threads=threads,
    )


def best_of_blocks(
    blocks: Iterable[Asked],
    items: Items,
    k: int,
    *,
    found_norm: str | None = None,
    larger_product_first: bool = False,
    leaves_out_itself: bool = False,
    only_positive: bool = False,
    threads: int | None = None,
) -> Iterator[Best]:
    """As best_products, of rows that come in blocks. A row is in one block, and ids rise from block to block."""
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    if found_norm not in FOUND_NORMS:
        raise ValueError(f"found_norm must be one of {list(FOUND_NORMS)}, not {found_norm!r}")
    size = len(items.ids)
    kept = min(k, max(1, size))
    choice = Choice(k, only_positive, larger_product_first, FOUND_NORMS[found_norm])
    scratches = [
        Scratch(
            totals=np.zeros((size, 2)),
            known=np.zeros(size, np.uint8),
            found=np.empty(size + 1, np.int32),
            best=np.empty(kept, np.int32),
            scores=np.empty(kept),
            products=np.empty(kept),
            squares=np.zeros(size if found_norm else 0),
        )
        for _ in range(threads or available_processors())
    ]
    return (best for asked in blocks for best in _best_of_block(asked, items, choice, leaves_out_itself, scratches))


def _best_of_block(asked: Asked, items: Items, choice: Choice, leaves_out_itself: bool, scratches: list[Scratch]) -> Iterator[Best]:
    divisors = None if asked.divisors is None else np.asarray(asked.divisors, np.float64)
    if divisors is not None and not np.all(divisors > 0):
        raise ValueError("divisors must be positive")
    distinct_rows, rows = _by_row(*asked.rows.arrays("rows"), divisors, items.kinds)
    if leaves_out_itself:
        rows = rows._replace(own_item=items.positions.among(distinct_rows))
    known = _known(asked.known_row_ids, asked.known_item_ids, distinct_rows, items.positions)
    lists, kept = items.lists, len(scratches[0].best)
    if choice.found_norm or not (rows.weights >= 0).all():
        lists = lists._replace(reach=np.empty(0))

    def best(scratch: Scratch, first: int, end: int) -> Best:
        most = (end - first) * kept
        types = np.int32, np.int32, np.int64, np.int64, np.int64, np.float64, np.float64
        out = Results(*(np.empty(most, kind) for kind in types))
        written = best_of_rows(first, end, rows, lists, known, choice, scratch, out)
        found = Results(*(column[:written] for column in out))
        return Best(distinct_rows[found.rows], items.ids[found.items], *found[2:], found.items)

    blocks = blocks_of_rows(entries_per_row(rows, lists), ENTRIES_PER_BLOCK, max(1, RESULTS_PER_BLOCK // kept))
    return stream_blocks(best, blocks, scratches)


def _empty_lists(lengths: np.ndarray, kinds: Kinds) -> Lists:
    """Lists with room for int64[l] entries each."""
    start = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])
    # What is not filled counts as no negative weight.
    items, weights = np.empty(start[-1], np.int32), np.zeros(start[-1])
    nothing = np.empty(0)
    return Lists(start, start[:-1].copy(), items, weights, start[:-1].copy(), nothing, nothing, second_from=kinds.first_count)


def _ordered(lists: Lists, item_divisor: np.ndarray, is_place_listed: np.ndarray) -> Lists:
    """Filled lists, in the order of order_lists."""
    if not np.all(item_divisor > 0):
        raise ValueError("divisors must be positive")
    is_bounded = (lists.weights >= 0).all()
    # Without divisors a weight is its own reach.
    reach = np.empty(0) if not is_bounded else np.empty(len(lists.weights)) if len(item_divisor) else lists.weights
    lists = lists._replace(reach=reach, item_divisor=item_divisor)
    with Workers(available_processors()) as workers:
        workers.run(lambda *share: order_lists(*share, lists, is_place_listed), equal_shares(lists.start, workers.count))
    return lists


def _items(ids, cluster_ids, weights, is_second, is_listed, divisors) -> Items:
    """Items whose entries are in memory."""
    distinct, item = dense_positions(ids)
    kinds, cluster = _of_both_kinds(cluster_ids, is_second)
    lists = _empty_lists(np.bincount(cluster, minlength=kinds.count), kinds)
    # numba compiles again for arrays that may not be written.
    listed = np.empty(0, bool) if is_listed is None else is_listed.copy()
    is_place_listed = np.empty(len(listed), bool)
    place_entries(cluster, item, weights, listed, lists, is_place_listed)
    item_divisor = np.empty(0)
    if divisors is not None:
        item_divisor = np.ones(len(distinct))
        item_divisor[item] = divisors
    return Items(distinct, Positions(distinct), kinds, _ordered(lists, item_divisor, is_place_listed), np.empty(0))


def _of_both_kinds(cluster_ids, is_second) -> tuple[Kinds, np.ndarray]:
    """The lists, and the place of each id given."""
    positions = np.empty(len(cluster_ids), np.int32)
    firsts, positions[~is_second] = dense_positions(cluster_ids[~is_second])
    seconds, of_seconds = dense_positions(cluster_ids[is_second])
    positions[is_second] = of_seconds + len(firsts)
    return Kinds(firsts, seconds), positions


def _by_row(ids, cluster_ids, weights, is_second, divisors, kinds: Kinds) -> tuple[np.ndarray, Rows]:
    """The distinct row ids, and their rows over positions, clusters rising, without clusters that list nothing."""
    lists = kinds.among(cluster_ids, is_second)
    is_known = lists >= 0
    if not is_known.all():
        ids, lists, weights = ids[is_known], lists[is_known], weights[is_known]
        divisors = None if divisors is None else divisors[is_known]
    distinct, row = dense_positions(ids)
    divisor = np.empty(0 if divisors is None else len(distinct))
    if divisors is not None:
        divisor[row] = divisors
    _, by_list = stable_order(lists, kinds.count)
    starts, by_row = stable_order(row[by_list], len(distinct))
    order = by_list[by_row]
    return distinct, Rows(starts, lists[order], weights[order], np.full(len(distinct), -1, np.int32), divisor)


def _known(row_ids, item_ids, distinct_rows, items: Positions) -> Known:
    """The known pairs over positions; pairs without a row or an item go."""
    row_ids, item_ids = as_ids(row_ids, "known_row_ids"), as_ids(item_ids, "known_item_ids")
    if len(row_ids) != len(item_ids):
        raise ValueError(f"{len(row_ids)} known_row_ids but {len(item_ids)} known_item_ids")
    row = positions_among(row_ids, distinct_rows)
    row, item_ids = row[row >= 0], item_ids[row >= 0]
    item = items.among(item_ids)
    row, item = row[item >= 0], item[item >= 0]
    starts, order = stable_order(row, len(distinct_rows))
    return Known(starts, item[order])


def read_items(
    relation: Any,
    candidate_type: str,
    id_column: str,
    weight_column: str,
    own_kind: str,
    norm_column: str | None = None,
    divisors: Callable[[np.ndarray], np.ndarray] | None = None,
    left_out_ids: Any = None,
) -> Items:
    """A recipe's lists of items. They are read once to count and once to fill, so that memory holds no row besides.

    All but lists of communities are of the second kind.

    Parameters
    ----------
    relation : of dbt, with candidate_type, list_kind, list_id and the columns named
    own_kind : kind of the lists that belong to somebody, whose ids may be those of other lists
    norm_column, divisors : column with one value per item, and the divisors that follow from these norms
    left_out_ids : Arrow array of ids whose entries are left out
    """
    rows = {"candidate_type": candidate_type}
    ids = np.sort(counted(relation, [id_column], rows)[id_column].to_numpy())
    counts = counted(relation, ["list_kind", "list_id"], rows)
    list_ids, is_second = map(np.asarray, _list_columns(counts, own_kind))
    order = np.lexsort([list_ids, is_second])
    kinds = Kinds(list_ids[order][~is_second[order]], list_ids[order][is_second[order]])
    positions = Positions(ids)
    lists = _empty_lists(counts["row_count"].to_numpy()[order], kinds)
    norms = np.ones(len(ids) if norm_column else 0)
    all_listed = np.empty(0, bool)
    columns = [id_column, "list_kind", "list_id", weight_column, *([norm_column] if norm_column else [])]
    for batch in to_batches(relation, columns, rows):
        if left_out_ids is not None:
            batch = batch.filter(pc.invert(pc.is_in(batch[id_column], left_out_ids)))
        list_ids, is_second = _list_columns(batch, own_kind)
        entries = Vectors(batch[id_column], list_ids, batch[weight_column], is_second)
        entry_ids, list_ids, weights, is_second = entries.arrays("items")
        item = positions.among(entry_ids)
        place_entries(kinds.among(list_ids, is_second), item, weights, all_listed, lists, all_listed)
        if norm_column:
            norms[item] = np.asarray(batch[norm_column])
    return Items(ids, positions, kinds, _ordered(lists, divisors(norms) if divisors else np.empty(0), all_listed), norms)


def read_asked(
    relation: Any, candidate_type: str, own_kind: str, known: Any, known_columns: tuple[str, str], most_rows: int = ROWS_PER_RANGE
) -> Iterator[Asked]:
    """What a recipe looks up for consumers, and what they know, in blocks of consumers.

    Parameters
    ----------
    relation : of dbt, with candidate_type, consumer_id, list_kind, list_id and lookup_weight
    own_kind : as for read_items
    known, known_columns : relation of dbt, and its columns with the consumer and the item
    most_rows : of a block, unless one consumer has more
    """
    rows = {"candidate_type": candidate_type}

    def of_batch(batch: pa.RecordBatch) -> list[pa.Array]:
        list_ids, is_second = _list_columns(batch, own_kind)
        return [batch["consumer_id"], list_ids, batch["lookup_weight"], is_second]

    for ids in id_ranges(relation, "consumer_id", rows, most_rows):
        lookups = to_arrays(relation, ["consumer_id", "list_kind", "list_id", "lookup_weight"], rows, of_batch, ids)
        # A recipe for a few consumers has all of them in one block, and everybody else between them.
        askers = Positions(dense_positions(lookups[0])[0])

        def of_askers(batch: pa.RecordBatch, askers: Positions = askers) -> list[pa.Array]:
            return batch.filter(pa.array(askers.among(np.asarray(batch[known_columns[0]])) >= 0)).columns

        of_known = to_arrays(known, known_columns, of_batch=of_askers, ids=ids._replace(column=known_columns[0]))
        yield Asked(Vectors(*lookups), None, *of_known)


def _list_columns(rows: pa.Table | pa.RecordBatch, own_kind: str) -> tuple[Any, Any]:
    """The ids of lists, and whether they are of the second kind."""
    kind, list_id = rows["list_kind"], rows["list_id"]
    return pc.if_else(pc.equal(kind, own_kind), pc.subtract(-1, list_id), list_id), pc.not_equal(kind, "cluster")


def hidden_from_all(hidden: Any) -> pa.Array:
    """Of the relation int_hidden_tweets: the tweets that are hidden from everybody."""
    [ids] = to_arrays(hidden, ["user_id", "tweet_id"], of_batch=lambda batch: [batch["tweet_id"].filter(pc.is_null(batch["user_id"]))])
    return pa.array(ids)


def parts(table: pa.Table, column: str) -> dict[str, pa.Table]:
    """The rows of each value of a text column, without it, by rising value: the recipes of a table."""
    values = table[column].combine_chunks()
    rest = table.drop_columns([column])
    return {value: rest.filter(pc.equal(values, value)) for value in sorted(pc.unique(values).to_pylist())}
