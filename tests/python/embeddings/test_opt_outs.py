"""Opt-outs remove what they should and nothing else."""

from __future__ import annotations

import polars as pl


def test_nobody_keeps_a_community_they_opted_out_of(sample_tables):
    gone = sample_tables["opted_out_clusters"]
    assert gone["opt_out_kind"].n_unique() == 2
    for kind, tables, user in (
        ("known_for", ["known_for"], "producer_id"),
        ("interested_in", ["interested_in", "interested_in_variants"], "consumer_id"),
    ):
        removed = gone.filter(pl.col("opt_out_kind") == kind).rename({"user_id": user})
        for table in tables:
            assert sample_tables[table].join(removed, on=[user, "cluster_id"]).is_empty()


def test_the_next_clustering_starts_from_everybody(sample_tables):
    """The history that a run starts from still has the producers who opted out."""
    as_of = sample_tables["stg_as_of"]["as_of"][0]
    history = sample_tables["known_for_history"].filter(pl.col("as_of") == as_of)
    removed = sample_tables["opted_out_clusters"].filter(pl.col("opt_out_kind") == "known_for")
    known_before = sample_tables["known_for_before_opt_outs"].join(
        removed.rename({"user_id": "producer_id"}), on=["producer_id", "cluster_id"]
    )
    assert known_before.height > 0
    assert known_before.join(history, on=["producer_id", "cluster_id"]).height == known_before.height
    assert known_before.join(sample_tables["known_for"], on="producer_id").is_empty()
