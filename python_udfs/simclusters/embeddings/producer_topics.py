"""What the followers of each producer follow more than everybody does: the compiled engine behind producer_top_topics.

Rows as the SQL finds them; sums differ in the last digits at most, because a sum of floats depends on its order. Any number of threads
gives the same bits. Memory is what is given, once, and a few blocks of rows: results leave as they are found.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from simclusters.embeddings.kernels import Entries, TopicResults, Topics, TopicScratch, own_topics_of_rows, products_of_producers
from simclusters.positions import as_ids, dense_positions, positions_among, stable_order
from simclusters.threads import available_processors, blocks_of_rows, stream_blocks

PRODUCTS_PER_BLOCK = 1_000_000


@dataclass(frozen=True)
class Follows:
    """Who follows whom: consumer_ids, producer_ids integer[m]; each pair once."""

    consumer_ids: Any
    producer_ids: Any


@dataclass(frozen=True)
class TopicFollows:
    """Who follows which topic, with what weight: consumer_ids, topics integer[e], weights float[e], positive; each pair once.

    topics : positions among those of ``Audiences``
    """

    consumer_ids: Any
    topics: Any
    weights: Any


@dataclass(frozen=True)
class Audiences:
    """Of each topic, in the order of the audiences: its audience, rising integer[t], and its share of the background, float[t]."""

    audiences: Any
    background_shares: Any


class OwnTopics(NamedTuple):
    """A block of results, by producer, audience and rank: int64[r] each, and shares float64[r]. Ranks begin at 1."""

    producer_ids: np.ndarray
    topics: np.ndarray
    ranks: np.ndarray
    shares: np.ndarray


def own_topics(
    follows: Follows, topic_follows: TopicFollows, audiences: Audiences, k: int, *, threads: int | None = None
) -> Iterator[OwnTopics]:
    """The ``k`` own topics with the largest share of each producer and audience, in blocks.

    A topic weighs as much as the followers of both. Where f is its weight and b its share of the background, own topics are the first
    by falling f / b, as long as f (1 + B) > b F; B and F add up the topics so far. A share is f (1 + B) / F - b over all own topics.
    Ratios and shares compare in ten decimals, then topics by position.

    Parameters
    ----------
    threads : by default the processors this process may use

    Raises ValueError for unequal lengths and ids that are not integers.
    """
    consumer_ids, producer_ids = as_ids(follows.consumer_ids, "consumer_ids"), as_ids(follows.producer_ids, "producer_ids")
    readers, topics = as_ids(topic_follows.consumer_ids, "consumer_ids of topics"), as_ids(topic_follows.topics, "topics")
    weights = np.asarray(topic_follows.weights, np.float64)
    if len(consumer_ids) != len(producer_ids) or not len(readers) == len(topics) == len(weights):
        raise ValueError(
            f"{len(consumer_ids)} consumer_ids, {len(producer_ids)} producer_ids, "
            f"{len(readers)} consumer_ids of topics, {len(topics)} topics, {len(weights)} weights"
        )
    distinct_readers, reader = dense_positions(readers)
    topic_start, by_reader = stable_order(reader, len(distinct_readers))
    of_readers = Entries(topic_start, topics[by_reader].astype(np.int32), weights[by_reader])
    distinct, producer = dense_positions(producer_ids)
    follower = positions_among(consumer_ids, distinct_readers)
    is_known = follower >= 0
    start, order = stable_order(producer[is_known], len(distinct))
    followers = follower[is_known][order]
    given = Topics(
        np.asarray(audiences.audiences, np.int64).astype(np.int32), np.ascontiguousarray(audiences.background_shares, np.float64)
    )
    products = products_of_producers(start, followers, of_readers)
    most = np.append(0, np.cumsum(np.minimum(products, len(given.audiences))))

    def found(scratch: TopicScratch, first: int, end: int) -> OwnTopics:
        size = most[end] - most[first]
        out = TopicResults(np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.int64), np.empty(size))
        written = own_topics_of_rows(first, end, start, followers, of_readers, given, k, scratch, out)
        rows, columns, ranks, shares = (column[:written] for column in out)
        return OwnTopics(distinct[rows], columns.astype(np.int64), ranks.copy(), shares.copy())

    size = len(given.audiences)
    scratches = [
        TopicScratch(np.zeros(size), np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size), np.zeros(size))
        for _ in range(threads or available_processors())
    ]
    return stream_blocks(found, blocks_of_rows(products, PRODUCTS_PER_BLOCK, PRODUCTS_PER_BLOCK), scratches)
