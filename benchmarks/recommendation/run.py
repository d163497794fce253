"""Builds the pipeline without held out follows and favs, asks for them, and writes RESULTS.md.

    python benchmarks/recommendation/run.py --datasets FOLDER [--work FOLDER] [NAME ...]

Names: sample, ciao, lastfm_split (the published split of LightGCN), lastfm_validation (a tenth of its training part, by
hash). `candidate_recall` answers; popularity and item-item cosine are in the same table, from the same run. Each data set's vars are
in <name>.yml. What the search itself loses is measured by ann_recall.py.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import yaml

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "datasets")]

import load  # noqa: E402  (scripts beside this one)
from measure import WITHOUT_TESTS, dbt, machine, query  # noqa: E402
from pages import table, write_page  # noqa: E402

RECALL = """
select item_kind, candidate_type, cutoff, consumer_count, recall, ndcg, hit_rate, consumer_coverage, item_coverage
from candidate_recall
order by item_kind, cutoff, recall desc, candidate_type
"""


def no_input(datasets: Path, folder: Path) -> dict[str, Any]:
    """The sample needs no files."""
    return {}


def ciao_input(datasets: Path, folder: Path) -> dict[str, Any]:
    """The tables of benchmarks/datasets; returns the vars that name them."""
    load.write_tables(load.ciao_tables(datasets / "ciao"), folder)
    return {"input_dir": str(folder)}


def lastfm_split_input(datasets: Path, folder: Path) -> dict[str, Any]:
    """Both parts of the split as follows, and a file that names the test part; artists get ids of their own range."""
    split = load.read(datasets / "lastfm_hetrec", "lightgcn_split").select(
        consumer_id=pl.col("user_id").cast(pl.Int64),
        producer_id=pl.col("artist_idx").cast(pl.Int64) + load.ARTIST_ID_OFFSET,
        split="split",
    )
    load.write_tables({"follows": split.drop("split")}, folder)
    load.write_tables({"held_out": split.filter(pl.col("split") == "test").drop("split")}, folder)
    return {"input_dir": str(folder), "holdout_follows_file": str(folder / "held_out.parquet")}


def lastfm_validation_input(datasets: Path, folder: Path) -> dict[str, Any]:
    """The training part of the split alone; var holdout_follow_share draws from it what is asked for."""
    split = load.read(datasets / "lastfm_hetrec", "lightgcn_split").filter(pl.col("split") == "train")
    follows = split.select(
        consumer_id=pl.col("user_id").cast(pl.Int64), producer_id=pl.col("artist_idx").cast(pl.Int64) + load.ARTIST_ID_OFFSET
    )
    load.write_tables({"follows": follows}, folder)
    return {"input_dir": str(folder)}


INPUTS: dict[str, Callable[[Path, Path], dict[str, Any]]] = {
    "sample": no_input,
    "ciao": ciao_input,
    "lastfm_split": lastfm_split_input,
    "lastfm_validation": lastfm_validation_input,
}


def section(name: str, wall_seconds: float, folder: Path) -> list[str]:
    """The results of one data set as lines of Markdown."""
    rows = [
        [*words, f"{recall:.4f}", f"{ndcg:.4f}", f"{hits:.4f}", f"{consumers:.3f}", f"{items:.3f}"]
        for *words, recall, ndcg, hits, consumers, items in query(folder, RECALL)
    ]
    columns = ["asked for", "method", "k", "consumers", "recall", "NDCG", "hit rate", "consumers served", "items shown"]
    return [f"## {name}", "", f"Built in {wall_seconds:.0f} s.", "", *table(columns, rows, numbers_from=2)]


@load.explains_absent_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry."""
    parser = load.command_line(__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *INPUTS], help="default all")
    parser.add_argument("--work", type=Path, default=Path("data/recommendation"), help="inputs and databases")
    parser.add_argument("--output", type=Path, default=HERE / "RESULTS.md")
    options = parser.parse_args(arguments)

    lines = ["# Recommendation, measured", "", f"Written by run.py; {machine()}.", ""]
    for name in options.names or INPUTS:
        folder = (options.work / name).resolve()
        named = INPUTS[name](options.datasets, folder / "input")
        variables = yaml.safe_load((HERE / f"{name}.yml").read_text()) | named
        build = dbt("build", "--select", "+candidate_recall", *WITHOUT_TESTS, folder=folder, variables=variables)
        lines += section(name, build.wall_seconds, folder)
    write_page(options.output, lines)
    print(options.output.read_text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
