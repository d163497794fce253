"""Each formula computed again by brute force: the same rows, scores to 1e-9."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from . import brute_force

TOLERANCE = 1e-9
RANKS = ("cluster_rank", "producer_rank", "topic_rank", "entity_rank")
# The columns that name a row of each table. Ranks are compared where scores are not tied to within the rounding.
GRAINS = {
    "known_for": ["producer_id"],
    "interested_in": ["consumer_id", "cluster_id"],
    "interested_in_variants": ["interest_type", "consumer_id", "cluster_id"],
    "producer_embeddings": ["embedding_type", "producer_id", "cluster_id"],
    "cluster_top_producers": ["embedding_type", "cluster_id", "producer_id"],
    "topic_embeddings": ["embedding_type", "topic_id", "consumer_language", "consumer_country", "cluster_id"],
    "user_topic_embeddings": ["consumer_id", "cluster_id"],
    "entity_embeddings": ["embedding_type", "entity_id", "consumer_language", "cluster_id"],
    "cluster_top_entities": ["embedding_type", "cluster_id", "entity_id", "consumer_language"],
    "cluster_topics": ["cluster_id", "topic_id"],
    "language_embeddings": ["language", "cluster_id"],
    "similar_producers": ["embedding_type", "producer_id", "similar_producer_id"],
    "similar_topics": ["topic_id", "similar_topic_id"],
    "topic_top_producers": ["topic_id", "consumer_language", "consumer_country", "producer_id"],
    "producer_top_topics": ["producer_id", "consumer_language", "consumer_country", "topic_id"],
    "country_top_topics": ["country", "topic_id"],
}
# Ciao has no users, followed topics or impressions.
NOT_ON_CIAO = {
    "user_topic_embeddings",
    "language_embeddings",
    "similar_topics",
    "topic_top_producers",
    "producer_top_topics",
    "country_top_topics",
}


def assert_same_rows(actual: pl.DataFrame, expected: pl.DataFrame, grain: list[str]) -> None:
    """The same keys; scores within the tolerance; ranks alike but for ties that rounding splits, one in a thousand at most."""
    assert actual.height == expected.height
    joined = actual.join(expected, on=grain, suffix="_expected")
    assert joined.height == actual.height
    compared = [column for column in expected.columns if column in actual.columns and column not in grain]
    assert compared
    for column in compared:
        left, right = joined[column], joined[f"{column}_expected"]
        # polars leaves nulls out of all, any and mean.
        assert left.is_null().to_list() == right.is_null().to_list(), column
        if left.dtype == pl.Float64:
            wrong = (left - right).abs() > TOLERANCE * pl.Series(np.maximum(1.0, right.abs().to_numpy()))
            assert not wrong.any(), (column, joined.filter(wrong).head(3))
        elif column in RANKS:
            assert (left == right).mean() >= 0.999, column
        else:
            assert (left == right).all(), column


@pytest.mark.parametrize("name", GRAINS)
def test_a_table_is_what_its_formula_says(tables, name):
    actual, expected = tables[name], getattr(brute_force, name)(tables)
    without_inputs = name in NOT_ON_CIAO and tables.variables["consumer_score"] == "follow"
    assert without_inputs == expected.is_empty()
    if without_inputs:
        assert actual.is_empty()
        return
    assert_same_rows(actual, expected, GRAINS[name])


def test_seven_scores_of_two_embeddings(sample_tables):
    """Against numpy, for pairs of every kind of entity."""
    embeddings = sample_tables["embeddings"].filter(pl.col("consumer_language") == "all")
    keys = embeddings.select("embedding_type", "entity_id").unique(maintain_order=False).sort("embedding_type", "entity_id")
    left, right = keys.sample(20, seed=1), keys.sample(20, seed=2)
    cluster_count = embeddings["cluster_id"].max() + 1

    def vector(embedding_type: str, entity_id: int) -> np.ndarray:
        """float64[clusters]: the scores of one entity."""
        rows = embeddings.filter(pl.col("embedding_type") == embedding_type, pl.col("entity_id") == entity_id)
        dense = np.zeros(cluster_count)
        dense[rows["cluster_id"].to_numpy()] = rows["embedding_score"].to_numpy()
        return dense

    for left_key, right_key in zip(left.iter_rows(), right.iter_rows(), strict=True):
        a, b = vector(*left_key), vector(*right_key)
        expected = (
            a @ b,
            a @ b / (np.linalg.norm(a) * np.linalg.norm(b)),
            ((a > 0) & (b > 0)).sum() / ((a > 0) | (b > 0)).sum(),
            np.linalg.norm(a - b),
            np.abs(a - b).sum(),
            a @ b / (np.log(1 + a @ a) * np.log(1 + b @ b)),
            a @ b / ((a @ a) ** 0.3 * (b @ b) ** 0.3),
        )
        arguments = ", ".join(f"'{embedding_type}', {entity_id}, 'all', 'all'" for embedding_type, entity_id in (left_key, right_key))
        actual = sample_tables.query(f"select * from embedding_similarity({arguments})").row(0)
        np.testing.assert_allclose(actual, expected, rtol=TOLERANCE, atol=TOLERANCE)


def test_an_embedding_is_most_like_itself(sample_tables):
    scores = sample_tables.query(
        "select functions.* from (select min(entity_id) as id from embeddings where embedding_type = 'fav_based_producer'),"
        " lateral (select * from embedding_similarity('fav_based_producer', id, 'all', 'all', 'fav_based_producer', id, 'all', 'all'))"
        " as functions"
    ).row(0, named=True)
    assert scores["cosine_score"] == pytest.approx(1.0)
    assert scores["jaccard_score"] == 1.0
    assert scores["euclidean_distance"] == scores["manhattan_distance"] == 0.0
