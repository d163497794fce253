"""Vectors of producers and consumers over communities and fine communities, fitted to the follows. See docs/community_detection.md.

A consumer's vector counts the producers it follows in each community, coarse or fine. A producer's vector says how much of what each
community's people follow is this producer. It is a small ridge regression on its largest communities, without negative weights. Ours,
with no published counterpart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from simclusters.fitted.kernels import (
    Rows,
    Scratch,
    Sums,
    best_of_rows,
    entries_of_rows,
    fill_products,
    hits_of_rows,
    solve_rows,
    squares_of_rows,
)
from simclusters.positions import dense_positions, positions_among, stable_order
from simclusters.similarity.kernels import Follows, invert_rows
from simclusters.threads import Workers, available_processors, equal_shares, even_ranges

# As in macros/scoring/fitted.sql, where they are explained.
MOST_CLUSTERS = 50
CLUSTER_POWER = 0.5
CUTOFF = 20
# Sums of floats are added up in so many shares, whatever the number of threads.
SHARES = 32
NO_WEIGHTS = np.empty(0)
# A matrix of products takes 20 KB for a producer.
PRODUCERS_PER_BLOCK = 20_000


class FittedVectors(NamedTuple):
    """What fitted_vectors finds."""

    producer_ids: np.ndarray  # int64[n]
    cluster_ids: np.ndarray  # int64[clusters]
    vectors: Rows  # by position of producer and cluster, of unit length
    lengths: np.ndarray  # float64[n]: what the weights were divided by


class _Follows(NamedTuple):
    follows: Follows
    cluster_count: int
    workers: Workers


def _follows_of(consumers: np.ndarray, producers: np.ndarray, consumer_count: int, producer_count: int) -> Follows:
    """From positions, int32[m] each."""
    starts, order = stable_order(producers, producer_count)
    consumers = consumers[order]
    return Follows(starts, consumers, *invert_rows(starts, consumers, consumer_count))


def _transposed(rows: Rows, column_count: int) -> Rows:
    starts, order = stable_order(rows.columns, column_count)
    of_row = np.repeat(np.arange(len(rows.start) - 1, dtype=np.int32), np.diff(rows.start))
    return Rows(starts, of_row[order], rows.values[order])


def _scratches(count: int, columns: int) -> list[Scratch]:
    return [Scratch(np.zeros(columns), np.empty(columns, np.int32), np.empty(columns)) for _ in range(count)]


def _column_norms(sums: Sums, columns: int, workers: Workers) -> np.ndarray:
    """Of whole sums, before any cut: float64[columns], 1 where a column is empty."""

    def squares(first: int, end: int) -> np.ndarray:
        found = np.zeros(columns)
        squares_of_rows(first, end, sums, _scratches(1, columns)[0], found)
        return found

    norms = np.sqrt(np.sum(workers.run(squares, equal_shares(sums.start, SHARES)), axis=0))
    return np.where(norms > 0, norms, 1.0)


def _best(sums: Sums, scales: np.ndarray, is_unit: bool, most: int, workers: Workers) -> Rows:
    room = np.zeros(len(sums.start), np.int64)
    entries_of_rows(sums, most, room[1:])
    start = np.cumsum(room)
    out = Rows(start, np.empty(start[-1], np.int32), np.empty(start[-1]))
    counts = np.zeros(len(start) - 1, np.int64)
    workers.run(
        lambda first, end: best_of_rows(first, end, sums, scales, is_unit, most, _scratches(1, len(scales))[0], out, counts),
        equal_shares(sums.start, SHARES),
    )
    is_filled = np.arange(start[-1]) - np.repeat(start[:-1], room[1:]) < np.repeat(counts, room[1:])
    return Rows(np.concatenate([[0], np.cumsum(counts)]), out.columns[is_filled], out.values[is_filled])


def _interests(given: _Follows, members: Rows) -> Rows:
    """The consumers' vectors: unit length, at most MOST_CLUSTERS communities."""
    follows, columns, workers = given
    sums = Sums(follows.consumer_start, follows.producers, NO_WEIGHTS, members)
    return _best(sums, _column_norms(sums, columns, workers) ** -CLUSTER_POWER, True, MOST_CLUSTERS, workers)


def _weights(given: _Follows, interests: Rows, penalties: np.ndarray) -> tuple[Rows, np.ndarray]:
    """The largest communities of each producer, and the weights on them: float64[entries, penalties]."""
    follows, columns, workers = given
    sums = Sums(follows.producer_start, follows.consumers, NO_WEIGHTS, interests)
    targets = _best(sums, np.ones(columns), False, MOST_CLUSTERS, workers)
    by_cluster = _transposed(interests, columns)
    out = np.zeros((len(targets.columns), len(penalties)))
    for first in range(0, len(targets.start) - 1, PRODUCERS_PER_BLOCK):
        start = targets.start[first : first + PRODUCERS_PER_BLOCK + 1]
        entries = slice(start[0], start[-1])
        block = Rows(start - start[0], targets.columns[entries], targets.values[entries])
        sizes = np.diff(block.start)
        offsets = np.cumsum(sizes**2) - sizes**2
        products = np.zeros(int((sizes**2).sum()))
        places = np.arange(start[-1] - start[0]) - np.repeat(block.start[:-1], sizes)
        wanted = _transposed(Rows(block.start, block.columns, places.astype(np.float64)), columns)
        workers.run(
            lambda one, end, b=block, o=offsets, w=wanted, p=products: fill_products(
                one, end, interests, by_cluster, w, b, o, _scratches(1, columns)[0], p
            ),
            equal_shares(by_cluster.start, SHARES),
        )
        workers.run(
            lambda one, end, b=block, o=offsets, p=products, found=out[entries]: solve_rows(one, end, b, o, p, penalties, found),
            even_ranges(len(sizes), SHARES),
        )
    return targets, out


def _unit(targets: Rows, weights: np.ndarray) -> tuple[Rows, np.ndarray]:
    """The weights above 0 as vectors of unit length, and their lengths."""
    producer = np.repeat(np.arange(len(targets.start) - 1), np.diff(targets.start))
    is_kept = weights > 0
    lengths = np.sqrt(np.bincount(producer, weights * weights, minlength=len(targets.start) - 1))
    start = np.concatenate([[0], np.cumsum(np.bincount(producer[is_kept], minlength=len(lengths)))])
    return Rows(start, targets.columns[is_kept], weights[is_kept] / lengths[producer[is_kept]]), lengths


def _positions(consumer_ids, producer_ids, member_ids, cluster_ids):
    """The distinct consumers, producers and clusters; the follows by position, and the clusters of each producer as Rows."""
    consumers, of_consumer = dense_positions(consumer_ids)
    producers, of_producer = dense_positions(producer_ids)
    clusters, of_cluster = dense_positions(cluster_ids)
    place = positions_among(member_ids, producers)
    starts, order = stable_order(place[place >= 0], len(producers))
    members = Rows(starts, of_cluster[place >= 0][order], np.ones(len(order)))
    return consumers, producers, clusters, of_consumer, of_producer, members


def fitted_vectors(
    consumer_ids: np.ndarray,
    producer_ids: np.ndarray,
    member_ids: np.ndarray,
    cluster_ids: np.ndarray,
    penalty: float,
    threads: int | None = None,
) -> FittedVectors:
    """Vectors of all followed producers.

    Parameters
    ----------
    consumer_ids, producer_ids : int64[m]   the follows, each pair once
    member_ids, cluster_ids : int64[p]      the communities of producers, coarse and fine
    penalty : of the regression, above 0; in consumers, because each consumer's vector has unit length

    Raises ValueError for a penalty that is not above 0. Cost: follows times communities of a consumer, consumers times its square, and
    producers times the square of MOST_CLUSTERS.
    """
    if not penalty > 0:
        raise ValueError(f"penalty must be above 0, got {penalty}")
    consumers, producers, clusters, of_consumer, of_producer, members = _positions(consumer_ids, producer_ids, member_ids, cluster_ids)
    with Workers(threads or available_processors()) as workers:
        given = _Follows(_follows_of(of_consumer, of_producer, len(consumers), len(producers)), len(clusters), workers)
        targets, weights = _weights(given, _interests(given, members), np.array([float(penalty)]))
    return FittedVectors(producers, clusters, *_unit(targets, weights[:, 0]))


def fit_trial_hits(
    consumer_ids: np.ndarray,
    producer_ids: np.ndarray,
    member_ids: np.ndarray,
    cluster_ids: np.ndarray,
    trial: Sequence[np.ndarray],
    recipes: Sequence[dict],
    threads: int | None = None,
) -> Iterator[tuple[np.ndarray, ...]]:
    """Held out follows among the first CUTOFF producers of drawn consumers, by vectors that were fitted without them.

    Parameters
    ----------
    consumer_ids, producer_ids, member_ids, cluster_ids : as fitted_vectors takes them
    trial : int64[t] consumer ids, int64[t] producer ids, bool[t] is held out: the follows of the drawn consumers
    recipes : preference, regression_penalty and length_power of each

    Yields arrays preference, consumer_id, producer_id, producer_rank.
    """
    consumers, producers, clusters, of_consumer, of_producer, members = _positions(consumer_ids, producer_ids, member_ids, cluster_ids)
    drawn, trial_consumers = np.unique(trial[0], return_inverse=True)
    rows, columns = positions_among(drawn, consumers), positions_among(trial[1], producers)
    is_asked = np.asarray(trial[2])
    pair = of_consumer.astype(np.int64) * len(producers) + of_producer
    is_left = ~np.isin(pair, (rows[trial_consumers].astype(np.int64) * len(producers) + columns)[is_asked])
    lists = []
    for chosen in (~is_asked, is_asked):
        starts, order = stable_order(trial_consumers[chosen].astype(np.int32), len(drawn))
        lists.append(Rows(starts, columns[chosen][order], np.empty(0)))
    kept, asked = lists
    with Workers(threads or available_processors()) as workers:
        follows = _follows_of(of_consumer[is_left], of_producer[is_left], len(consumers), len(producers))
        given = _Follows(follows, len(clusters), workers)
        interests = _interests(given, members)
        penalties = sorted({recipe["regression_penalty"] for recipe in recipes})
        targets, weights = _weights(given, interests, np.array(penalties, np.float64))
        for number, penalty in enumerate(penalties):
            vectors, lengths = _unit(targets, weights[:, number])
            of_penalty = [recipe for recipe in recipes if recipe["regression_penalty"] == penalty]
            factors = np.stack([lengths ** recipe["length_power"] for recipe in of_penalty])
            sums = Sums(interests.start, interests.columns, interests.values, _transposed(vectors, len(clusters)))
            preferences = np.array([recipe["preference"] for recipe in of_penalty])

            def hits(first: int, end: int, sums=sums, factors=factors) -> np.ndarray:
                found = np.empty((len(factors) * int(asked.start[end] - asked.start[first]), 4), np.int64)
                own = [lists._replace(start=lists.start[first : end + 1]) for lists in (kept, asked)]
                return found[: hits_of_rows(rows[first:end], *own, sums, factors, CUTOFF, found)] + np.array([0, first, 0, 0])

            for found in workers.run(hits, even_ranges(len(drawn), SHARES)):
                yield preferences[found[:, 0]], drawn[found[:, 1]], producers[found[:, 2]], found[:, 3]
