"""Whom the followers of a producer follow too: the compiled engine behind the model co_followed_producers.

Any number of threads gives the same rows. Memory is as in ``neighbors``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from simclusters.positions import as_ids
from simclusters.similarity.kernels import CoFollowed, Weights, WeightScratch, co_followed_of_rows, products_per_row
from simclusters.similarity.neighbors import NEIGHBORS_PER_BLOCK, PRODUCTS_PER_BLOCK, FollowMatrix
from simclusters.similarity.regressions import best_of_lists, regression_lists
from simclusters.threads import available_processors, blocks_of_rows, stream_blocks

CO_FOLLOWED_SCHEMA = pa.schema(
    [
        ("producer_id", pa.int64()),
        ("co_followed_producer_id", pa.int64()),
        ("producer_rank", pa.int64()),
        ("co_follow_score", pa.float64()),
    ]
)


class Recipe(NamedTuple):
    """How followers are weighed: the columns of the seed co_follow_recipes."""

    known_power: float
    activity_power: float
    popularity_power: float
    added_means: float
    deducted_followers: float
    crowding_power: float
    regression_penalty: float = 0.0

    def check(self) -> None:
        """Raises ValueError for a whole follower deducted, and for a regression with a number that it does not know."""
        if not self.deducted_followers < 1:
            raise ValueError(f"deducted_followers {self.deducted_followers} must be below 1, the least that two producers share")
        for name in ("known_power", "deducted_followers"):
            if self.regression_penalty and getattr(self, name):
                raise ValueError(f"{name} must be 0 where there is a regression_penalty, not {getattr(self, name)}")


def co_followed_producers(
    matrix: FollowMatrix,
    recipe: Recipe,
    lengths: np.ndarray,
    crowdings: np.ndarray,
    regression_producers: int = 1,
    threads: int | None = None,
) -> pa.RecordBatchReader:
    """The best co-followed producers of each producer, as a stream of CO_FOLLOWED_SCHEMA rows, by producer, then rank.

    Parameters
    ----------
    recipe : a follower of f producers adds f^-activity_power. The sum is multiplied by the share of the followers in common that stay
        without the deducted ones. Then by followers^-known_power of the producer whose list it is, and
        (added_means + followers / mean followers)^-popularity_power and crowding^-crowding_power of the one that is listed
    lengths : integer[n], producers kept for each, by position, by falling score in ten decimals, then rising producer id; at least 1:
        the model int_co_follow_list_lengths
    crowdings : float[n], at least 1, by position: the model int_producer_crowdings
    regression_producers : as regression_lists takes it, which makes the lists where the recipe has a regression_penalty
    threads : by default the processors this process may use

    Sums over producers that are sampled are divided by the smaller share: estimates. Raises ValueError for a list without a
    place, for a power that makes a follower count nothing, and for what the recipe checks.
    """
    recipe.check()
    lengths = as_ids(lengths, "lengths")
    if len(lengths) != len(matrix.producers.ids) or (lengths < 1).any():
        raise ValueError("lengths must be one for each producer, and at least 1")
    follow_counts = np.diff(matrix.follows.consumer_start).astype(np.float64)
    follower_counts = matrix.producers.follower_counts
    found_weights = matrix.found_weights(recipe.popularity_power, recipe.added_means, recipe.crowding_power, crowdings)
    threads = threads or available_processors()
    if recipe.regression_penalty:
        penalties = np.array([recipe.regression_penalty], np.float64)
        lists = regression_lists(matrix, recipe.activity_power, penalties, regression_producers, threads)
        blocks = best_of_lists(matrix.producers.ids, lists, found_weights, lengths)
        listed = (pa.record_batch([pa.array(column) for column in block], schema=CO_FOLLOWED_SCHEMA) for block in blocks)
        return pa.RecordBatchReader.from_batches(CO_FOLLOWED_SCHEMA, listed)
    weights = Weights(
        follow_counts**-recipe.activity_power, float(recipe.deducted_followers), follower_counts**-recipe.known_power, found_weights
    )
    if not np.all(weights.of_consumers > 0):
        raise ValueError(f"activity_power {recipe.activity_power} makes followers of many producers count nothing")
    return pa.RecordBatchReader.from_batches(CO_FOLLOWED_SCHEMA, _batches(matrix, weights, lengths, threads))


def _batches(matrix: FollowMatrix, weights: Weights, lengths: np.ndarray, threads: int) -> Iterator[pa.RecordBatch]:
    """Batches in the order of the blocks; at most a few blocks are held at once."""
    follows, producers, ids = matrix.follows, matrix.producers, matrix.producers.ids
    count = len(ids)
    lengths = np.minimum(lengths, count)
    places = np.append(0, np.cumsum(lengths))

    def batch(scratch: WeightScratch, first: int, end: int) -> pa.RecordBatch:
        size = places[end] - places[first]
        out = CoFollowed(np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.int64), np.empty(size))
        written = co_followed_of_rows(first, end, follows, producers, weights, lengths, scratch, out)
        rows, found, ranks, scores = (column[:written] for column in out)
        return pa.record_batch([pa.array(column) for column in (ids[rows], ids[found], ranks, scores)], schema=CO_FOLLOWED_SCHEMA)

    scratches = [WeightScratch(np.zeros(count), np.zeros(count), np.empty(count, np.int32), np.empty(count)) for _ in range(threads)]
    rows_per_block = max(1, NEIGHBORS_PER_BLOCK // lengths.max(initial=1))
    blocks = blocks_of_rows(products_per_row(follows), PRODUCTS_PER_BLOCK, rows_per_block)
    return stream_blocks(batch, blocks, scratches)
