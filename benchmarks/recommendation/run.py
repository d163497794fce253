"""Whom to follow, and what to read: hides some, builds the project with nothing else set, and asks it and tuned peers for them.

    python benchmarks/recommendation/run.py [NAME or FOLDER ...] [--seeds 1 2 3] [--peers ALS EASE] [--vars FILE] [--keep]
    python benchmarks/recommendation/run.py --tweets [sample lastfm_tags ciao]

A name is one of hold_outs.DATA. A folder of your own has a file follows.csv with consumer_id and producer_id. Each hold-out is a
tenth of the follows, drawn by a seed; `lastfm_split` is the published split of LightGCN. Every recipe of producer_candidate_recipes is
a row of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import mean

import yaml

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "datasets")]

import load  # noqa: E402  (scripts beside this one)
from hold_outs import DATA, TWEET_DATA, build, matrices, own_items  # noqa: E402
from measure import command_line, query, report, with_spread  # noqa: E402
from peers import CUTOFF, MOST_ITEMS, NEEDS_ITEM_PAIRS, PEERS, Outcome, outcome  # noqa: E402

PAGE = HERE / "README.md"
MEASURES = [f"recall@{CUTOFF}", f"NDCG@{CUTOFF}"]
COLUMNS = ["data", "method", "hold-outs", *MEASURES, "ours ahead by", "items shown", "tuning, CPU s", "CPU s", "GB"]
# The recipe that peers are held against.
OURS = "ours, `default`"
RECIPES = f"""
select candidate_type, recall, ndcg, item_coverage
from candidate_recall inner join producer_candidate_recipes using (candidate_type)
where item_kind = 'producers' and cutoff = {CUTOFF}
"""
TWEETS = f"""
select candidate_type, consumer_count, recall, ndcg
from candidate_recall where item_kind = 'tweets' and cutoff = {CUTOFF} order by recall desc, candidate_type
"""
HELD_OUT_ENGAGEMENTS = 0.2


def run(source: str, hold_out: str, options, variables: dict, peers: Sequence[str]) -> dict[str, Outcome]:
    """Builds one hold-out and asks the project, by each recipe, and the peers named."""
    folder = options.work / "_".join([Path(source).name, hold_out, *([options.vars.stem] if options.vars else [])])
    taken, _ = build(source, hold_out, options.datasets, folder, variables)
    found = {}
    for recipe, *figures in query(folder, RECIPES):
        name = f"ours, `{recipe}`" + (f", {options.vars.name}" if options.vars else "")
        found[name] = Outcome(*figures, 0.0, taken.cpu_seconds, taken.peak_bytes, "")
    train, asked, consumers, producers, hidden = matrices(folder)
    own = own_items(consumers, producers)
    for method in peers:
        if method in NEEDS_ITEM_PAIRS and train.shape[1] > MOST_ITEMS:
            continue
        # In a process of its own, for its memory.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            found[method] = pool.submit(outcome, method, train, asked, own, hidden).result()
    return found


def rows_of(name: str, found: list[dict[str, Outcome]]) -> list[list[object]]:
    """A row per method, the best first: means over the hold-outs, and how far ours is ahead in the same ones."""
    rows = []
    for method in found[0]:
        mine = [outcomes[method] for outcomes in found]
        ahead = [outcomes[OURS].recall - outcomes[method].recall for outcomes in found] if OURS in found[0] else []
        rows.append(
            [
                *(name, method, len(mine)),
                *(with_spread([one.recall for one in mine]), with_spread([one.ndcg for one in mine])),
                with_spread(ahead) if ahead and method != OURS else "",
                f"{mean(one.coverage for one in mine):.3f}",
                *(f"{mean(seconds):.0f}" for seconds in ([o.tuning_seconds for o in mine], [o.seconds for o in mine])),
                f"{max(one.peak_bytes for one in mine) / 2**30:.1f}",
            ]
        )
    return sorted(rows, key=lambda row: row[3], reverse=True)


def run_tweets(name: str, options) -> list[list[object]]:
    """Builds without the last engagements and asks for their favs: a row per method."""
    folder = options.work / f"{name}_tweets"
    build(name, None, options.datasets, folder, {"holdout_engagement_share": HELD_OUT_ENGAGEMENTS})
    return [[name, method, consumers, f"{recall:.4f}", f"{ndcg:.4f}"] for method, consumers, recall, ndcg in query(folder, TWEETS)]


@load.explains_absent_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry."""
    parser = command_line(__doc__, "recommendation")
    parser.add_argument("sources", nargs="*", metavar="NAME or FOLDER", help=f"default {' '.join(DATA)}")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument(
        "--vars", type=Path, help="a YAML file of vars for the project, whose name its rows carry; no peers by default"
    )
    parser.add_argument("--peers", nargs="*", choices=PEERS, help="default all")
    parser.add_argument("--tweets", nargs="*", choices=TWEET_DATA, help="ask for the tweets of these, or of all, and for nothing else")
    options = parser.parse_args(arguments)
    if options.tweets is not None:
        for name in options.tweets or TWEET_DATA:
            columns = ["data", "method", "consumers", *MEASURES]
            report(PAGE, "## Tweets to read", columns, run_tweets(name, options), 2, options.keep)
        return 0
    variables = yaml.safe_load(options.vars.read_text()) if options.vars else {}
    peers = (() if options.vars else PEERS) if options.peers is None else options.peers
    for source in options.sources or DATA:
        seeds = ["published"] if source == "lastfm_split" else map(str, options.seeds)
        found = [run(source, seed, options, variables, peers) for seed in seeds]
        report(PAGE, "## Whom to follow", COLUMNS, rows_of(Path(source).name, found), 2, options.keep)
    return 0


if __name__ == "__main__":
    sys.exit(main())
