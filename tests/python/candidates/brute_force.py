"""What the candidate tables approximate, computed with dense matrices: every source times every tweet."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    """The four scores of SimClusters-ANN; the tweet's norm is over the clusters of the source only."""
    dot = sources @ tweets.T
    found = ((sources > 0).astype(float)) @ (tweets**2).T
    source_norm = (sources**2).sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "dot_product": dot,
            "cosine": dot / np.sqrt(source_norm * found),
            "cosine_without_source_norm": dot / np.sqrt(found),
            "log_cosine": dot / (np.log1p(source_norm) * np.log1p(found)),
        }


def best_lists(sources: Vectors, tweets: Vectors, scores: Floats, places: int | None = None) -> Lists:
    """The tweets that share a cluster with the source, in the order of the project: rounded score, dot product, id."""
    dot = sources.matrix @ tweets.matrix.T
    lists: Lists = {}
    for row, source in enumerate(sources.ids):
        found = np.flatnonzero(dot[row] > 0)
        order = sorted(
            found.tolist(),
            key=lambda column: (-round(scores[row, column], 10), -round(dot[row, column], 10), tweets.ids[column]),
        )
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
