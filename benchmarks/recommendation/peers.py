"""Whom to follow, beside what people would use instead, on the same held out follows; writes PEERS.md.

    python benchmarks/recommendation/peers.py --datasets FOLDER [--work FOLDER] [NAME ...]

Names: those of run.py. dbt builds each data set with nothing set but the input and what is held out. The peers read the follows
of that build. Each is tuned on a tenth of its training follows, drawn by a seed. It never sees the held out follows before its one
answer.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from implicit.als import AlternatingLeastSquares
from implicit.bpr import BayesianPersonalizedRanking

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "datasets")]

import load  # noqa: E402  (scripts beside this one)
from measure import WITHOUT_TESTS, dbt, machine, query  # noqa: E402
from pages import table, write_page  # noqa: E402
from run import INPUTS  # noqa: E402

CUTOFF = 20
VALIDATION_SHARE = 0.1
# More items than this, and the dense inverse of EASE does not fit.
MOST_ITEMS_OF_EASE = 12_000
ROWS_AT_ONCE = 256
HELD_OUT = {
    "sample": {"holdout_follow_share": 0.1},
    "ciao": {"holdout_follow_share": 0.1},
    "lastfm_validation": {"holdout_follow_share": 0.1},
}

Scores = Callable[[np.ndarray], np.ndarray]
"""Scores of some consumers, by position, for all producers: float[rows, producers]."""


@dataclass(frozen=True)
class Peer:
    """How to fit it: a function of the training matrix and an option, the options to choose from, and what a user is described by."""

    fit: Callable[[sp.csr_matrix, Any], Scores]
    options: Sequence[Any]
    numbers_per_user: str
    is_explained: str


def popularity(train: sp.csr_matrix, _: None) -> Scores:
    """Followers, the same for everybody."""
    followers = np.asarray(train.sum(axis=0)).ravel()
    return lambda users: np.tile(followers, (len(users), 1))


def item_neighbors(train: sp.csr_matrix, powers: tuple[float, float, float]) -> Scores:
    """All neighbours, with powers of the popularity of the known and of the found item, and of the activity of the users between."""
    known_power, found_power, activity_power = powers
    followers = np.maximum(np.asarray(train.sum(axis=0)).ravel(), 1)
    follows = np.maximum(np.asarray(train.sum(axis=1)).ravel(), 1)
    to_users = (sp.diags(followers**-known_power) @ train.T).tocsr()
    to_items = (sp.diags(follows**-activity_power) @ train @ sp.diags(followers**-found_power)).tocsr()
    return lambda users: np.asarray((train[users] @ to_users @ to_items).todense())


def ease(train: sp.csr_matrix, regularization: float) -> Scores:
    """Steck, 2019: the linear model of items by items without a diagonal, in closed form."""
    inverse = np.linalg.inv((train.T @ train).toarray() + regularization * np.eye(train.shape[1]))
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return lambda users: train[users] @ weights


def factors(kind: Callable[..., Any], train: sp.csr_matrix, options: dict[str, Any]) -> Scores:
    """A model of `implicit`."""
    model = kind(random_state=7, num_threads=2, **options)
    model.fit(train, show_progress=False)
    return lambda users: model.user_factors[users] @ model.item_factors.T


PEERS = {
    "popularity": Peer(popularity, [None], "0", "no"),
    "ItemKNN, cosine": Peer(item_neighbors, [(0.5, 0.5, 0.0)], "follows", "by item"),
    "ItemKNN, powers tuned": Peer(
        item_neighbors,
        [
            (known, found, activity)
            for known in (0.25, 0.5, 0.75, 1.0)
            for found in (-0.2, 0.0, 0.2, 0.4, 0.6)
            for activity in (0.0, 0.5, 1.0)
        ],
        *("follows", "by item"),
    ),
    "EASE": Peer(ease, [20, 100, 500, 2000], "follows", "by item"),
    "ALS": Peer(
        lambda train, options: factors(AlternatingLeastSquares, train, options),
        [{"factors": 128, "regularization": weight, "alpha": alpha} for weight in (0.1, 1.0, 10.0) for alpha in (1, 10)],
        *("128", "no"),
    ),
    "BPR": Peer(
        lambda train, options: factors(BayesianPersonalizedRanking, train, options),
        [{"factors": 128, "iterations": 300, "learning_rate": rate, "regularization": 0.01} for rate in (0.01, 0.05)],
        *("128", "no"),
    ),
}


def best_items(scores: Scores, known: sp.csr_matrix, users: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Each user with its first CUTOFF items, without those it knows."""
    for start in range(0, len(users), ROWS_AT_ONCE):
        some = users[start : start + ROWS_AT_ONCE]
        matrix = np.array(scores(some), dtype=np.float64)
        for row, user in enumerate(some):
            matrix[row, known.indices[known.indptr[user] : known.indptr[user + 1]]] = -np.inf
            first = np.argpartition(-matrix[row], CUTOFF)[:CUTOFF]
            yield user, first[np.lexsort((first, -matrix[row, first]))]


def measured(lists: Iterator[tuple[int, np.ndarray]], asked: sp.csr_matrix) -> tuple[float, float, float]:
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


def tuned(peer: Peer, train: sp.csr_matrix) -> tuple[Any, float]:
    """The option that finds most of a tenth of the training follows, and the seconds of looking."""
    started = time.monotonic()
    if len(peer.options) == 1:
        return peer.options[0], 0.0
    entries = train.tocoo()
    is_out = np.random.default_rng(7).random(train.nnz) < VALIDATION_SHARE
    kept, out = (
        sp.csr_matrix((entries.data[chosen], (entries.row[chosen], entries.col[chosen])), shape=train.shape)
        for chosen in (~is_out, is_out)
    )
    users = np.flatnonzero(np.diff(out.indptr))
    recalls = [measured(best_items(peer.fit(kept, option), kept, users), out)[0] for option in peer.options]
    return peer.options[int(np.argmax(recalls))], time.monotonic() - started


def matrices(folder: Path) -> tuple[sp.csr_matrix, sp.csr_matrix, np.ndarray, np.ndarray]:
    """The follows of the build and those held out, as matrices over the same consumers and producers, and the ids of both."""
    follows = np.array(query(folder, "select consumer_id, producer_id from stg_follows"), dtype=np.int64)
    held_out = np.array(query(folder, "select consumer_id, producer_id from stg_held_out_follows"), dtype=np.int64)
    consumers, rows = np.unique(np.concatenate([follows[:, 0], held_out[:, 0]]), return_inverse=True)
    producers, columns = np.unique(np.concatenate([follows[:, 1], held_out[:, 1]]), return_inverse=True)
    parts = []
    for part in (slice(0, len(follows)), slice(len(follows), None)):
        ones = np.ones(len(rows[part]), np.float32)
        parts.append(sp.csr_matrix((ones, (rows[part], columns[part])), shape=(len(consumers), len(producers))))
    return parts[0], parts[1], consumers, producers


def own_lists(folder: Path, candidate_type: str, consumers: np.ndarray, producers: np.ndarray, users: np.ndarray) -> Iterator:
    """What the build recommends, in the form of best_items."""
    rows = query(
        folder,
        "select consumer_id, producer_id from producer_candidates "
        f"where candidate_type = '{candidate_type}' and candidate_rank <= {CUTOFF} order by consumer_id, candidate_rank",
    )
    lists: dict[int, list[int]] = {}
    for consumer, producer in rows:
        lists.setdefault(int(np.searchsorted(consumers, consumer)), []).append(int(np.searchsorted(producers, producer)))
    for user in users:
        yield user, np.array(lists.get(int(user), []), dtype=np.int64)


def section(name: str, folder: Path, seconds: float) -> list[str]:
    """All methods on one data set, as lines of Markdown."""
    train, asked, consumers, producers = matrices(folder)
    users = np.flatnonzero(np.diff(asked.indptr))
    rows = []
    for candidate_type in ("default", "neighborhood"):
        figures = measured(own_lists(folder, candidate_type, consumers, producers, users), asked)
        rows.append(
            [
                f"ours, `{candidate_type}`",
                *(f"{figure:.4f}" for figure in figures),
                "",
                f"{seconds:.0f}",
                "at most 50 and follows",
                "by name",
            ]
        )
    for peer_name, peer in PEERS.items():
        if peer_name == "EASE" and train.shape[1] > MOST_ITEMS_OF_EASE:
            continue
        option, tuning_seconds = tuned(peer, train)
        started = time.monotonic()
        figures = measured(best_items(peer.fit(train, option), train, users), asked)
        taken = f"{time.monotonic() - started:.0f}"
        rows.append(
            [
                peer_name,
                *(f"{figure:.4f}" for figure in figures),
                f"{tuning_seconds:.0f}",
                taken,
                peer.numbers_per_user,
                peer.is_explained,
            ]
        )
    columns = ["method", "recall@20", "NDCG@20", "items shown", "tuning s", "s", "numbers per consumer", "explained"]
    size = f"{train.nnz:,} follows of {train.shape[0]:,} consumers to {train.shape[1]:,} producers, {asked.nnz:,} held out."
    return [f"## {name}", "", size, "", *table(columns, rows, numbers_from=1), ""]


@load.explains_absent_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry."""
    parser = load.command_line(__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *INPUTS], help="default all")
    parser.add_argument("--work", type=Path, default=Path("data/peers"), help="inputs and databases")
    parser.add_argument("--output", type=Path, default=HERE / "PEERS.md")
    options = parser.parse_args(arguments)

    lines = ["# Whom to follow, beside others", "", f"Written by peers.py; {machine()}.", ""]
    for name in options.names or INPUTS:
        folder = (options.work / name).resolve()
        variables = INPUTS[name](options.datasets, folder / "input") | HELD_OUT.get(name, {})
        build = dbt(
            "build", "--select", "+producer_candidates", "stg_held_out_follows", *WITHOUT_TESTS, folder=folder, variables=variables
        )
        lines += section(name, folder, build.wall_seconds)
    write_page(options.output, lines)
    print(options.output.read_text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
