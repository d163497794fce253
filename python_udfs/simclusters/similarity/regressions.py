"""Lists by regression: the compiled engine of the rows of co_follow_recipes that have a regression_penalty.

Two series that the same people watch both speak for a third, and a sum over followers counts both in full. A regression asks what each
says beside the others. It is that of EASE (Steck, 2019), with three changes: each producer is told by its nearest ones alone,
followers weigh less the more they follow, and the penalty grows with the root of a producer's followers.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from simclusters.positions import as_ids, positions_among
from simclusters.scores import rounded_score_each
from simclusters.similarity.kernels import Hits, products_per_row
from simclusters.similarity.neighbors import FOUND_POWERS, PRODUCTS_PER_BLOCK, FollowMatrix
from simclusters.similarity.regression_kernels import (
    NOBODY,
    Coefficients,
    Lists,
    ListScratch,
    ListTrial,
    Regression,
    RegressionScratch,
    coefficients_of_rows,
    list_hits,
    lists_of,
)
from simclusters.threads import blocks_of_rows, even_ranges, stream_blocks

# It bounds what a block writes.
ROWS_PER_BLOCK = 1_000


def regression_lists(
    matrix: FollowMatrix, activity_power: float, penalties: np.ndarray, regression_producers: int, threads: int
) -> Lists:
    """For each producer, what following it says for others, by penalty.

    Parameters
    ----------
    activity_power : a follower of f producers has the weight f^-activity_power
    penalties : float[p], above 0. The weight of a producer's followers, on the diagonal of the equations, grows by the penalty times
        the root of that weight times the mean weight of a follow
    regression_producers : nearest producers that tell a producer, by the cosine of their weighed followers, then by rising producer id

    Raises ValueError for a penalty of 0 or less, for none nearest, and for a power that makes a follower count nothing. Any number of
    threads gives the same. O(follows of the followers; k nearest cost n k^2, and the squares of how many of them a consumer follows).
    """
    if regression_producers < 1:
        raise ValueError(f"regression_producers must be at least 1, not {regression_producers}")
    if not np.all(penalties > 0):
        raise ValueError(f"regression_penalty must be above 0, not {penalties.min()}")
    follows, producers = matrix.follows, matrix.producers
    count = len(producers.ids)
    weights = np.diff(follows.consumer_start).astype(np.float64) ** -activity_power
    if not np.all(weights > 0):
        raise ValueError(f"activity_power {activity_power} makes followers of many producers count nothing")
    rows = np.repeat(np.arange(count, dtype=np.int32), np.diff(follows.producer_start))
    follower_weights = np.bincount(rows, weights[follows.consumers], count) / producers.sampled_shares
    del rows  # as long as the follows, and the blocks below take long
    follow_weight = follower_weights.sum() / max(producers.follower_counts.sum(), 1.0)
    regression = Regression(weights, follower_weights, penalties[:, None] * np.sqrt(follower_weights * follow_weight))
    k = min(regression_producers, max(count - 1, 1))

    def block(scratch: RegressionScratch, first: int, end: int) -> Coefficients:
        size = (end - first) * k
        out = Coefficients(np.empty(size, np.int32), np.empty(size, np.int32), np.empty((size, len(penalties))))
        written = coefficients_of_rows(first, end, k, follows, producers, regression, scratch, out)
        return Coefficients(*(column[:written].copy() for column in out))

    scratches = [
        RegressionScratch(np.zeros(count), np.empty(count, np.int32), np.empty(count), np.full(len(weights), NOBODY, np.int32))
        for _ in range(threads)
    ]
    blocks = blocks_of_rows(products_per_row(follows), PRODUCTS_PER_BLOCK, ROWS_PER_BLOCK)
    none = Coefficients(np.empty(0, np.int32), np.empty(0, np.int32), np.empty((0, len(penalties))))
    by_column = list(map(list, zip(none, *stream_blocks(block, blocks, scratches), strict=True)))
    columns = []
    while by_column:
        # The parts of a column go when it is whole, so that memory holds one column twice.
        columns.append(np.concatenate(by_column.pop(0)))
    return Lists(*lists_of(Coefficients(*columns), count))


def best_of_lists(ids: np.ndarray, lists: Lists, found_weights: np.ndarray, lengths: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
    """Producer ids, co-followed producer ids, ranks from 1 and scores in ten decimals, by producer, then rank, in blocks.

    lists : of one penalty
    found_weights : float[n], what a value is multiplied by, for the producer that is listed
    lengths : int64[n], how many of each; what is 0 is left out
    """
    for first in range(0, len(ids), ROWS_PER_BLOCK):
        start = lists.start[first : first + ROWS_PER_BLOCK + 1]
        found, values = lists.found[start[0] : start[-1]], lists.values[start[0] : start[-1], 0]
        rows = np.repeat(np.arange(first, first + len(start) - 1), np.diff(start))
        scores = rounded_score_each(values * found_weights[found])
        order = np.lexsort((ids[found], -scores, rows))
        order = order[values[order] > 0]
        rows = rows[order]
        ranks = np.arange(len(rows)) - np.searchsorted(rows, rows) + 1
        kept = ranks <= lengths[rows]
        yield tuple(column[kept] for column in (ids[rows], ids[found[order]], ranks, scores[order]))


def regression_trial_hits(
    matrix: FollowMatrix,
    trial_follows: pa.Table,
    recipes: pa.Table,
    crowdings: np.ndarray,
    regression_producers: int,
    threads: int,
    cutoff: int,
) -> Iterator[tuple[np.ndarray, ...]]:
    """What co_follow_trial_hits gives, for recipes with a regression_penalty, as its columns.

    A sum can leave out one consumer; a list cannot. So each fold of consumers is asked of lists that are made without what is held out
    of it.
    """
    members, followed = trial_follows["consumer_id"].to_numpy(), (trial_follows["producer_position"].to_numpy() - 1).astype(np.int32)
    order = np.lexsort((followed, members))
    members, followed = members[order], followed[order]
    is_held_out = trial_follows["is_held_out"].to_numpy(zero_copy_only=False)[order]
    folds = trial_follows["fold_number"].to_numpy()[order]
    drawn, start = np.unique(members, return_index=True)
    follow_start = np.append(start, len(members)).astype(np.int64)
    consumers = positions_among(members, matrix.consumer_ids)
    numbers = {name: recipes[name].to_numpy().astype(np.float64) for name in recipes.column_names}

    for fold in np.unique(folds):
        left_out = (folds == fold) & is_held_out
        left = matrix.without(consumers[left_out], followed[left_out])
        for power in np.unique(numbers["activity_power"]):
            tried = np.flatnonzero(numbers["activity_power"] == power)
            penalties, recipe_value = np.unique(numbers["regression_penalty"][tried], return_inverse=True)
            found_weights = [left.found_weights(*(numbers[name][recipe] for name in FOUND_POWERS), crowdings) for recipe in tried]
            asked = np.flatnonzero(folds[start] == fold)
            trial = ListTrial(asked, follow_start, followed, is_held_out, recipe_value.astype(np.int64), np.stack(found_weights))
            lists = regression_lists(left, power, penalties, regression_producers, threads)
            for hits in _hits_of_lists(trial, lists, cutoff, threads):
                preferences = as_ids(recipes["preference"].to_numpy(), "preference")[tried[hits.recipes]]
                yield preferences, drawn[hits.consumers], hits.producers.astype(np.int64) + 1, hits.ranks
            del trial, lists  # before the next are made
        del left


def _hits_of_lists(trial: ListTrial, lists: Lists, cutoff: int, threads: int) -> Iterator[Hits]:
    """Hits of ranges of the asked consumers, in order."""
    recipe_count, count = trial.found_weights.shape

    def hits(scratch: ListScratch, first: int, end: int) -> Hits:
        size = recipe_count * sum(
            trial.is_held_out[trial.follow_start[member] : trial.follow_start[member + 1]].sum() for member in trial.asked[first:end]
        )
        out = Hits(np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.int64))
        written = list_hits(first, end, cutoff, lists, trial, scratch, out)
        return Hits(*(column[:written] for column in out))

    def scratch() -> ListScratch:
        sums = np.zeros((count, lists.values.shape[1]))
        return ListScratch(sums, np.empty(count, np.int32), np.zeros(count, bool), np.zeros(count, np.int8))

    scratches = [scratch() for _ in range(threads)]
    return stream_blocks(hits, even_ranges(len(trial.asked), threads), scratches)
