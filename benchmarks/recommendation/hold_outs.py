"""The data sets of recommendations, what is held out of each, and a build of the project without it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import scipy.sparse as sp

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "datasets")]

import load  # noqa: E402  (scripts beside this one)
from measure import WITHOUT_TESTS, Taken, dbt, query  # noqa: E402
from peers import without_columns  # noqa: E402

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
# Where recommended tweets are judged; the sample's tables are the project's own.
TWEET_DATA: dict[str, Callable[[Path], Tables]] = {
    "sample": lambda _: {},
    "lastfm_tags": lambda datasets: load.lastfm_tables(datasets / "lastfm_hetrec"),
    "ciao": DATA["ciao"],
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


def build(
    source: str, hold_out: str | None, datasets: Path, folder: Path, variables: dict[str, Any], goals: Sequence[str] = ()
) -> tuple[Taken, dict[str, Any]]:
    """Builds candidate_recall without what is held out, for all consumers, and ``goals`` besides; returns the vars too.

    Without a hold-out of follows, ``variables`` say what is held out.
    """
    tables, variables = tables_of(source, datasets) if hold_out else TWEET_DATA[source](datasets), variables.copy()
    if hold_out:
        out = held_out(Path(source).name, datasets, tables["follows"], hold_out)
        load.write_tables({"held_out": out}, folder)
        variables |= {"holdout_follows_file": str(folder / "held_out.parquet"), "evaluation_maximum_consumers": 10**9}
    if tables and source != "sample":
        load.write_tables(tables, folder / "input")
        variables["input_dir"] = str(folder / "input")
    wanted = (*(f"+{goal}" for goal in ("candidate_recall", *goals)), "stg_held_out_follows")
    return dbt("build", "--select", *wanted, *WITHOUT_TESTS, folder=folder, variables=variables, threads=1), variables


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
