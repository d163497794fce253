"""Similar producers by followers in common: the compiled engine behind the model int_producer_neighbors.

Rows equal those of the SQL engine, bit by bit, for any number of threads. Memory is the follows, twice, as 32-bit numbers, and five
times that while the matrix is made. Then come a few blocks of rows: results leave as they are found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy

import numpy as np
import pyarrow as pa

from simclusters.positions import as_ids, dense_positions
from simclusters.similarity.kernels import Follows, Neighbors, Producers, Scratch, invert_rows, neighbors_of_rows, products_per_row
from simclusters.threads import available_processors, blocks_of_rows, stream_blocks

NEIGHBOR_SCHEMA = pa.schema(
    [
        ("producer_id", pa.int64()),
        ("neighbor_producer_id", pa.int64()),
        ("common_follower_count", pa.int64()),
        ("cosine_similarity", pa.float64()),
    ]
)
# A block is done when either is reached: its work in increments, or its rows, which bound what it writes.
PRODUCTS_PER_BLOCK = 4_000_000
NEIGHBORS_PER_BLOCK = 1_000_000
Columns = pa.Table | Mapping[str, np.ndarray]
# Columns of co_follow_recipes that weigh a listed producer, as FollowMatrix.found_weights takes them.
FOUND_POWERS = ("popularity_power", "added_means", "crowding_power")


class FollowMatrix:
    """Which consumers follow which producers, by producer and by consumer, over positions.

    Parameters
    ----------
    consumer_ids, producer_positions : integer[m]   the follows that are compared; each pair once
    producer_ids : integer[n]                        in any order
    positions : integer[n]                           the position of each: a permutation of 1 to n
    follower_counts : integer[n]                     all followers, also those not given
    sampled_shares : float[n]                        share of the followers that is given, in (0, 1]

    Raises ValueError for unequal lengths, ids that are not integers, positions that are not 1 to n, and 2^31 follows or more.
    """

    def __init__(self, consumer_ids, producer_positions, producer_ids, positions, follower_counts, sampled_shares):
        producer_positions = as_ids(producer_positions, "producer_positions")
        consumer_ids = as_ids(consumer_ids, "consumer_ids")
        if len(consumer_ids) != len(producer_positions):
            raise ValueError(f"{len(consumer_ids)} consumer_ids but {len(producer_positions)} producer_positions")
        positions = as_ids(positions, "positions") - 1
        count = len(positions)
        if not np.array_equal(np.sort(positions), np.arange(count)):
            raise ValueError("positions must be 1 to n, each once")
        if len(producer_positions) and not 1 <= producer_positions.min() <= producer_positions.max() <= count:
            raise ValueError(f"producer_positions must be within 1 to {count}")
        if len(consumer_ids) >= 2**31:
            raise ValueError(f"{len(consumer_ids)} follows are compared; at most 2^31 - 1 can be held: lower sampled_followers")
        order = np.empty(count, np.int64)
        order[positions] = np.arange(count)
        follower_counts = np.asarray(follower_counts, np.float64)[order]
        sampled_shares = np.asarray(sampled_shares, np.float64)[order]
        roots = np.sqrt(follower_counts)
        self.producers = Producers(
            as_ids(producer_ids, "producer_ids")[order],
            follower_counts,
            sampled_shares,
            roots.astype(np.float32),
            (sampled_shares * roots).astype(np.float32),
        )

        self.consumer_ids, consumers = dense_positions(consumer_ids)
        given_rows = (producer_positions - 1).astype(np.int32)
        one_each = np.arange(len(consumers) + 1, dtype=np.int64)
        producer_start, order = invert_rows(one_each, given_rows, count)
        consumers = consumers[order]
        self.follows = Follows(producer_start, consumers, *invert_rows(producer_start, consumers, len(self.consumer_ids)))

    @classmethod
    def from_tables(cls, follows: Columns, producers: Columns) -> FollowMatrix:
        """From the models int_similarity_follows and int_similarity_producers, as Arrow tables or arrays by column."""
        return cls(
            consumer_ids=np.asarray(follows["consumer_id"]),
            producer_positions=np.asarray(follows["producer_position"]),
            producer_ids=np.asarray(producers["producer_id"]),
            positions=np.asarray(producers["producer_position"]),
            follower_counts=np.asarray(producers["follower_count"]),
            sampled_shares=np.asarray(producers["sampled_share"]),
        )

    def without(self, consumers: np.ndarray, producers: np.ndarray) -> FollowMatrix:
        """The same without some of its follows, at integer[r] positions of their consumers and of their producers."""
        count = len(self.producers.ids)
        start, followed = self.follows.consumer_start, self.follows.producers
        is_left = np.ones(len(followed), bool)
        for consumer, producer in zip(consumers.tolist(), producers.tolist(), strict=True):
            own = slice(start[consumer], start[consumer + 1])
            is_left[own] &= followed[own] != producer
        start = start - np.searchsorted(np.flatnonzero(~is_left), start)
        followed = followed[is_left]
        left = copy(self)
        left.follows = Follows(*invert_rows(start, followed, count), start, followed)
        follower_counts = self.producers.follower_counts - np.bincount(producers, minlength=count)
        left.producers = self.producers._replace(follower_counts=np.maximum(follower_counts, 0.0))
        return left

    def found_weights(
        self, popularity_power: float, added_means: float, crowding_power: float, crowdings: np.ndarray, fewer_followers: int = 0
    ) -> np.ndarray:
        """What the score of a co-followed producer is multiplied by, float[n]: the less, the more popular or crowded it is.

        fewer_followers : taken off each producer, which keeps one at least; the mean stays
        """
        follower_counts = np.maximum(self.producers.follower_counts - fewer_followers, 1.0)
        mean = self.producers.follower_counts.mean() if len(follower_counts) else 1.0
        return (added_means + follower_counts / mean) ** -popularity_power * crowdings**-crowding_power


def nearest_neighbors(
    matrix: FollowMatrix, similarity_floor: float, neighbors_per_producer: int, threads: int | None = None
) -> pa.RecordBatchReader:
    """The nearest producers of each producer, by the cosine of their follower sets, as a stream of NEIGHBOR_SCHEMA rows.

    Parameters
    ----------
    similarity_floor : cosines below it, in ten decimals, are left out
    neighbors_per_producer : neighbours kept, by falling cosine in ten decimals, then rising producer id; at least 1
    threads : by default the processors this process may use

    common_follower_count and cosine_similarity of producers that are sampled are divided by the smaller share: unbiased
    estimates. Blocks of rows are computed while earlier ones are read.
    """
    if neighbors_per_producer < 1:
        raise ValueError(f"neighbors_per_producer must be at least 1, not {neighbors_per_producer}")
    if not similarity_floor >= 0:
        raise ValueError(f"similarity_floor must not be negative, got {similarity_floor}")
    batches = _batches(matrix, similarity_floor, neighbors_per_producer, threads or available_processors())
    return pa.RecordBatchReader.from_batches(NEIGHBOR_SCHEMA, batches)


def _batches(matrix: FollowMatrix, floor: float, k: int, threads: int) -> Iterator[pa.RecordBatch]:
    """Batches in the order of the blocks; at most a few blocks are held at once."""
    follows, producers, ids = matrix.follows, matrix.producers, matrix.producers.ids
    count = len(ids)

    def batch(scratch: Scratch, first: int, end: int) -> pa.RecordBatch:
        size = (end - first) * min(k, count)
        out = Neighbors(np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.int64), np.empty(size))
        written = neighbors_of_rows(first, end, follows, producers, float(floor), k, scratch, out)
        rows, neighbors, counts, cosines = (column[:written] for column in out)
        columns = ids[rows], ids[neighbors], counts, cosines
        return pa.record_batch([pa.array(column) for column in columns], schema=NEIGHBOR_SCHEMA)

    scratches = [Scratch(np.zeros(count, np.int32), np.empty(count + 1, np.int32), np.empty(count)) for _ in range(threads)]
    blocks = blocks_of_rows(products_per_row(follows), PRODUCTS_PER_BLOCK, max(1, NEIGHBORS_PER_BLOCK // k))
    return stream_blocks(batch, blocks, scratches)
