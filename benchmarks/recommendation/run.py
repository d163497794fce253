"""Holds follows and favs out, builds the pipeline with nothing set but the input, asks it and its peers, and writes RESULTS.md.

    python benchmarks/recommendation/run.py --datasets FOLDER [--work FOLDER] [--vars FILE] [--tweets NAME ...] [NAME or FOLDER ...]

A name is one of DATA. A folder of your own has a file follows.csv with consumer_id and producer_id, and its rows have the name of the
folder. Each hold-out is a tenth of the follows, drawn by a seed; `lastfm_split` is the published split of LightGCN. Results of a
hold-out stay in results.csv until it runs again, so that a page can be written piece by piece; --page writes it from there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import yaml

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "datasets")]

import load  # noqa: E402  (scripts beside this one)
from hold_outs import DATA, Tables, held_out, matrices, own_items, own_lists, tables_of  # noqa: E402
from measure import WITHOUT_TESTS, dbt, machine, query  # noqa: E402
from pages import filled, keep_row, read_rows, table, with_spread, write_page  # noqa: E402
from peers import CUTOFF, MOST_ITEMS, NEEDS_ITEM_PAIRS, PEERS, Outcome, measured, outcome  # noqa: E402

SEEDS = (1, 2, 3)
OURS = ("default", "plain")
COLUMNS = [
    "data",
    "hold_out",
    "method",
    "recall",
    "ndcg",
    "coverage",
    "tuning_seconds",
    "seconds",
    "peak_gigabytes",
    "numbers",
    "option",
]
TWEET_COLUMNS = ["data", "method", "cutoff", "consumers", "recall", "ndcg"]
TWEETS = """
select candidate_type, cutoff, consumer_count, recall, ndcg
from candidate_recall where item_kind = 'tweets' order by cutoff, recall desc, candidate_type
"""
TWEET_SHARE = 0.2
# Where recommended tweets are judged; the sample's tables are the project's own.
TWEET_DATA: dict[str, Callable[[Path], Tables]] = {
    "sample": lambda _: {},
    "lastfm_tags": lambda datasets: load.lastfm_tables(datasets / "lastfm_hetrec"),
    "ciao": DATA["ciao"],
}


def kept(name: str, hold_out: str, method: str, found: Outcome, numbers: str) -> None:
    """A row of results.csv."""
    row = {"data": name, "hold_out": hold_out, "method": method, "numbers": numbers, "peak_gigabytes": found.peak_bytes / 2**30}
    figures = {column: getattr(found, column) for column in COLUMNS if hasattr(found, column)}
    keep_row(HERE / "results.csv", COLUMNS, row | figures, ["data", "hold_out", "method"])


def run(source: str, hold_out: str, datasets: Path, work: Path, methods: Iterable[str], given: Path | None = None) -> None:
    """Builds one hold-out and asks the project and the peers named; rows of results.csv. ``given`` is a YAML file of vars."""
    name, tables = Path(source).name, tables_of(source, datasets)
    folder = (work / "_".join([name, hold_out, *([given.stem] if given else [])])).resolve()
    load.write_tables({"held_out": held_out(name, datasets, tables["follows"], hold_out)}, folder)
    variables: dict[str, Any] = yaml.safe_load(given.read_text()) if given else {}
    variables["holdout_follows_file"] = str(folder / "held_out.parquet")
    if name != "sample":
        load.write_tables(tables, folder / "input")
        variables["input_dir"] = str(folder / "input")
    models = ("+producer_candidates", "stg_held_out_follows")
    build = dbt("build", "--select", *models, *WITHOUT_TESTS, folder=folder, variables=variables, threads=1)

    train, asked, consumers, producers, hidden = matrices(folder)
    users, own = np.flatnonzero(np.diff(asked.indptr)), own_items(consumers, producers)
    for candidate_type in OURS:
        figures = measured(own_lists(folder, candidate_type, consumers, producers, users), asked)
        [(numbers,)] = query(
            folder,
            "select coalesce(avg(n), 0) from (select count(*) as n from int_producer_candidate_lookups "
            f"where candidate_type = '{candidate_type}' group by consumer_id)",
        )
        found = Outcome(*figures, 0.0, build.cpu_seconds, build.peak_bytes, "")
        kept(name, hold_out, f"ours, `{candidate_type}`" + (f", {given.name}" if given else ""), found, f"{numbers:.0f}")
    for method in methods:
        if method in NEEDS_ITEM_PAIRS and train.shape[1] > MOST_ITEMS:
            continue
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            found = pool.submit(outcome, method, train, asked, own, hidden).result()
        kept(name, hold_out, method, found, PEERS[method].numbers_per_consumer)


def run_tweets(name: str, datasets: Path, work: Path) -> None:
    """Builds without the last engagements and asks for their favs; rows of tweets.csv."""
    folder = (work / f"{name}_tweets").resolve()
    variables: dict[str, Any] = {"holdout_engagement_share": TWEET_SHARE}
    if tables := TWEET_DATA[name](datasets):
        load.write_tables(tables, folder / "input")
        variables["input_dir"] = str(folder / "input")
    dbt("build", "--select", "+candidate_recall", *WITHOUT_TESTS, folder=folder, variables=variables, threads=1)
    for method, cutoff, *figures in query(folder, TWEETS):
        row = dict(zip(TWEET_COLUMNS, [name, method, cutoff, *figures], strict=True))
        keep_row(HERE / "tweets.csv", TWEET_COLUMNS, row, ["data", "method", "cutoff"])


def section(name: str, rows: list[dict[str, str]]) -> list[str]:
    """All methods on one data set, the mean over its hold-outs and the spread between them; how far ours is ahead in the same ones."""
    lines = []
    ours = {row["hold_out"]: float(row["recall"]) for row in rows if row["method"] == f"ours, `{OURS[0]}`"}
    for method in dict.fromkeys(row["method"] for row in rows):
        mine = [row for row in rows if row["method"] == method]
        values = {column: [float(row[column]) for row in mine] for column in COLUMNS[3:9]}
        ahead = [ours[row["hold_out"]] - float(row["recall"]) for row in mine]
        peer = PEERS.get(method)
        lines.append(
            [
                method,
                with_spread(values["recall"]),
                "" if method == f"ours, `{OURS[0]}`" else with_spread(ahead),
                with_spread(values["ndcg"]),
                f"{mean(values['coverage']):.3f}",
                *(f"{mean(values[column]):.0f}" for column in ("tuning_seconds", "seconds")),
                f"{max(values['peak_gigabytes']):.1f}",
                mine[0]["numbers"],
                peer.is_explained if peer else "by name" if method.startswith("ours") else "no",
            ]
        )
    lines.sort(key=lambda line: line[1], reverse=True)
    columns = [
        *("method", f"recall@{CUTOFF}", "ours ahead by", f"NDCG@{CUTOFF}", "items shown", "tuning, CPU s", "CPU s", "GB"),
        *("numbers per consumer", "explained"),
    ]
    seeds = len({row["hold_out"] for row in rows})
    return [f"### {name}, {seeds} hold-out{'s' if seeds > 1 else ''}", "", *table(columns, lines, numbers_from=1)]


def page() -> None:
    """RESULTS.md from what results.csv and tweets.csv hold."""
    rows, tweets = read_rows(HERE / "results.csv"), read_rows(HERE / "tweets.csv")
    names = [*DATA, *sorted({row["data"] for row in rows} - {*DATA})]
    follows = [line for name in names if (mine := [row for row in rows if row["data"] == name]) for line in section(name, mine)]
    of_tweets = []
    for name in TWEET_DATA:
        mine = [[row[column] for column in TWEET_COLUMNS[1:]] for row in tweets if row["data"] == name]
        mine.sort(key=lambda line: (int(line[1]), -float(line[3]), line[0]))
        of_tweets += [f"### {name}, tweets", "", *table(TWEET_COLUMNS[1:], mine, numbers_from=1)] if mine else []
    sections = {"machine": machine(), "follows": "\n".join(follows), "tweets": "\n".join(of_tweets)}
    write_page(HERE / "RESULTS.md", filled(HERE / "results.template.md", sections).splitlines())


@load.explains_absent_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry."""
    parser = load.command_line(__doc__)
    parser.add_argument("sources", nargs="*", metavar="NAME or FOLDER", help=f"default {' '.join(DATA)}")
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--vars", type=Path, help="a YAML file of vars for the project, whose name its rows carry")
    parser.add_argument("--peers", nargs="*", choices=PEERS, help="default all; what others found stays")
    parser.add_argument("--tweets", nargs="+", choices=TWEET_DATA, default=(), help="ask for the tweets of these alone")
    parser.add_argument("--page", action="store_true", help="write the page, run nothing")
    parser.add_argument("--work", type=Path, default=Path("data/recommendation"), help="inputs and databases")
    options = parser.parse_args(arguments)
    peers = PEERS if options.peers is None and not options.vars else options.peers or ()
    asks_all = not (options.page or options.sources or options.tweets)
    for name in TWEET_DATA if asks_all else options.tweets:
        run_tweets(name, options.datasets, options.work)
    for source in DATA if asks_all else options.sources:
        for hold_out in ["published"] if source == "lastfm_split" else map(str, options.seeds):
            run(source, hold_out, options.datasets, options.work, peers, options.vars)
    page()
    return 0


if __name__ == "__main__":
    sys.exit(main())
