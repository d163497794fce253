"""Which powers find what consumers follow: the compiled engine behind the model int_co_follow_trial_hits.

One walk over the follows of each producer's followers serves all recipes, and no list of candidates leaves the kernel.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simclusters.positions import as_ids, positions_among
from simclusters.similarity.co_follows import Recipe
from simclusters.similarity.kernels import Hits, Trial, TrialScratch, products_per_row, trial_hits
from simclusters.similarity.neighbors import FOUND_POWERS, PRODUCTS_PER_BLOCK, FollowMatrix
from simclusters.similarity.regressions import regression_trial_hits
from simclusters.threads import available_processors, blocks_of_rows, stream_blocks

HIT_SCHEMA = pa.schema(
    [("preference", pa.int64()), ("consumer_id", pa.int64()), ("producer_position", pa.int64()), ("producer_rank", pa.int64())]
)
# Producers that a consumer is shown, as in the SQL engine.
CUTOFF = 20
CONSUMERS_PER_BLOCK = 1_000


def co_follow_trial_hits(
    matrix: FollowMatrix,
    trial_follows: pa.Table,
    recipes: pa.Table,
    crowdings: np.ndarray,
    regression_producers: int = 1,
    threads: int | None = None,
) -> pa.RecordBatchReader:
    """Held out follows among the first CUTOFF producers, for each recipe, as a stream of HIT_SCHEMA rows.

    Parameters
    ----------
    trial_follows : consumer_id, producer_position, is_held_out, fold_number: all follows of the drawn consumers, each once
    recipes : the columns of the seed co_follow_recipes
    crowdings : float[n], at least 1, by position: the model int_producer_crowdings
    regression_producers : as regression_lists takes it, for recipes with a regression_penalty
    threads : by default the processors this process may use

    The score of a producer is the sum of what co_followed_producers says, by the recipe, for each kept follow. Scores are compared
    in ten decimals, then the smaller position wins. Raises ValueError for a drawn consumer who follows nobody in the matrix, for a
    power that makes a follower count nothing, and for what a recipe checks.
    """
    for numbers in recipes.select(Recipe._fields).to_pylist():
        Recipe(**numbers).check()
    trial_follows, threads = trial_follows.combine_chunks(), threads or available_processors()
    drawn = np.unique(trial_follows["consumer_id"].to_numpy())
    strangers = drawn[positions_among(drawn, matrix.consumer_ids) < 0]
    if len(strangers):
        raise ValueError(f"drawn consumers who follow nobody: {strangers[:5].tolist()}")
    is_regression = pc.greater(recipes["regression_penalty"], 0)
    sums, regressions = recipes.filter(pc.invert(is_regression)), recipes.filter(is_regression)
    batches = chain(
        _batches(matrix, trial_follows, sums, crowdings, threads) if len(sums) else (),
        _regression_batches(matrix, trial_follows, regressions, crowdings, regression_producers, threads) if len(regressions) else (),
    )
    return pa.RecordBatchReader.from_batches(HIT_SCHEMA, batches)


def _regression_batches(matrix: FollowMatrix, *arguments) -> Iterator[pa.RecordBatch]:
    for columns in regression_trial_hits(matrix, *arguments, CUTOFF):
        yield pa.record_batch([pa.array(column) for column in columns], schema=HIT_SCHEMA)


def _batches(
    matrix: FollowMatrix, trial_follows: pa.Table, recipes: pa.Table, crowdings: np.ndarray, threads: int
) -> Iterator[pa.RecordBatch]:
    follows, producers = matrix.follows, matrix.producers
    powers = {name: recipes[name].to_numpy().astype(np.float64) for name in Recipe._fields}
    preferences = as_ids(recipes["preference"].to_numpy(), "preference")
    numbers_of_ways = [powers[name] for name in ("known_power", "activity_power", "deducted_followers")]
    ways, recipe_way = np.unique(np.stack(numbers_of_ways), axis=1, return_inverse=True)
    known_powers, way_known = np.unique(ways[0], return_inverse=True)
    activity_powers, way_activity = np.unique(ways[1], return_inverse=True)
    found_powers, recipe_found = np.unique(np.stack([powers[name] for name in FOUND_POWERS]), axis=1, return_inverse=True)
    follow_counts = np.diff(follows.consumer_start).astype(np.float64)

    def producer_weights(fewer_followers: int) -> np.ndarray:
        return np.stack([matrix.found_weights(*numbers, crowdings, fewer_followers) for numbers in found_powers.T])

    members, followed = trial_follows["consumer_id"].to_numpy(), trial_follows["producer_position"].to_numpy() - 1
    order = np.lexsort((followed, members))
    drawn, start = np.unique(members[order], return_index=True)
    positions = positions_among(drawn, matrix.consumer_ids)
    trial = Trial(
        positions,
        np.append(start, len(order)).astype(np.int64),
        followed[order].astype(np.int32),
        trial_follows["is_held_out"].to_numpy(zero_copy_only=False)[order],
        producers.follower_counts[:, None] ** -known_powers,
        follow_counts[:, None] ** -activity_powers,
        way_known.astype(np.int64),
        way_activity.astype(np.int64),
        ways[2].copy(),
        producer_weights(0),
        # What is found has a follower left beside the one that is held out.
        producer_weights(1),
        recipe_way.ravel().astype(np.int64),
        recipe_found.ravel().astype(np.int64),
    )

    if not np.all(trial.consumer_weights > 0):
        raise ValueError(f"activity powers up to {activity_powers.max()} make followers of many producers count nothing")

    def batch(scratch: TrialScratch, first: int, end: int) -> pa.RecordBatch:
        asked = trial.is_held_out[trial.follow_start[first] : trial.follow_start[end]].sum()
        size = len(preferences) * asked
        out = Hits(np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.int64))
        written = trial_hits(first, end, CUTOFF, follows, producers, trial, scratch, out)
        found, members, hits, ranks = (column[:written] for column in out)
        columns = preferences[found], drawn[members], hits.astype(np.int64) + 1, ranks
        return pa.record_batch([pa.array(column) for column in columns], schema=HIT_SCHEMA)

    count = len(producers.ids)
    scratches = [
        TrialScratch(
            np.zeros((count, 1 + len(activity_powers))),
            np.empty(count, np.int32),
            np.zeros((count, ways.shape[1])),
            np.empty(count, np.int32),
            np.zeros(count, np.int8),
        )
        for _ in range(threads)
    ]
    work = np.add.reduceat(products_per_row(follows)[trial.producers], start) if len(drawn) else np.empty(0, np.int64)
    return stream_blocks(batch, blocks_of_rows(work, PRODUCTS_PER_BLOCK, CONSUMERS_PER_BLOCK), scratches)
