"""The data sets of whom to follow, what is held out of each, and what a build says of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import scipy.sparse as sp

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "datasets")]

import load  # noqa: E402  (scripts beside this one)
from measure import query  # noqa: E402
from peers import CUTOFF, without_columns  # noqa: E402

HELD_OUT_SHARE = 0.1
Tables = dict[str, pl.DataFrame]


def lastfm(datasets: Path, part: str | None = None) -> pl.DataFrame:
    """The split of LightGCN as follows, or one part of it; artists get ids of their own range."""
    split = load.read(datasets / "lastfm_hetrec", "lightgcn_split").select(
        consumer_id=pl.col("user_id").cast(pl.Int64),
        producer_id=pl.col("artist_idx").cast(pl.Int64) + load.ARTIST_ID_OFFSET,
        split="split",
    )
    return split.filter(pl.col("split") == part).drop("split") if part else split.drop("split")


def thin(follows: pl.DataFrame) -> pl.DataFrame:
    """Half of the follows, by a seed."""
    return follows.filter(np.random.default_rng(0).random(follows.height) < 0.5)


DATA: dict[str, Callable[[Path], Tables]] = {
    "sample": lambda _: {"follows": pl.read_csv(HERE.parents[1] / "seeds" / "raw_follows.csv")},
    "lastfm": lambda datasets: {"follows": lastfm(datasets, "train")},
    "lastfm_split": lambda datasets: {"follows": lastfm(datasets)},
    "ciao": lambda datasets: load.ciao_tables(datasets / "ciao"),
    "thin_ciao": lambda datasets: {"follows": thin(load.ciao_tables(datasets / "ciao")["follows"])},
    "slashdot": lambda datasets: load.slashdot_tables(datasets / "snap_slashdot0902"),
}


def tables_of(source: str, datasets: Path) -> Tables:
    """The inputs of one of DATA, or the follows of a folder."""
    return DATA[source](datasets) if source in DATA else {"follows": pl.read_csv(Path(source) / "follows.csv")}


def held_out(name: str, datasets: Path, follows: pl.DataFrame, hold_out: str) -> pl.DataFrame:
    """The follows that are asked for."""
    if name == "lastfm_split":
        return lastfm(datasets, "test")
    pairs = follows.unique().filter(pl.col("consumer_id") != pl.col("producer_id")).sort("consumer_id", "producer_id")
    return pairs.filter(np.random.default_rng(int(hold_out)).random(pairs.height) < HELD_OUT_SHARE)


def matrices(folder: Path) -> tuple[sp.csr_matrix, sp.csr_matrix, np.ndarray, np.ndarray, np.ndarray]:
    """The follows of the build and those held out, as matrices over the same consumers and producers, and the ids of both.

    The last array has the positions of inactive producers. Nobody may be recommended these, so nobody is asked for them.
    """
    pairs = [
        np.array(query(folder, f"select consumer_id, producer_id from {relation}"), dtype=np.int64).reshape(-1, 2)
        for relation in ("stg_follows", "stg_held_out_follows")
    ]
    consumers, rows = np.unique(np.concatenate(pairs)[:, 0], return_inverse=True)
    producers, columns = np.unique(np.concatenate(pairs)[:, 1], return_inverse=True)
    parts = []
    for part in (slice(0, len(pairs[0])), slice(len(pairs[0]), None)):
        ones = np.ones(len(rows[part]), np.float32)
        parts.append(sp.csr_matrix((ones, (rows[part], columns[part])), shape=(len(consumers), len(producers))))
    inactive = np.array(query(folder, "select user_id from stg_users where not is_active"), dtype=np.int64).ravel()
    hidden = np.flatnonzero(np.isin(producers, inactive))
    return parts[0], without_columns(parts[1], hidden), consumers, producers, hidden


def own_items(consumers: np.ndarray, producers: np.ndarray) -> np.ndarray:
    """The position, among the producers, of each consumer: int[consumers], -1 for who is no producer."""
    positions = np.minimum(np.searchsorted(producers, consumers), len(producers) - 1)
    return np.where(producers[positions] == consumers, positions, -1)


def own_lists(folder: Path, candidate_type: str, consumers: np.ndarray, producers: np.ndarray, users: np.ndarray) -> Iterator:
    """What the build recommends to each of the users, by position."""
    rows = np.array(
        query(
            folder,
            "select consumer_id, producer_id from producer_candidates "
            f"where candidate_type = '{candidate_type}' and candidate_rank <= {CUTOFF} order by consumer_id, candidate_rank",
        ),
        dtype=np.int64,
    ).reshape(-1, 2)
    owners, items = np.searchsorted(consumers, rows[:, 0]), np.searchsorted(producers, rows[:, 1])
    for user in users:
        yield user, items[slice(*np.searchsorted(owners, [user, user + 1]))]
