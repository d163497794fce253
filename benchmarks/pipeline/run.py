"""The main steps of the pipeline by dbt and by hand, on generated networks of growing size; writes RESULTS.md.

    python benchmarks/pipeline/run.py [--follows 100000 1000000 10000000] [--work FOLDER] [--memory-limit 8GB]

Each size has as many engagements as follows and a user for twelve follows. dbt builds the models of the steps, and all that they
read, from an empty database, one model at a time. The script by_hand.py runs right after it, in a process of its own. Both have the
same recipes. Figures of a size stay in the work folder and are measured again only with --again.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from measure import FOLLOWS_PER_USER, dbt, exponent, machine, process, query  # noqa: E402  (scripts in the folder above)
from pages import table, write_page  # noqa: E402

from simclusters.sample.parameters import SampleParameters  # noqa: E402
from simclusters.sample.writing import write_sample  # noqa: E402

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
    "graph": ["int_fav_states", "int_user_producer_edges", "producers", "int_cut_edges"],
    "similarity": ["int_eligible_follows", "int_producer_neighbors", "producer_similarity_edges"],
    "communities": ["int_community_edges", "int_communities_kernel"],
    "interested_in": ["int_consumer_cluster_scores", "interested_in"],
    "producer_embeddings": ["int_interest_norms", "int_producer_scores", "producer_embeddings", "cluster_top_producers"],
    "tweet_embeddings": ["int_engagement_pairs", "tweet_embeddings"],
    "tweet_candidates": [
        "int_hidden_tweets",
        *("int_tweet_candidate_interests", "int_tweet_candidate_weights", "int_tweet_lookup_scales"),
        "int_tweet_candidates",
    ],
}
LAST_MODELS = ["tweet_candidates", "producer_embeddings", "cluster_top_producers"]
# Recipes that by_hand.py does not compute.
LEFT_OUT = {
    "engagement_pair_recipes": "pair_name <> 'fav_day'",
    "candidate_recipes": """
        embedding_type is null
        or embedding_type not in (select embedding_type from tweet_embedding_recipes where pair_name = 'fav_day')
    """,
    "aggregatable_producer_recipes": "true",
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
    "tweet_candidates": "select count(*), sum(log_cosine_score) from tweet_candidates",
}


def run_by_hand(inputs: Path, known_for: Path, result: Path) -> dict[str, Any]:
    """Runs by_hand.py in a process of its own; adds its wall seconds and peak memory to what it reports."""
    command = [sys.executable, str(HERE / "by_hand.py"), str(inputs), str(known_for), str(result)]
    measured = process(command, result.with_suffix(".log"), {"POLARS_MAX_THREADS": "2"})
    if measured.exit_code != 0:
        raise RuntimeError(measured.output)
    taken = {name: getattr(measured, name) for name in ("wall_seconds", "cpu_seconds", "peak_bytes")}
    return json.loads(result.read_text()) | taken


def measure(follows: int, work: Path, memory_limit: str) -> dict[str, Any]:
    """Figures of one size: dbt, and the steps by hand."""
    shutil.rmtree(work, ignore_errors=True)
    parameters = SampleParameters(users=follows // FOLLOWS_PER_USER, follows=follows, engagements=follows)
    write_sample(parameters, work / "inputs", "parquet")
    # by_hand.py does not apply opt-outs.
    (work / "inputs" / "opt_outs.parquet").unlink()

    variables = {
        "input_dir": str(work / "inputs"),
        "communities_k": parameters.community_count,
        # As by_hand.py, which resolves nothing, compares producers by all followers, and makes every recipe for everybody.
        "minimum_active_followers": 5,
        "producer_embedding_minimum_audience": 5,
        "similarity_follower_cap": 0,
        "evaluation_maximum_consumers": follows,
    }
    dbt("seed", folder=work, variables=variables, memory_limit=memory_limit)
    with duckdb.connect(str(work / "simclusters.duckdb")) as connection:
        for seed, is_left_out in LEFT_OUT.items():
            connection.execute(f"delete from {seed} where {is_left_out}")
    selected = (f"+{model}" for model in LAST_MODELS)
    build = dbt("run", "--select", *selected, folder=work, variables=variables, memory_limit=memory_limit)
    known_for = work / "known_for.parquet"
    query(work, f"copy (select producer_id, cluster_id, known_for_score from known_for) to '{known_for}'")
    figures = {
        "follows": follows,
        "load_average": os.getloadavg()[1],
        "dbt": {
            **dataclasses.asdict(build),
            "database_bytes": (work / "simclusters.duckdb").stat().st_size,
            "checks": {table_name: query(work, sql)[0] for table_name, sql in CHECKS.items()},
        },
        "by_hand": run_by_hand(work / "inputs", known_for, work / "by_hand.json"),
    }
    shutil.rmtree(work / "inputs")
    (work / "simclusters.duckdb").unlink()
    return figures


def matched_seconds(figures: dict[str, Any]) -> dict[str, float]:
    """Seconds of the models that match each step of by_hand.py."""
    model_seconds = figures["dbt"]["model_seconds"]
    return {step: sum(model_seconds[model] for model in models) for step, models in MODELS_OF_STEP.items()}


def compared(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """Rows of both, and how far their sums are apart."""
    return f"{ours[0]:,} / {theirs[0]:,}, {abs(ours[1] - theirs[1]) / abs(theirs[1]):.0e}"


def results(runs: Sequence[dict[str, Any]], memory_limit: str) -> list[str]:
    """The lines of RESULTS.md."""
    sizes = [figures["follows"] for figures in runs]
    columns = [f"{size:,}" for size in sizes]
    gigabyte = 2**30
    both = [(figures["dbt"], figures["by_hand"]) for figures in runs]
    matched = [(matched_seconds(figures), figures["by_hand"]["seconds"]) for figures in runs]
    all_steps = [(sum(ours.values()), sum(theirs.values())) for ours, theirs in matched]
    all_models = [sum(ours["model_seconds"].values()) for ours, _ in both]
    others = [total - ours for total, (ours, _) in zip(all_models, all_steps, strict=True)]
    around = [ours["wall_seconds"] - total for (ours, _), total in zip(both, all_models, strict=True)]
    peaks = [(ours["peak_bytes"], theirs["peak_bytes"]) for ours, theirs in both]
    checks = [[name, *(compared(ours["checks"][name], theirs["checks"][name]) for ours, theirs in both)] for name in CHECKS]
    seconds_of_model = [figures["dbt"]["model_seconds"] for figures in runs]
    slowest = sorted(seconds_of_model[-1], key=lambda model: (-seconds_of_model[-1][model], model))[:20]

    def growth(seconds: Sequence[float]) -> list[str]:
        return [*(f"{value:.1f}" for value in seconds), "" if len(sizes) < 2 else f"{exponent(sizes, seconds):.2f}"]

    return [
        "# The main steps in dbt and by hand",
        "",
        f"`benchmarks/pipeline/run.py` wrote this page on {machine()}, DuckDB {duckdb.__version__}, two threads, memory limit "
        f"{memory_limit}. There are as many engagements as follows. Load averages while measuring (2 means two busy cores): "
        + ", ".join(f"{figures['load_average']:.1f}" for figures in runs)
        + "."
        + (BUSY if max(figures["load_average"] for figures in runs) > BUSY_LOAD else ""),
        "",
        "Cells are seconds of dbt / seconds of `by_hand.py`, which ran right after dbt with scipy, sparse_dot_topn, polars and "
        "igraph. Both have the same recipes. The script keeps nothing and counts no rejected rows. Its communities are one Leiden run "
        "at one resolution; dbt also searches for the number of communities asked for.",
        "",
        *table(
            ["step", *columns],
            [[step, *(f"{ours[step]:.1f} / {theirs[step]:.1f}" for ours, theirs in matched)] for step in MODELS_OF_STEP]
            + [["all eight", *(f"{ours:.1f} / {theirs:.1f}" for ours, theirs in all_steps)]]
            + [["dbt over the script", *(f"{ours / theirs:.1f}" for ours, theirs in all_steps)]]
            + [["other models that these read", *(f"{seconds:.1f}" for seconds in others)]]
            + [["parsing, hooks and the start of dbt", *(f"{seconds:.1f}" for seconds in around)]]
            + [["peak memory, GB", *(f"{ours / gigabyte:.1f} / {theirs / gigabyte:.1f}" for ours, theirs in peaks)]],
        ),
        "Rows of dbt / by hand, and how far the sums of their scores are apart:",
        "",
        *table(["table", *columns], checks),
        "Seconds of the slowest models:",
        "",
        *table(
            ["model", *columns, "exponent"],
            [[model, *growth([seconds.get(model, math.nan) for seconds in seconds_of_model])] for model in slowest],
        ),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--follows", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--work", type=Path, default=Path("data/benchmarks/pipeline"))
    parser.add_argument("--memory-limit", default="8GB")
    parser.add_argument("--again", action="store_true", help="measure also what is already measured")
    options = parser.parse_args(arguments)
    runs = []
    is_warm = False
    for follows in sorted(options.follows):
        work = (options.work / str(follows)).resolve()
        kept = work / "figures.json"
        if options.again or not kept.is_file():
            if not is_warm:
                print("compiling kernels", flush=True)
                measure(WARM_UP_FOLLOWS, (options.work / "warm_up").resolve(), options.memory_limit)
                is_warm = True
            print(f"measuring {follows:,} follows", flush=True)
            figures = measure(follows, work, options.memory_limit)
            # Through JSON also the first time, so that a pair reads the same.
            kept.write_text(json.dumps(figures, indent=1))
        runs.append(json.loads(kept.read_text()))
    write_page(HERE / "RESULTS.md", results(runs, options.memory_limit))
    return 0


if __name__ == "__main__":
    sys.exit(main())
