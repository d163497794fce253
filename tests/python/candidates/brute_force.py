"""What the candidate tables approximate, computed with dense matrices: every source times every tweet."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from dbt_command import Warehouse
from numpy.typing import NDArray

EVERYTHING = 1_000_000
TOLERANCE = 1e-9
ALGORITHMS = ("dot_product", "cosine", "cosine_without_source_norm", "log_cosine", "log_cosine_by_source_norm")
Floats = NDArray[np.float64]
# source id -> (tweet id, score) of its best tweets, best first
Lists = dict[int, list[tuple[int, float]]]


@dataclass(frozen=True)
class Vectors:
    """Sparse rows (entity, cluster, score) as a dense matrix, float64[entities, clusters]; ``ids`` names its rows."""

    ids: list[int]
    matrix: Floats

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int, float]], cluster_count: int) -> Vectors:
        rows = list(rows)
        ids = sorted({row[0] for row in rows})
        position = {entity: place for place, entity in enumerate(ids)}
        matrix = np.zeros((len(ids), cluster_count + 1))
        for entity, cluster, score in rows:
            matrix[position[entity], cluster] = score
        return cls(ids, matrix)


def full_log_cosine(sources: Floats, tweets: Floats) -> Floats:
    """dot / ln(1 + |tweet|^2), the score of the offline recommendations; the tweet's norm is over its whole vector."""
    return (sources @ tweets.T) / np.log1p((tweets**2).sum(axis=1))


def full_dot_product(sources: Floats, tweets: Floats) -> Floats:
    """sum over clusters of source * tweet."""
    return sources @ tweets.T


def service_scores(sources: Floats, tweets: Floats) -> dict[str, Floats]:
    """The scores of SimClusters-ANN; the tweet's norm is over the clusters of the source only."""
    dot = sources @ tweets.T
    found = ((sources > 0).astype(float)) @ (tweets**2).T
    source_norm = (sources**2).sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "dot_product": dot,
            "cosine": dot / np.sqrt(source_norm * found),
            "cosine_without_source_norm": dot / np.sqrt(found),
            "log_cosine": dot / (np.log1p(source_norm) * np.log1p(found)),
            "log_cosine_by_source_norm": dot / (np.sqrt(source_norm) * np.log1p(found)),
        }


def whole_scores(sources: Floats, tweets: Floats) -> dict[str, Floats]:
    """The scores of the project's own configurations: both norms are over whole vectors."""
    dot = sources @ tweets.T
    source_norm, tweet_norm = (sources**2).sum(axis=1, keepdims=True), (tweets**2).sum(axis=1)
    return {
        "dot_product": dot,
        "cosine": dot / np.sqrt(source_norm * tweet_norm),
        "log_cosine": dot / (np.log1p(source_norm) * np.log1p(tweet_norm)),
    }


Hidden = dict[int | None, set[int]]


def hidden_tweets(warehouse: Warehouse) -> Hidden:
    """User -> tweets that it saw, wrote, or whose author it blocked; None -> tweets of inactive authors. From the inputs."""
    hidden: Hidden = defaultdict(set)
    for user, tweet in warehouse.query(
        """
        select user_id, tweet_id from stg_engagements
        union all select author_id, tweet_id from stg_tweets where author_id is not null
        union all select user_id, tweet_id from stg_blocks join stg_tweets on blocked_user_id = author_id
        union all select null, tweet_id from stg_users join stg_tweets on user_id = author_id where not is_active
        """
    ):
        hidden[user].add(tweet)
    return hidden


def best_lists(sources: Vectors, tweets: Vectors, scores: Floats, places: int | None = None, hidden: Hidden | None = None) -> Lists:
    """The tweets that share a cluster with the source, in the order of the project: rounded score, dot product, id.

    What is hidden from everybody, and from a source that is a user, is left out.
    """
    hidden = hidden or {}
    dot = sources.matrix @ tweets.matrix.T
    lists: Lists = {}
    for row, source in enumerate(sources.ids):
        passed_over = hidden.get(source, set()) | hidden.get(None, set())
        found = [column for column in np.flatnonzero(dot[row] > 0).tolist() if tweets.ids[column] not in passed_over]
        order = sorted(found, key=lambda column: (-round(scores[row, column], 10), -round(dot[row, column], 10), tweets.ids[column]))
        if order:
            lists[source] = [(tweets.ids[column], float(scores[row, column])) for column in order[:places]]
    return lists


def as_lists(rows: Iterable[tuple[int, int, int, float]]) -> Lists:
    """Rows (source, tweet, rank, score) of a candidate table as lists."""
    lists: dict[int, list[tuple[int, int, float]]] = defaultdict(list)
    for source, tweet, rank, score in rows:
        lists[source].append((rank, tweet, score))
    return {source: [(tweet, score) for _, tweet, score in sorted(entries)] for source, entries in lists.items()}


def recall(approximate: Lists, exact: Lists, places: int) -> float:
    """Share of the first ``places`` of the exact list that are among those of the approximate one, mean over sources."""
    shares = []
    for source, entries in exact.items():
        wanted = {tweet for tweet, _ in entries[:places]}
        got = {tweet for tweet, _ in approximate.get(source, [])[:places]}
        shares.append(len(wanted & got) / len(wanted))
    return float(np.mean(shares))


def differences(left: Lists, right: Lists, tolerance: float) -> list[str]:
    """Sources whose lists differ in a tweet, in its place, or in a score by more than the relative tolerance."""
    problems = [f"source {source} is in one only" for source in left.keys() ^ right.keys()]
    for source in left.keys() & right.keys():
        same_tweets = [tweet for tweet, _ in left[source]] == [tweet for tweet, _ in right[source]]
        same_scores = len(left[source]) == len(right[source]) and all(
            math.isclose(a, b, rel_tol=tolerance, abs_tol=tolerance)
            for (_, a), (_, b) in zip(left[source], right[source], strict=True)
        )
        if not (same_tweets and same_scores):
            problems.append(f"source {source}: {left[source][:3]} and {right[source][:3]}")
    return problems


def cut_nothing(warehouse: Warehouse) -> None:
    """Recipes and configs that cut nothing, and each algorithm for consumers in the batch; over the index of a day, which is short."""
    warehouse.execute(
        f"""
        update candidate_recipes
        set clusters_per_consumer = {EVERYTHING}, tweets_per_cluster = {EVERYTHING}, tweets_per_consumer = {EVERYTHING};
        update ann_configs
        set clusters_scanned = {EVERYTHING}, tweets_per_cluster = {EVERYTHING}, maximum_results = {EVERYTHING},
            maximum_age_hours = 175200, index_name = case when index_name = 'stream' then 'fav' else index_name end,
            is_in_batch = is_in_batch or (source_kind = 'topic' and config_name = 'cosine');
        update ann_limits set tweets_per_cluster = {EVERYTHING}, maximum_results = {EVERYTHING};
        update table_limits set items_per_group = {EVERYTHING} where table_name = 'ann_candidates';
        """
    )
    for algorithm in ALGORITHMS:
        warehouse.execute(
            f"""
            insert into ann_configs
            select * replace ('uncut_{algorithm}' as config_name, '{algorithm}' as algorithm, true as is_in_batch)
            from ann_configs where source_kind = 'consumer' and config_name = 'default'
            """
        )


def candidate_lists(warehouse: Warehouse, candidate_type: str, score: str, only: str = "true") -> Lists:
    """The offline lists of the consumers of whom ``only`` is true."""
    return as_lists(
        warehouse.query(
            f"""
            select
                consumer_id, tweet_id, row_number() over (partition by consumer_id order by round({score}, 10) desc, tweet_id), {score}
            from tweet_candidates where candidate_type = '{candidate_type}' and {only}
            """
        )
    )


def in_offline_order(lists: Lists) -> Lists:
    """The offline lists break ties by the tweet id alone."""
    return {source: sorted(entries, key=lambda entry: (-round(entry[1], 10), entry[0])) for source, entries in lists.items()}
