"""The own topics of producers, as plain Python finds them; threads and blocks change no bit."""

import numpy as np
import pytest

from simclusters.embeddings import Audiences, Follows, TopicFollows, own_topics

TOPICS, MOST = 30, 4


def pairs(random, firsts, seconds, count):
    """Distinct pairs of numbers, in any order."""
    drawn = np.unique(np.stack([random.integers(0, firsts, count), random.integers(0, seconds, count)], axis=1), axis=0)
    return random.permutation(drawn).T


def by_hand(follows, topic_follows, audiences, k):
    """Rows of OwnTopics: producer, topic, rank, share."""
    weights = {}
    for consumer, producer in zip(*follows, strict=True):
        for reader, topic, weight in zip(*topic_follows, strict=True):
            if reader == consumer:
                weights.setdefault((producer, audiences[0][topic]), {}).setdefault(topic, []).append(weight)
    rows = []
    for (producer, _), lists in sorted(weights.items()):
        sums, background = {topic: sum(list_) for topic, list_ in lists.items()}, audiences[1]
        own, weight_sum, background_sum, best = [], 0.0, 0.0, None
        for topic in sorted(sums, key=lambda topic: (-round(sums[topic] / background[topic], 10), topic)):
            weight_sum, background_sum = weight_sum + sums[topic], background_sum + background[topic]
            if sums[topic] * (1 + background_sum) > background[topic] * weight_sum:
                own, best = [*own, topic], (1 + background_sum) / weight_sum
        shares = {topic: round(sums[topic] * best - background[topic], 10) for topic in own}
        assert sum(shares.values()) == pytest.approx(1)
        kept = sorted(shares, key=lambda topic: (-shares[topic], topic))[:k]
        rows += [(producer, topic, rank, shares[topic]) for rank, topic in enumerate(kept, start=1)]
    return rows


@pytest.mark.parametrize("seed", range(6))
def test_own_topics_are_those_that_the_background_leaves(seed, monkeypatch):
    """Few distinct weights, so that many ratios are equal; some consumers follow no topic, and some readers nobody."""
    monkeypatch.setattr("simclusters.embeddings.producer_topics.PRODUCTS_PER_BLOCK", 50)
    random = np.random.default_rng(seed)
    consumers, producers = pairs(random, 40, 25, 300)
    readers, topics = pairs(random, 50, TOPICS, 250)
    follows = consumers * 5 - 11, producers * 5 - 11
    topic_follows = readers * 5 - 11, topics, random.integers(1, 5, len(topics)) / 4
    audiences = np.sort(random.integers(0, 5, TOPICS)), random.integers(1, 9, TOPICS) / 8
    expected = by_hand(follows, topic_follows, audiences, MOST)
    assert len(expected) > 100
    assert len(expected) < len(by_hand(follows, topic_follows, audiences, TOPICS))
    for threads in (1, 3):
        found = own_topics(Follows(*follows), TopicFollows(*topic_follows), Audiences(*audiences), MOST, threads=threads)
        rows = [row for block in found for row in zip(*(column.tolist() for column in block), strict=True)]
        assert [row[:3] for row in rows] == [row[:3] for row in expected]
        assert [row[3] for row in rows] == pytest.approx([row[3] for row in expected], abs=2e-10)


def test_nobody_has_own_topics_without_followers_who_follow_topics():
    nothing = np.empty(0, np.int64)
    for follows, topics in (((nothing, nothing), ([1], [0], [1.0])), (([1], [2]), (nothing, nothing, nothing))):
        found = own_topics(Follows(*follows), TopicFollows(*topics), Audiences([0], [1.0]), 1)
        assert sum(len(block.shares) for block in found) == 0


def test_columns_of_unequal_lengths_are_an_error():
    with pytest.raises(ValueError, match="2 consumer_ids, 1 producer_ids"):
        list(own_topics(Follows([1, 2], [1]), TopicFollows([1], [0], [1.0]), Audiences([0], [1.0]), 1))
