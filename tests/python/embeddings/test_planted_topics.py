"""What the sample plants, the embeddings put first."""

from __future__ import annotations

import polars as pl
import pytest


@pytest.fixture(scope="module")
def planted(sample_tables, project_folder) -> pl.DataFrame:
    """producer_id, topic_id and own_cluster_id: the cluster that most producers of the planted community are known for."""
    answers = pl.read_csv(project_folder / "tests" / "fixtures" / "planted_communities.csv")
    votes = answers.join(sample_tables["known_for_before_opt_outs"], on="producer_id").group_by("community_id", "cluster_id").len()
    winners = votes.sort(["len", "cluster_id"], descending=[True, False]).group_by("community_id", maintain_order=True).first()
    assert winners["cluster_id"].is_unique().all()
    return answers.join(winners.select("community_id", own_cluster_id="cluster_id"), on="community_id")


@pytest.mark.parametrize("embedding_type", ["fav_based_producer", "follow_based_producer", "aggregatable_log_fav_producer"])
def test_a_producers_own_community_comes_first(sample_tables, planted, embedding_type):
    best = sample_tables["producer_embeddings"].filter(pl.col("embedding_type") == embedding_type, pl.col("cluster_rank") == 1)
    compared = best.join(planted, on="producer_id")
    assert compared.height > 250
    assert (compared["cluster_id"] == compared["own_cluster_id"]).mean() >= 0.95


@pytest.mark.parametrize("embedding_type", ["log_fav_topic", "fav_tfg_topic", "log_fav_tfg_topic"])
def test_a_topics_own_community_comes_first(sample_tables, planted, embedding_type):
    best = sample_tables["topic_embeddings"].filter(
        pl.col("embedding_type") == embedding_type, pl.col("consumer_language") == "all", pl.col("cluster_rank") == 1
    )
    compared = best.join(planted.select("topic_id", "own_cluster_id").unique(), on="topic_id")
    assert compared.height >= 20
    assert (compared["cluster_id"] == compared["own_cluster_id"]).mean() >= 0.9


def test_a_communitys_name_is_its_planted_topic(sample_tables, planted):
    best = sample_tables["cluster_topics"].filter(pl.col("topic_rank") == 1)
    compared = planted.select("topic_id", "own_cluster_id").unique().join(best, left_on="own_cluster_id", right_on="cluster_id")
    assert (compared["topic_id"] == compared["topic_id_right"]).mean() >= 0.9


def test_a_producers_own_topic_comes_first(sample_tables, planted):
    best = sample_tables["producer_top_topics"].filter(pl.col("consumer_language") == "all", pl.col("topic_rank") == 1)
    compared = best.join(planted.select("producer_id", planted_topic_id="topic_id"), on="producer_id")
    assert compared.height > 250
    assert (compared["topic_id"] == compared["planted_topic_id"]).mean() >= 0.95


def test_similar_producers_share_the_community(sample_tables, planted):
    best = sample_tables["similar_producers"].filter(pl.col("producer_rank") == 1)
    own = planted.select("producer_id", "own_cluster_id")
    compared = best.join(own, on="producer_id").join(own, left_on="similar_producer_id", right_on="producer_id", suffix="_similar")
    assert (compared["own_cluster_id"] == compared["own_cluster_id_similar"]).mean() >= 0.9
