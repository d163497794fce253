"""The main steps of the pipeline written by hand with scipy, sparse_dot_topn and polars, for one process and no tables.

    python benchmarks/pipeline/by_hand.py INPUT_FOLDER KNOWN_FOR.parquet RESULT.json

Reads the same Parquet inputs and the same vars as dbt. From the communities on it uses the pipeline's known_for, so that what
follows can be compared; its own communities come from igraph's Leiden at the published resolution. RESULT.json gets the
seconds of each step and a few checksums. Scores are not rounded before a cut, so a tie can fall the other way.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import igraph
import numpy as np
import polars as pl
import scipy.sparse as sp
import yaml
from sparse_dot_topn import sp_matmul_topn

PROJECT = Path(__file__).resolve().parents[2]
VARS = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
# As run.py asks of dbt.
VARS |= {"minimum_active_followers": 5, "producer_embedding_minimum_audience": 5}
RECIPES = pl.read_csv(PROJECT / "seeds" / "tweet_embedding_recipes.csv").filter(pl.col("pair_name") == "fav_day")
CANDIDATES = pl.read_csv(PROJECT / "seeds" / "candidate_recipes.csv")
LIMITS = {row["table_name"]: row for row in pl.read_csv(PROJECT / "seeds" / "table_limits.csv").iter_rows(named=True)}
DAY_HOURS = 24
THREADS = 2


class Steps:
    """Seconds by step, in the order in which they ran."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Adds the seconds of the block to ``step``."""
        start = time.perf_counter()
        yield
        self.seconds[step] = self.seconds.get(step, 0.0) + time.perf_counter() - start


def columns_over(matrix: sp.csr_array, norms: np.ndarray) -> sp.csr_array:
    """The matrix with each column divided by its norm; columns of norm 0 stay 0."""
    inverse = np.divide(1.0, norms, out=np.zeros_like(norms), where=norms > 0)
    return sp.csr_array(matrix @ sp.diags_array(inverse))


def column_norms(matrix: sp.csr_array) -> np.ndarray:
    """Euclidean norm of every column."""
    return np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=0)).ravel())


def best_per_row(matrix: sp.csr_array, k: int) -> sp.csr_array:
    """The ``k`` largest entries of every row, larger columns losing ties."""
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((matrix.indices, -matrix.data, row))
    rank = np.arange(len(order)) - matrix.indptr[row[order]]
    kept = order[rank < k]
    return sp.csr_array((matrix.data[kept], (row[kept], matrix.indices[kept])), shape=matrix.shape)


def top_products(left: sp.csr_array, right: sp.csr_array, **options: Any) -> sp.csr_array:
    """The largest entries of each row of ``left @ right``."""
    product = sp_matmul_topn(sp.csr_matrix(left), sp.csr_matrix(right), sort=True, n_threads=THREADS, **options)
    return sp.csr_array(product)


def positions(ids: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Position of each value in the ascending ``ids``."""
    return np.searchsorted(ids, values)


def similarity(follows: sp.csr_array, follower_counts: np.ndarray) -> sp.csr_array:
    """Cosine over followers, thresholded, the best of either end, symmetric."""
    norms = np.sqrt(follower_counts.astype(np.float64))
    by_producer = sp.csr_array(columns_over(follows, norms).T)
    keep = VARS["neighbors_per_producer"]
    cosines = top_products(by_producer, sp.csr_array(by_producer.T), top_n=keep + 1, threshold=VARS["similarity_floor"])
    cosines.setdiag(0)
    cosines.eliminate_zeros()
    cosines = best_per_row(cosines, keep)
    return sp.csr_array(cosines.maximum(cosines.T))


def run(inputs: Path, known_for_path: Path) -> dict[str, Any]:
    """All steps; returns seconds by step and checksums by table."""
    steps, checks = Steps(), {}
    with steps.timed("staging"):
        follows = pl.read_parquet(inputs / "follows.parquet").unique()
        follows = follows.filter((pl.col("consumer_id") != pl.col("producer_id")) & (pl.col("consumer_id") >= 0))
        engagements = pl.read_parquet(inputs / "engagements.parquet").unique()
        tweets = pl.read_parquet(inputs / "tweets.parquet")
        users = pl.read_parquet(inputs / "users.parquet", columns=["user_id", "is_active"])
        as_of = engagements["engaged_at"].max()
        inactive = users.filter(~pl.col("is_active"))["user_id"].implode()

    with steps.timed("graph"):
        hours = (pl.lit(as_of) - pl.col("at")).dt.total_seconds() / 3600
        favs = (
            engagements.filter(pl.col("engagement_type").is_in(["fav", "unfav"]))
            .group_by("user_id", "tweet_id")
            .agg(
                at=pl.col("engaged_at").filter(pl.col("engagement_type") == "fav").max(),
                undone_at=pl.col("engaged_at").filter(pl.col("engagement_type") == "unfav").max(),
            )
            .filter(pl.col("undone_at").is_null() | (pl.col("at") > pl.col("undone_at")))
        )
        fav_edges = (
            favs.join(tweets.select("tweet_id", "author_id").drop_nulls(), on="tweet_id")
            .filter(pl.col("user_id") != pl.col("author_id"))
            .filter(~pl.col("user_id").is_in(inactive) & ~pl.col("author_id").is_in(inactive))
            .group_by(consumer_id="user_id", producer_id="author_id")
            .agg(fav_score=(0.5 ** (hours / (VARS["fav_half_life_days"] * DAY_HOURS))).sum())
            .filter(pl.col("fav_score") >= LIMITS["user_producer_favs"]["minimum_score"])
        )
        consumer_ids = np.unique(np.concatenate([follows["consumer_id"], fav_edges["consumer_id"]]))
        producer_ids = np.unique(np.concatenate([follows["producer_id"], fav_edges["producer_id"]]))
        shape = (len(consumer_ids), len(producer_ids))

        def edges(frame: pl.DataFrame, values: np.ndarray) -> sp.csr_array:
            row = positions(consumer_ids, frame["consumer_id"].to_numpy())
            return sp.csr_array((values, (row, positions(producer_ids, frame["producer_id"].to_numpy()))), shape=shape)

        follow = edges(follows, np.ones(len(follows)))
        fav = edges(fav_edges, fav_edges["fav_score"].to_numpy())
        log_fav = fav.copy()
        log_fav.data = np.log10(1 + log_fav.data)
        if np.diff(sp.csr_array(follow + fav).indptr).max() > LIMITS["int_cut_edges"]["items_per_group"]:
            raise ValueError("a consumer has more neighbours than the cap, which this script does not apply")
        is_active = ~np.isin(consumer_ids, users.filter(~pl.col("is_active"))["user_id"])
        follower_counts = np.bincount(follow.indices, minlength=shape[1])
        active_counts = np.bincount(follow[is_active].indices, minlength=shape[1])
        faver_counts = np.bincount(fav.indices, minlength=shape[1])
        is_eligible = (active_counts >= VARS["minimum_active_followers"]) & ~np.isin(
            producer_ids, users.filter(~pl.col("is_active"))["user_id"]
        )
        checks["user_user_graph"] = (sp.csr_array(follow + fav).nnz, float(fav.sum()))

    with steps.timed("similarity"):
        eligible = np.flatnonzero(is_eligible)
        cosines = similarity(sp.csr_array(follow[:, eligible]), follower_counts[eligible])
        checks["producer_similarity_edges"] = (cosines.nnz, float(cosines.sum()))

    with steps.timed("communities"):
        upper = sp.triu(cosines, k=1).tocoo()
        weights = 10 * upper.data**2
        graph = igraph.Graph(n=len(eligible), edges=np.column_stack([upper.row, upper.col]), directed=False)
        resolution = float(weights.mean()) / (VARS["true_positive_weight"] + 1)
        graph.community_leiden(objective_function="CPM", weights=weights, resolution=resolution, n_iterations=2)

    known_for = pl.read_parquet(known_for_path)
    with steps.timed("interested_in"):
        cluster_ids = np.unique(known_for["cluster_id"].to_numpy())
        member = positions(producer_ids, known_for["producer_id"].to_numpy())
        cluster = positions(cluster_ids, known_for["cluster_id"].to_numpy())
        membership_shape = (shape[1], len(cluster_ids))
        scores = sp.csr_array((known_for["known_for_score"].to_numpy(), (member, cluster)), shape=membership_shape)
        proofs = sp.csr_array((np.ones(len(member)), (member, cluster)), shape=membership_shape)
        either = sp.csr_array(follow + fav)
        either.data = np.ones_like(either.data)
        proven = sp.csr_array(either @ proofs)
        proven.data = (proven.data >= VARS["minimum_social_proof"]).astype(np.float64)
        proven.eliminate_zeros()
        interests = {
            name: sp.csr_array((matrix @ scores).multiply(proven))
            for name, matrix in (("follow", follow), ("fav", fav), ("log_fav", log_fav))
        }
        interest_norms = {name: column_norms(matrix) for name, matrix in interests.items()}
        if np.diff(proven.indptr).max() > VARS["clusters_per_consumer"]:
            raise ValueError("a consumer has more clusters than the cap, which this script does not apply")
        normalized = {name: columns_over(matrix, interest_norms[name]) for name, matrix in interests.items()}
        checks["interested_in"] = (proven.nnz, float(interests["log_fav"].sum()))

    with steps.timed("producer_embeddings"):
        embedding_rows, embedding_sum = 0, 0.0
        for matrix, name, audience in ((follow, "follow", follower_counts), (fav, "fav", faver_counts)):
            wide = np.where(audience > VARS["producer_embedding_minimum_audience"], 1.0, 0.0)
            by_producer = sp.csr_array((columns_over(matrix, column_norms(matrix)) @ sp.diags_array(wide)).T)
            embedding = sp.csr_array(by_producer @ normalized[name])
            embedding.data[embedding.data < VARS["producer_embedding_floor"]] = 0
            embedding.eliminate_zeros()
            best_per_row(sp.csr_array(embedding.T), LIMITS["cluster_top_producers"]["items_per_group"])
            embedding = best_per_row(embedding, VARS["clusters_per_producer"])
            embedding_rows, embedding_sum = embedding_rows + embedding.nnz, embedding_sum + float(embedding.sum())
        checks["producer_embeddings"] = (embedding_rows, embedding_sum)

    with steps.timed("tweet_embeddings"):
        window_start = as_of - pl.Series([DAY_HOURS * 3_600_000_000]).cast(pl.Duration("us"))[0]
        pairs = (
            engagements.filter(pl.col("engagement_type").is_in(["fav", "unfav"]) & (pl.col("engaged_at") >= window_start))
            .group_by("user_id", "tweet_id")
            .agg(
                at=pl.col("engaged_at").filter(pl.col("engagement_type") == "fav").max(),
                undone_at=pl.col("engaged_at").filter(pl.col("engagement_type") == "unfav").max(),
                events=pl.len(),
            )
            .filter(pl.col("at").is_not_null() & (pl.col("undone_at").is_null() | (pl.col("at") > pl.col("undone_at"))))
            .filter(pl.col("events") <= 2)
            .join(tweets.filter(pl.col("created_at") >= window_start).select("tweet_id"), on="tweet_id")
            .with_columns(age_hours=hours, favers=pl.len().over("tweet_id"))
        )
        tweet_ids = np.unique(pairs["tweet_id"].to_numpy())
        known = np.isin(pairs["user_id"].to_numpy(), consumer_ids)
        pairs = pairs.filter(pl.Series(known))
        row = positions(tweet_ids, pairs["tweet_id"].to_numpy())
        column = positions(consumer_ids, pairs["user_id"].to_numpy())
        embeddings = {}
        for recipe in RECIPES.iter_rows(named=True):
            enough = pairs["favers"].to_numpy() >= min(recipe["minimum_favers"], VARS["recipe_minimum_cap"])
            half_life = recipe["half_life_hours"]
            decay = 0.5 ** (pairs["age_hours"].to_numpy() / half_life) if half_life > 0 else np.ones(len(pairs))
            weights = sp.csr_array((decay * enough, (row, column)), shape=(len(tweet_ids), shape[0]))
            embedding = sp.csr_array(weights @ normalized[recipe["consumer_score"]])
            embedding.data[embedding.data < 5e-11] = 0
            embedding.eliminate_zeros()
            embeddings[recipe["embedding_type"]] = best_per_row(embedding, recipe["clusters_per_tweet"])
        checks["tweet_embeddings"] = (
            sum(embedding.nnz for embedding in embeddings.values()),
            float(sum(embedding.sum() for embedding in embeddings.values())),
        )

    with steps.timed("tweet_candidates"):
        blocks = pl.read_parquet(inputs / "blocks.parquet").select("user_id", author_id="blocked_user_id")
        authors = tweets.select("tweet_id", "author_id").drop_nulls()
        hidden = pl.concat(
            [
                engagements.select("user_id", "tweet_id"),
                authors.select("tweet_id", user_id="author_id").select("user_id", "tweet_id"),
                blocks.join(authors, on="author_id").select("user_id", "tweet_id"),
            ]
        ).filter(pl.col("tweet_id").is_in(pl.Series(tweet_ids).implode()) & pl.col("user_id").is_in(pl.Series(consumer_ids).implode()))
        hidden = hidden.unique()
        most_hidden = hidden.group_by("user_id").len()["len"].max()
        is_hidden_from_all = np.isin(tweet_ids, authors.filter(pl.col("author_id").is_in(inactive))["tweet_id"])
        candidate_rows, candidate_sum = 0, 0.0
        for recipe in CANDIDATES.filter(pl.col("embedding_type").is_in(list(embeddings))).iter_rows(named=True):
            embedding = embeddings[recipe["embedding_type"]]
            squared_norms = np.asarray(embedding.multiply(embedding).sum(axis=1)).ravel()
            indexed = best_per_row(sp.csr_array(embedding.T), recipe["tweets_per_cluster"])
            asked = interests[recipe["consumer_score"]].copy()
            asked.eliminate_zeros()
            asked = best_per_row(asked, recipe["clusters_per_consumer"])
            log_norms = np.where(is_hidden_from_all, 0, np.log1p(squared_norms))
            shown = columns_over(indexed, log_norms)
            shown.eliminate_zeros()
            found = top_products(asked, shown, top_n=recipe["tweets_per_consumer"] + most_hidden)
            kept = (
                pl.DataFrame(
                    {
                        "user_id": np.repeat(consumer_ids, np.diff(found.indptr)),
                        "tweet_id": tweet_ids[found.indices],
                        "score": found.data,
                    }
                )
                .join(hidden, on=["user_id", "tweet_id"], how="anti", maintain_order="left")
                .filter(pl.int_range(pl.len()).over("user_id") < recipe["tweets_per_consumer"])
            )
            candidate_rows, candidate_sum = candidate_rows + len(kept), candidate_sum + kept["score"].sum()
        checks["tweet_candidates"] = (candidate_rows, candidate_sum)
    return {"seconds": steps.seconds, "checks": checks}


if __name__ == "__main__":
    Path(sys.argv[3]).write_text(json.dumps(run(Path(sys.argv[1]), Path(sys.argv[2]))))
