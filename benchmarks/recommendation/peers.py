"""What people would use instead to recommend whom to follow, each tuned on a part of its training follows, and how lists are judged.

A peer never sees the held out follows. `run.py` runs them beside the project.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.linalg import lapack

CUTOFF = 20
VALIDATION_SHARE = 0.1
# Consumers that a choice is made on, drawn by a seed.
VALIDATION_CONSUMERS = 1000
# More items than this, and a matrix of items by items does not fit: the dense inverse of EASE, and one of all neighbours.
MOST_ITEMS = 21_000
ROWS_AT_ONCE = 256

Scores = Callable[[np.ndarray], np.ndarray]
"""Scores of some consumers, by position, for all producers: float[rows, producers]."""


@dataclass(frozen=True)
class Peer:
    """How to fit it, by a function of the training matrix and an option, and the options to choose from.

    ``weights`` are factors of the items that an option asks for besides. Options with the same ``fitted`` part share what is fitted.
    """

    fit: Callable[[sp.csr_matrix, Any], Scores]
    options: Sequence[Any]
    fitted: Callable[[Any], Any] = lambda option: option
    weights: Callable[[sp.csr_matrix, Any], np.ndarray | float] = lambda train, option: 1.0


@dataclass(frozen=True)
class Outcome:
    """What a method found, and what it took: CPU seconds of tuning and of the one answer, and the peak memory of its process."""

    recall: float
    ndcg: float
    coverage: float
    tuning_seconds: float
    seconds: float
    peak_bytes: int
    option: Any


def popularity(train: sp.csr_matrix, _: None) -> Scores:
    """Followers, the same for everybody."""
    followers = np.asarray(train.sum(axis=0)).ravel()
    return lambda users: np.tile(followers, (len(users), 1))


def item_neighbors(train: sp.csr_matrix, powers: tuple[float, float]) -> Scores:
    """All neighbours, with powers of the popularity of the known item and of the activity of the users between."""
    known_power, activity_power = powers
    follows = np.maximum(np.asarray(train.sum(axis=1)).ravel(), 1)
    to_users = (sp.diags(followers_of(train) ** -known_power) @ train.T).tocsr().astype(np.float32)
    to_items = (sp.diags(follows**-activity_power) @ train).tocsr().astype(np.float32)
    return lambda users: (train[users] @ to_users @ to_items).toarray()


def deducting_neighbors(train: sp.csr_matrix, powers: tuple[float, float, float]) -> Scores:
    """The same, with a part of a user deducted from those whom two items share."""
    known_power, activity_power, deducted = powers
    if not deducted:
        return item_neighbors(train, (known_power, activity_power))
    follows = np.maximum(np.asarray(train.sum(axis=1)).ravel(), 1)
    shared, weights = (train.T @ train).tocsr(), (train.T @ (sp.diags(follows**-activity_power) @ train)).tocsr()
    shared.sort_indices()
    weights.sort_indices()
    weights.data *= 1 - deducted / shared.data
    lists = (sp.diags(followers_of(train) ** -known_power) @ weights).tocsr().astype(np.float32)
    return lambda users: (train[users] @ lists).toarray()


def followers_of(train: sp.csr_matrix) -> np.ndarray:
    """Followers of each item, 1 for none: float[items]."""
    return np.maximum(np.asarray(train.sum(axis=0), dtype=np.float64).ravel(), 1)


def found_weights(train: sp.csr_matrix, powers: tuple[float, ...]) -> np.ndarray:
    """The last number is the power of the popularity of the found item."""
    return followers_of(train) ** -powers[-1]


def ease(train: sp.csr_matrix, regularization: float) -> Scores:
    """Steck, 2019: the linear model of items by items without a diagonal, in closed form. It holds one matrix, in place."""
    weights = (train.T @ train).toarray(order="F")
    weights[np.diag_indices_from(weights)] += regularization
    factor, _ = lapack.spotrf(weights, lower=True, clean=False, overwrite_a=True)
    weights, failed = lapack.spotri(factor, lower=True, overwrite_c=True)
    if failed:
        raise ValueError(f"no inverse at regularization {regularization}")
    for start in range(0, len(weights), ROWS_AT_ONCE):
        end = start + ROWS_AT_ONCE
        weights[start:end, end:] = weights[end:, start:end].T
        square = weights[start:end, start:end]
        square[:] = np.tril(square) + np.tril(square, -1).T
    weights /= -np.diag(weights)
    np.fill_diagonal(weights, 0)
    return lambda users: train[users] @ weights


def factors(name: str, train: sp.csr_matrix, options: dict[str, Any]) -> Scores:
    """A model of `implicit`: ALS as Hu, Koren and Volinsky (2008) have it, or BPR as Rendle and others (2009)."""
    from implicit.als import AlternatingLeastSquares
    from implicit.bpr import BayesianPersonalizedRanking

    kind = {"ALS": AlternatingLeastSquares, "BPR": BayesianPersonalizedRanking}[name]
    model = kind(random_state=7, num_threads=1, **options)
    model.fit(train, show_progress=False)
    return lambda users: model.user_factors[users] @ model.item_factors.T


PEERS = {
    "popularity": Peer(popularity, [None]),
    "ItemKNN, cosine": Peer(item_neighbors, [(0.5, 0.0, 0.5)], lambda powers: powers[:2], found_weights),
    "ItemKNN, powers tuned": Peer(
        item_neighbors,
        [
            (known, activity, found)
            for known in (0.5, 0.75, 1.0)
            for activity in (0.0, 0.5, 1.0)
            for found in (-0.4, -0.2, 0.0, 0.2, 0.4, 0.6)
        ],
        lambda powers: powers[:2],
        found_weights,
    ),
    "ItemKNN, powers and deduction tuned": Peer(
        deducting_neighbors,
        [
            (known, activity, deducted, found)
            for known in (0.5, 0.75, 1.0)
            for activity in (0.0, 0.5, 1.0)
            for deducted in (0.0, 0.7)
            for found in (-0.4, -0.2, 0.0, 0.2, 0.4, 0.6)
        ],
        lambda powers: powers[:3],
        found_weights,
    ),
    "EASE": Peer(ease, [100, 400]),
    "ALS": Peer(
        partial(factors, "ALS"),
        [{"factors": 64, "regularization": penalty, "alpha": alpha} for penalty in (1.0, 10.0, 30.0) for alpha in (1, 10)],
    ),
    "BPR": Peer(
        partial(factors, "BPR"),
        [{"factors": 64, "iterations": count, "learning_rate": 0.05, "regularization": 0.01} for count in (100, 600)],
    ),
}

NEEDS_ITEM_PAIRS = ("ItemKNN, powers and deduction tuned", "EASE")


def blocks(users: np.ndarray) -> Iterator[np.ndarray]:
    """The users, a block at a time."""
    for start in range(0, len(users), ROWS_AT_ONCE):
        yield users[start : start + ROWS_AT_ONCE]


def without_columns(matrix: sp.csr_matrix, columns: np.ndarray) -> sp.csr_matrix:
    """The same matrix with nothing in some columns."""
    entries = matrix.tocoo()
    kept = ~np.isin(entries.col, columns)
    return sp.csr_matrix((entries.data[kept], (entries.row[kept], entries.col[kept])), shape=matrix.shape)


def with_themselves(follows: sp.csr_matrix, own_items: np.ndarray) -> sp.csr_matrix:
    """The follows, and each user beside the item that it is itself: int[users], -1 where it is none. Nobody is shown themselves."""
    users = np.flatnonzero(own_items >= 0)
    ones = np.ones(len(users), follows.dtype)
    return (follows + sp.csr_matrix((ones, (users, own_items[users])), shape=follows.shape)).tocsr()


def best_items(matrix: np.ndarray, known: sp.csr_matrix, users: np.ndarray, hidden: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Each user with its first CUTOFF items, without hidden ones and those it knows; a row of the matrix for each."""
    for row, user in zip(matrix, users, strict=True):
        lost = -row.astype(np.float64)
        lost[known.indices[known.indptr[user] : known.indptr[user + 1]]] = np.inf
        lost[hidden] = np.inf
        first = np.argpartition(lost, CUTOFF)[:CUTOFF]
        yield user, first[np.lexsort((first, lost[first]))]


def measured(lists: Iterable[tuple[int, np.ndarray]], asked: sp.csr_matrix) -> tuple[float, float, float]:
    """Mean recall and NDCG of the users who are asked for something, and the share of all items that anybody is shown."""
    worth = 1 / np.log2(np.arange(CUTOFF) + 2)
    recalls, gains, shown = [], [], set()
    for user, items in lists:
        targets = asked.indices[asked.indptr[user] : asked.indptr[user + 1]]
        hits = np.isin(items, targets)
        recalls.append(hits.sum() / len(targets))
        gains.append(worth[: len(items)][hits].sum() / worth[: min(CUTOFF, len(targets))].sum())
        shown.update(items.tolist())
    return float(np.mean(recalls)), float(np.mean(gains)), len(shown) / asked.shape[1]


def tuned(peer: Peer, train: sp.csr_matrix, own_items: np.ndarray, hidden: np.ndarray) -> Any:
    """The option that finds most of a tenth of the training follows."""
    if len(peer.options) == 1:
        return peer.options[0]
    random = np.random.default_rng(7)
    entries = train.tocoo()
    is_out = random.random(train.nnz) < VALIDATION_SHARE
    kept, out = (
        sp.csr_matrix((entries.data[chosen], (entries.row[chosen], entries.col[chosen])), shape=train.shape)
        for chosen in (~is_out, is_out)
    )
    out = without_columns(out, hidden)
    users = np.flatnonzero(np.diff(out.indptr))
    users = np.sort(random.permutation(users)[:VALIDATION_CONSUMERS])
    known = with_themselves(kept, own_items)
    recalls: list[float] = []
    for fitted, group in groupby(peer.options, key=peer.fitted):
        options = list(group)
        lists: list[list] = [[] for _ in options]
        scores = peer.fit(kept, fitted)
        for some in blocks(users):
            matrix = scores(some)
            for place, option in enumerate(options):
                lists[place] += best_items(matrix * peer.weights(kept, option), known, some, hidden)
        recalls += [measured(found, out)[0] for found in lists]
    return peer.options[int(np.argmax(recalls))]


def outcome(name: str, train: sp.csr_matrix, asked: sp.csr_matrix, own_items: np.ndarray, hidden: np.ndarray) -> Outcome:
    """Tunes a peer, fits it, and asks it once, for neither the hidden nor the user. Call it in its own process, for its memory."""
    peer = PEERS[name]
    started = time.process_time()
    option = tuned(peer, train, own_items, hidden)
    was_tuned = time.process_time()
    users, known = np.flatnonzero(np.diff(asked.indptr)), with_themselves(train, own_items)
    scores, weights = peer.fit(train, peer.fitted(option)), peer.weights(train, option)
    found = measured((pair for some in blocks(users) for pair in best_items(scores(some) * weights, known, some, hidden)), asked)
    peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Outcome(*found, was_tuned - started, time.process_time() - was_tuned, peak_bytes, option)
