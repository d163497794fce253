"""Whom the followers of a producer follow too: the compiled engine behind the model int_co_followed_producers_kernel.

Any number of threads gives the same rows. Memory is as in ``neighbors``.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from simclusters.similarity.kernels import CoFollowed, Weights, WeightScratch, co_followed_of_rows, products_per_row
from simclusters.similarity.neighbors import NEIGHBORS_PER_BLOCK, PRODUCTS_PER_BLOCK, FollowMatrix
from simclusters.threads import available_processors, blocks_of_rows, stream_blocks

CO_FOLLOWED_SCHEMA = pa.schema(
    [
        ("producer_id", pa.int64()),
        ("co_followed_producer_id", pa.int64()),
        ("producer_rank", pa.int64()),
        ("co_follow_score", pa.float64()),
    ]
)


def co_followed_producers(
    matrix: FollowMatrix, activity_power: float, popularity_power: float, producers_per_list: int, threads: int | None = None
) -> pa.RecordBatchReader:
    """The best co-followed producers of each producer, as a stream of CO_FOLLOWED_SCHEMA rows, by producer, then rank.

    Parameters
    ----------
    activity_power : a follower of f producers adds f^-activity_power
    popularity_power : the sum is multiplied by (1 + followers / mean followers)^-popularity_power of the producer that is listed
    producers_per_list : producers kept, by falling score in ten decimals, then rising producer id; at least 1
    threads : by default the processors this process may use

    Sums over producers that are sampled are divided by the smaller share: unbiased estimates. Raises ValueError for an empty list,
    and for a power that makes a follower count nothing.
    """
    if producers_per_list < 1:
        raise ValueError(f"producers_per_list must be at least 1, not {producers_per_list}")
    follow_counts = np.diff(matrix.follows.consumer_start).astype(np.float64)
    follower_counts = matrix.producers.follower_counts
    mean = follower_counts.mean() if len(follower_counts) else 1.0
    weights = Weights(follow_counts**-activity_power, (1 + follower_counts / mean) ** -popularity_power)
    if not np.all(weights.of_consumers > 0):
        raise ValueError(f"activity_power {activity_power} makes followers of many producers count nothing")
    batches = _batches(matrix, weights, producers_per_list, threads or available_processors())
    return pa.RecordBatchReader.from_batches(CO_FOLLOWED_SCHEMA, batches)


def _batches(matrix: FollowMatrix, weights: Weights, k: int, threads: int) -> Iterator[pa.RecordBatch]:
    """Batches in the order of the blocks; at most a few blocks are held at once."""
    follows, producers, ids = matrix.follows, matrix.producers, matrix.producers.ids
    count = len(ids)

    def batch(scratch: WeightScratch, first: int, end: int) -> pa.RecordBatch:
        size = (end - first) * min(k, count)
        out = CoFollowed(np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.int64), np.empty(size))
        written = co_followed_of_rows(first, end, follows, producers, weights, k, scratch, out)
        rows, found, ranks, scores = (column[:written] for column in out)
        return pa.record_batch([pa.array(column) for column in (ids[rows], ids[found], ranks, scores)], schema=CO_FOLLOWED_SCHEMA)

    scratches = [WeightScratch(np.zeros(count), np.empty(count, np.int32), np.empty(count)) for _ in range(threads)]
    blocks = blocks_of_rows(products_per_row(follows), PRODUCTS_PER_BLOCK, max(1, NEIGHBORS_PER_BLOCK // k))
    return stream_blocks(batch, blocks, scratches)
