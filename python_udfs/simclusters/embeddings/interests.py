"""What a consumer is interested in, by recipe: the compiled engine behind int_interest_variant_scores.

Rows as the SQL finds them; sums differ in the last digits at most, because a sum of floats depends on its order. Any number of threads
gives the same bits. Edges come in blocks. Memory is one of them, the memberships, once, and a few blocks of rows: results leave as
they are found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from simclusters.embeddings.kernels import (
    TOTALS,
    Entries,
    Graph,
    InterestResults,
    InterestRules,
    InterestScratch,
    interests_of_rows,
    products_of_rows,
)
from simclusters.positions import as_ids, dense_positions, positions_among, stable_order
from simclusters.threads import available_processors, blocks_of_rows, stream_blocks

PRODUCTS_PER_BLOCK = 500_000


class Edges:
    """Who follows or favs whom, once per pair; in the order of the consumers this is quickest.

    consumer_ids, producer_ids integer[m], is_followed bool[m]; scores float[m, 4]: follow_score_producer_normalized, fav_score,
    fav_score_producer_normalized and log_fav_score. Raises ValueError for unequal lengths and ids that are not integers.
    """

    def __init__(self, consumer_ids: Any, producer_ids: Any, is_followed: Any, scores: Any) -> None:
        consumer_ids, producer_ids = as_ids(consumer_ids, "consumer_ids"), as_ids(producer_ids, "producer_ids")
        is_followed, scores = np.asarray(is_followed, bool), np.ascontiguousarray(scores, np.float64)
        if not (len(consumer_ids) == len(producer_ids) == len(is_followed) and scores.shape == (len(consumer_ids), 4)):
            counts = f"{len(consumer_ids)} consumer_ids, {len(producer_ids)} producer_ids, {len(is_followed)} is_followed"
            raise ValueError(f"{counts}, scores {scores.shape}")
        self.consumer_ids, self.producer_ids, self.is_followed, self.scores = consumer_ids, producer_ids, is_followed, scores

    def graph(self, distinct_producers: np.ndarray) -> tuple[np.ndarray, Graph]:
        """The distinct consumers, rising, and the edges over positions, without producers that are not among the distinct ones."""
        producers = positions_among(self.producer_ids, distinct_producers)
        is_known = producers >= 0
        consumer_ids, rows = dense_positions(self.consumer_ids[is_known])
        start, order = stable_order(rows, len(consumer_ids))
        return consumer_ids, Graph(start, order, producers[is_known], self.is_followed[is_known], self.scores[is_known])


@dataclass(frozen=True)
class Memberships:
    """How much producers belong to communities: producer_ids, cluster_ids integer[e], scores float[e]; each pair once."""

    producer_ids: Any
    cluster_ids: Any
    scores: Any


@dataclass(frozen=True)
class Recipe:
    """What a variant adds up, and how it chooses among the sums."""

    memberships: Memberships
    counts_follows_and_favs: bool  # whether a producer both followed and faved is two proofs
    ranks_by_favs: bool  # whether fav_score ranks before the other scores
    clusters_per_consumer: int  # communities that a consumer keeps


@dataclass(frozen=True)
class OptOuts:
    """Communities that consumers left: consumer_ids, cluster_ids integer[o]."""

    consumer_ids: Any
    cluster_ids: Any


class Interests(NamedTuple):
    """A block of results, by consumer, recipe and community.

    recipes int32[r]: positions; consumer_ids, cluster_ids int64[r]; ranks int64[r]: from 1, and 0 for what is not kept;
    scores float64[r, 5]: follow_score and those of Edges; counts int64[r, 2]: of producers followed and of producers faved.
    """

    recipes: np.ndarray
    consumer_ids: np.ndarray
    cluster_ids: np.ndarray
    ranks: np.ndarray
    scores: np.ndarray
    counts: np.ndarray


def ranked_interests(
    blocks: Iterable[Edges], recipes: Sequence[Recipe], opt_outs: OptOuts, *, minimum_proof: int, threads: int | None = None
) -> Iterator[Interests]:
    """The scores of each consumer's edges, each times the memberships of its producer, added up by community and ranked, in blocks.

    A follow without a fav adds to follow_score 1 times the membership. A membership of 0 adds nothing and counts all the same.

    Parameters
    ----------
    blocks : the edges; those of a consumer are in one block
    minimum_proof : communities with fewer proofs are left out
    threads : by default the processors this process may use
    """
    if not recipes:
        return
    producer_ids, cluster_ids, entries = _entries(recipes)
    rules = InterestRules(
        np.array([recipe.counts_follows_and_favs for recipe in recipes], bool),
        np.array([recipe.ranks_by_favs for recipe in recipes], bool),
        np.array([recipe.clusters_per_consumer for recipe in recipes], np.int64),
    )
    size = len(cluster_ids) * len(recipes)
    scratches = [
        InterestScratch(
            totals=np.zeros((size, TOTALS)),
            is_opted_out=np.zeros(len(cluster_ids), np.uint8),
            found=np.empty(size, np.int32),
            nothing=np.zeros((2, size)),
            keys=np.empty((len(cluster_ids), 4)),
            places=np.empty(len(cluster_ids), np.int32),
        )
        for _ in range(threads or available_processors())
    ]

    def interests_of(edges: Edges) -> Iterator[Interests]:
        consumer_ids, graph = edges.graph(producer_ids)
        opted_out = _opted_out(opt_outs, consumer_ids, cluster_ids)
        products = products_of_rows(graph, entries)
        most = np.append(0, np.cumsum(products))

        def interests(scratch: InterestScratch, first: int, end: int) -> Interests:
            size = most[end] - most[first]
            types = np.int32, np.int32, np.int64
            out = InterestResults(*(np.empty(size, kind) for kind in types), np.empty((size, 7)))
            written = interests_of_rows(first, end, graph, entries, rules, opted_out, minimum_proof, scratch, out)
            rows, columns, ranks, totals = (column[:written] for column in out)
            return Interests(
                columns // len(cluster_ids),
                consumer_ids[rows],
                cluster_ids[columns % len(cluster_ids)],
                ranks.copy(),
                totals[:, :5].copy(),
                totals[:, 5:].astype(np.int64),
            )

        return stream_blocks(interests, blocks_of_rows(products, PRODUCTS_PER_BLOCK, PRODUCTS_PER_BLOCK), scratches)

    for edges in blocks:
        yield from interests_of(edges)


def _entries(recipes: Sequence[Recipe]) -> tuple[np.ndarray, np.ndarray, Entries]:
    """The distinct producers and clusters, and all memberships by producer: those of recipe r have columns from r * clusters on."""
    clusters, producers, weights = [], [], []
    for recipe in recipes:
        given = recipe.memberships
        clusters.append(as_ids(given.cluster_ids, "cluster_ids of memberships"))
        producers.append(as_ids(given.producer_ids, "producer_ids of memberships"))
        weights.append(np.asarray(given.scores, np.float64))
        sizes = len(producers[-1]), len(clusters[-1]), len(weights[-1])
        if len(set(sizes)) > 1:
            raise ValueError("memberships have {} producer_ids, {} cluster_ids and {} scores".format(*sizes))
    cluster_ids, *positions = dense_positions(*clusters)
    columns = np.concatenate([position + recipe * len(cluster_ids) for recipe, position in enumerate(positions)])
    producer_ids, producer = dense_positions(np.concatenate(producers))
    start, order = stable_order(producer, len(producer_ids))
    return producer_ids, cluster_ids, Entries(start, columns[order].astype(np.int32), np.concatenate(weights)[order])


def _opted_out(opt_outs: OptOuts, distinct_consumers: np.ndarray, cluster_ids: np.ndarray) -> Entries:
    """By consumer, the positions of the clusters; without weights."""
    rows = positions_among(as_ids(opt_outs.consumer_ids, "consumer_ids of opt-outs"), distinct_consumers)
    columns = positions_among(as_ids(opt_outs.cluster_ids, "cluster_ids of opt-outs"), cluster_ids)
    is_known = (rows >= 0) & (columns >= 0)
    start, order = stable_order(rows[is_known], len(distinct_consumers))
    return Entries(start, columns[is_known][order], np.empty(0))
