"""Builds the pipeline on generated networks of growing size, and the same steps by hand, and writes RESULTS.md and growth.svg.

    python benchmarks/pipeline/run.py [--follows 100000 1000000 10000000] [--work FOLDER] [--memory-limit 8GB] [--engine kernel]

Each size has as many engagements as follows and a user for twelve follows. dbt builds from an empty database, one model at a
time, without tests; the script by_hand.py runs right after it, in a process of its own. Figures of a size stay in the work
folder and are measured again only with --again.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import matplotlib

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from measure import FOLLOWS_PER_USER, dbt, exponent, machine, process, query  # noqa: E402  (scripts in the folder above)
from pages import table, write_page  # noqa: E402

from simclusters.sample.parameters import SampleParameters  # noqa: E402
from simclusters.sample.writing import write_sample  # noqa: E402

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402  (after the choice of the drawing engine)

# Built first and not reported: the first call of a kernel compiles it, once per installation.
WARM_UP_FOLLOWS = 20_000
BUSY_LOAD = 4
BUSY = (
    " Other work ran on the machine, so wall seconds, ratios and exponents below say little about the pipeline; "
    "processor seconds and row counts do not depend on it much."
)

# The models that do what a step of by_hand.py does. dbt also counts rejected rows and keeps every result as a table.
MODELS_OF_STEP = {
    "staging": ["base_follows", "base_engagements", "base_tweets", "base_users"],
    "graph": ["int_fav_states", "int_user_producer_favs", "int_user_producer_edges", "producers", "user_user_graph"],
    "similarity": ["int_eligible_follows", "int_producer_pairs", "int_producer_neighbors_kernel", "producer_similarity_edges"],
    "communities": ["int_community_edges", "int_communities_kernel"],
    "interested_in": ["int_consumer_cluster_scores", "interested_in"],
    "producer_embeddings": ["int_producer_cluster_scores", "producer_embeddings", "cluster_top_producers"],
    "tweet_embeddings": ["int_engagement_states", "int_engagement_pairs", "int_tweet_fav_scores", "tweet_embeddings"],
    "tweet_candidates": ["int_tweet_candidates_sql", "int_tweet_candidates_kernel"],
}
# Rows and the sum of a column, to be compared with those of by_hand.py.
CHECKS = {
    "user_user_graph": "select count(*), sum(fav_score) from user_user_graph",
    "producer_similarity_edges": "select count(*), sum(cosine_similarity) from producer_similarity_edges",
    "interested_in": "select count(*), sum(log_fav_score) from interested_in",
    "producer_embeddings": """
        select count(*), sum(producer_score) from producer_embeddings
        where embedding_type in ('follow_based_producer', 'fav_based_producer')
    """,
    "tweet_embeddings": """
        select count(*), sum(tweet_score) from tweet_embeddings
        where embedding_type in (select embedding_type from tweet_embedding_recipes where pair_name = 'fav_day')
    """,
    "tweet_candidates": """
        select count(*), sum(log_cosine_score) from tweet_candidates
        inner join candidate_recipes using (candidate_type)
        where embedding_type in (select embedding_type from tweet_embedding_recipes where pair_name = 'fav_day')
    """,
}


def run_by_hand(inputs: Path, known_for: Path, result: Path) -> dict[str, Any]:
    """Runs by_hand.py in a process of its own; adds its wall seconds and peak memory to what it reports."""
    command = [sys.executable, str(HERE / "by_hand.py"), str(inputs), str(known_for), str(result)]
    measured = process(command, result.with_suffix(".log"), {"POLARS_MAX_THREADS": "2"})
    if measured.exit_code != 0:
        raise RuntimeError(measured.output)
    taken = {name: getattr(measured, name) for name in ("wall_seconds", "cpu_seconds", "peak_bytes")}
    return json.loads(result.read_text()) | taken


def measure(follows: int, work: Path, memory_limit: str, follower_cap: int, engine: str, without: Sequence[str]) -> dict[str, Any]:
    """Figures of one size: generation, dbt without the named models, and the steps by hand."""
    shutil.rmtree(work, ignore_errors=True)
    parameters = SampleParameters(users=follows // FOLLOWS_PER_USER, follows=follows, engagements=follows)
    start = time.monotonic()
    write_sample(parameters, work / "inputs", "parquet")
    # by_hand.py does not apply opt-outs.
    (work / "inputs" / "opt_outs.parquet").unlink()
    generated_seconds = time.monotonic() - start

    variables = {
        "input_dir": str(work / "inputs"),
        "communities_k": parameters.community_count,
        # As by_hand.py, which resolves nothing.
        "minimum_active_followers": 5,
        "producer_embedding_minimum_audience": 5,
        "similarity_follower_cap": follower_cap,
        # As by_hand.py, which makes every recipe for everybody.
        "evaluation_maximum_consumers": follows,
        "engines": {"similarity": engine, "products": engine},
    }
    dbt("seed", folder=work, variables=variables, memory_limit=memory_limit)
    left_out = ("--exclude", *(f"{model}+" for model in without)) if without else ()
    build = dbt("run", *left_out, folder=work, variables=variables, memory_limit=memory_limit)
    known_for = work / "known_for.parquet"
    query(work, f"copy (select producer_id, cluster_id, known_for_score from known_for) to '{known_for}'")
    return {
        "follows": follows,
        "engine": engine,
        "without": list(without),
        "load_average": os.getloadavg()[1],
        "generated_seconds": generated_seconds,
        "dbt": {
            **dataclasses.asdict(build),
            "database_bytes": (work / "simclusters.duckdb").stat().st_size,
            "checks": {table_name: query(work, sql)[0] for table_name, sql in CHECKS.items()},
        },
        "by_hand": run_by_hand(work / "inputs", known_for, work / "by_hand.json"),
    }


def matched_seconds(figures: dict[str, Any]) -> dict[str, float]:
    """Seconds of the models that match each step of by_hand.py."""
    model_seconds = figures["dbt"]["model_seconds"]
    # A model of the engine that did not run took no time.
    return {step: sum(model_seconds.get(model, 0.0) for model in models) for step, models in MODELS_OF_STEP.items()}


def step_seconds(runs: Sequence[dict[str, Any]]) -> dict[str, list[float]]:
    """Seconds of the models of each folder and of all of them, by size; of the models that every size has."""
    common = set.intersection(*(set(figures["dbt"]["model_seconds"]) for figures in runs))
    folder_of = runs[0]["dbt"]["step_of_model"]
    seconds: dict[str, list[float]] = {}
    for step in [*dict.fromkeys(folder_of.values()), "all models"]:
        models = [model for model in common if step in (folder_of[model], "all models")]
        seconds[step] = [sum(figures["dbt"]["model_seconds"][model] for model in models) for figures in runs]
    return seconds


def plot(runs: Sequence[dict[str, Any]], path: Path) -> None:
    """Seconds of each folder of models, of all of them and of the script, against follows, on log axes."""
    sizes = [figures["follows"] for figures in runs]
    lines = step_seconds(runs)
    lines["eight steps by hand"] = [sum(figures["by_hand"]["seconds"].values()) for figures in runs]
    lines["the same eight steps in dbt"] = [sum(matched_seconds(figures).values()) for figures in runs]
    figure, axes = pyplot.subplots(figsize=(9, 5))
    # The pair to compare is black, and so is apart from the ten colours of the folders.
    pair = {"eight steps by hand": "k--", "the same eight steps in dbt": "k-"}
    for name, seconds in lines.items():
        axes.loglog(sizes, seconds, pair.get(name, "-"), marker="o", label=f"{name} ({exponent(sizes, seconds):.2f})")
    axes.set_xlabel("follows")
    axes.set_ylabel("seconds (fitted exponent in the legend)")
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    figure.tight_layout()
    # Without a date, so that the same figures give the same file.
    figure.savefig(path, metadata={"Date": None})


def compared(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """Rows of both, and how far their sums are apart."""
    return f"{ours[0]:,} / {theirs[0]:,}, {abs(ours[1] - theirs[1]) / abs(theirs[1]):.0e}"


def results(runs: Sequence[dict[str, Any]], memory_limit: str) -> list[str]:
    """The lines of RESULTS.md."""
    sizes = [figures["follows"] for figures in runs]
    columns = [f"{size:,}" for size in sizes]
    gigabyte = 2**30

    def growth(seconds: Sequence[float]) -> list[str]:
        return [*(f"{value:.1f}" for value in seconds), f"{exponent(sizes, seconds):.2f}"]

    both = [(figures["dbt"], figures["by_hand"]) for figures in runs]
    matched = [(matched_seconds(figures), figures["by_hand"]["seconds"]) for figures in runs]
    peaks = [(ours["peak_bytes"], theirs["peak_bytes"]) for ours, theirs in both]
    checks = [[name, *(compared(ours["checks"][name], theirs["checks"][name]) for ours, theirs in both)] for name in CHECKS]
    seconds_of_model = [figures["dbt"]["model_seconds"] for figures in runs]
    last_seconds = {model: seconds for one in seconds_of_model for model, seconds in one.items()}
    slowest = sorted(last_seconds, key=lambda model: -last_seconds[model])[:20]
    left_out = [
        f" At {figures['follows']:,} follows without {', '.join(figures['without'])} and what reads them."
        for figures in runs
        if figures["without"]
    ]
    return [
        "# The pipeline on generated networks",
        "",
        f"`benchmarks/pipeline/run.py` wrote this page on {machine()}, DuckDB {duckdb.__version__}, two threads, memory limit "
        f"{memory_limit}. There are as many engagements as follows. Load averages while measuring (2 means two busy cores): "
        + ", ".join(f"{figures['load_average']:.1f}" for figures in runs)
        + "."
        + "".join(left_out)
        + (BUSY if max(figures["load_average"] for figures in runs) > BUSY_LOAD else ""),
        "",
        "![Growth](growth.svg)",
        "",
        "## The whole pipeline",
        "",
        *table(
            ["follows", *columns, "exponent"],
            [
                ["generating the data, s", *growth([figures["generated_seconds"] for figures in runs])],
                ["`dbt run`, wall s", *growth([figures["dbt"]["wall_seconds"] for figures in runs])],
                ["`dbt run`, processor s", *growth([figures["dbt"]["cpu_seconds"] for figures in runs])],
                ["peak memory, GB", *(f"{figures['dbt']['peak_bytes'] / gigabyte:.1f}" for figures in runs), ""],
                ["database, GB", *(f"{figures['dbt']['database_bytes'] / gigabyte:.2f}" for figures in runs), ""],
            ],
        ),
        "Seconds of the models of each folder, of the models that every size has:",
        "",
        *table(["step", *columns, "exponent"], [[step, *growth(taken)] for step, taken in step_seconds(runs).items()]),
        "Slowest models; nan where a size leaves it out:",
        "",
        *table(
            ["model", *columns, "exponent"],
            [[model, *growth([seconds.get(model, math.nan) for seconds in seconds_of_model])] for model in slowest],
        ),
        "## Beside the same steps by hand",
        "",
        "Cells are seconds of dbt / seconds of `by_hand.py`, which ran right after dbt with scipy, sparse_dot_topn, polars and "
        "igraph. The script keeps nothing and counts no rejected rows. It computes 5 of the 8 candidate recipes and none of the other "
        "engagement pairs. Its communities are one Leiden run at one resolution; dbt also searches for the number of communities "
        "asked for.",
        "",
        *table(
            ["step", *columns],
            [[step, *(f"{ours[step]:.1f} / {theirs[step]:.1f}" for ours, theirs in matched)] for step in MODELS_OF_STEP]
            + [["all eight", *(f"{sum(ours.values()):.1f} / {sum(theirs.values()):.1f}" for ours, theirs in matched)]]
            + [["peak memory, GB", *(f"{ours / gigabyte:.1f} / {theirs / gigabyte:.1f}" for ours, theirs in peaks)]],
        ),
        "Rows of dbt / by hand, and how far the sums of their scores are apart:",
        "",
        *table(["table", *columns], checks),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--follows", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--work", type=Path, default=Path("data/benchmarks/pipeline"))
    parser.add_argument("--memory-limit", default="8GB")
    parser.add_argument("--follower-cap", type=int, default=5000, help="similarity_follower_cap; 0: no sampling")
    parser.add_argument("--engine", default="kernel", help="of similarity and products: sql or kernel")
    parser.add_argument("--without", nargs="*", default=[], help="models left out, with all that read them")
    parser.add_argument("--again", action="store_true", help="measure also what is already measured")
    parser.add_argument("--output", type=Path, default=HERE)
    options = parser.parse_args(arguments)
    settings = (options.memory_limit, options.follower_cap, options.engine, options.without)
    runs = []
    is_warm = False
    for follows in sorted(options.follows):
        work = (options.work / str(follows)).resolve()
        kept = work / "figures.json"
        if options.again or not kept.is_file():
            if not is_warm:
                print("compiling kernels", flush=True)
                measure(WARM_UP_FOLLOWS, (options.work / "warm_up").resolve(), *settings)
                is_warm = True
            print(f"measuring {follows:,} follows", flush=True)
            figures = measure(follows, work, *settings)
            # Through JSON also the first time, so that a pair reads the same.
            kept.write_text(json.dumps(figures, indent=1))
        runs.append(json.loads(kept.read_text()))
    plot(runs, options.output / "growth.svg")
    write_page(options.output / "RESULTS.md", results(runs, options.memory_limit))
    return 0


if __name__ == "__main__":
    sys.exit(main())
