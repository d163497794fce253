"""What a consumer is interested in, by recipe: the compiled engine behind int_interest_variant_scores_kernel.

Rows as the SQL finds them; sums differ in the last digits at most, because a sum of floats depends on its order. Any number of threads
gives the same bits. Memory is the edges, once, and a few blocks of rows: results leave as they are found.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from simclusters.embeddings.kernels import TOTALS, Entries, Graph, SumResults, products_of_rows, sums_of_rows
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
        self.consumer_ids, rows = dense_positions(consumer_ids)
        self.producer_ids, producers = dense_positions(producer_ids)
        self.graph = Graph(*stable_order(rows, len(self.consumer_ids)), producers, is_followed, scores)


@dataclass(frozen=True)
class Memberships:
    """How much producers belong to communities: producer_ids, cluster_ids integer[e], scores float[e]; each pair once."""

    producer_ids: Any
    cluster_ids: Any
    scores: Any


class InterestSums(NamedTuple):
    """A block of results, by consumer: consumer_ids, cluster_ids int64[r]; scores float64[r, 5], counts int64[r, 2].

    scores are follow_score and those of Edges; counts are of producers followed and of producers faved.
    """

    consumer_ids: np.ndarray
    cluster_ids: np.ndarray
    scores: np.ndarray
    counts: np.ndarray


def interest_sums(
    edges: Edges, memberships: Memberships, *, counts_follows_and_favs: bool, minimum_proof: int, threads: int | None = None
) -> Iterator[InterestSums]:
    """The scores of each consumer's edges, each times the memberships of its producer, added up by community, in blocks.

    A follow without a fav adds to follow_score 1 times the membership. A membership of 0 adds nothing and counts all the same.

    Parameters
    ----------
    counts_follows_and_favs : whether a producer both followed and faved is two proofs
    minimum_proof : communities with fewer proofs are left out
    threads : by default the processors this process may use
    """
    producer_ids = as_ids(memberships.producer_ids, "producer_ids of memberships")
    cluster_ids, columns = dense_positions(as_ids(memberships.cluster_ids, "cluster_ids of memberships"))
    weights = np.asarray(memberships.scores, np.float64)
    if not len(producer_ids) == len(columns) == len(weights):
        raise ValueError(f"memberships have {len(producer_ids)} producer_ids, {len(columns)} cluster_ids and {len(weights)} scores")
    producers = positions_among(producer_ids, edges.producer_ids)
    is_known = producers >= 0
    start, order = stable_order(producers[is_known], len(edges.producer_ids))
    entries = Entries(start, columns[is_known][order], weights[is_known][order])
    products = products_of_rows(edges.graph, entries)
    most = np.append(0, np.cumsum(products))

    def sums(totals: np.ndarray, first: int, end: int) -> InterestSums:
        size = most[end] - most[first]
        out = SumResults(np.empty(size, np.int32), np.empty(size, np.int32), np.empty((size, 7)))
        written = sums_of_rows(first, end, edges.graph, entries, counts_follows_and_favs, minimum_proof, totals, out)
        rows, found, found_totals = (column[:written] for column in out)
        return InterestSums(
            edges.consumer_ids[rows], cluster_ids[found], found_totals[:, :5].copy(), found_totals[:, 5:].astype(np.int64)
        )

    scratches = [np.zeros((len(cluster_ids), TOTALS)) for _ in range(threads or available_processors())]
    yield from stream_blocks(sums, blocks_of_rows(products, PRODUCTS_PER_BLOCK, PRODUCTS_PER_BLOCK), scratches)
