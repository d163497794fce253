"""Puts other partitions of the same producers through the models that judge ours, and writes RESULTS.md.

    pip install -e . -r benchmarks/requirements.txt
    python benchmarks/evaluation/run.py --datasets FOLDER [--work FOLDER] [NAME ...]

Names: sample, lastfm, ciao, slashdot. A tenth of the follows is held out. Each is built up to `cluster_quality_summary`,
`bipartite_cluster_quality` and `producer_candidates`. Then, in copies of the database, the communities that were found are replaced
by those of another method and everything after them is run again: the scores of members, the interests, the metrics and the
recommendations are made by the same models. Recall@20 is of the held out follows: by communities alone (`plain`) and as recommended.

- random: our communities, with the producers dealt out anew; the floor.
- the sampler alone: our sweeps without moves of communities, as published, at the weight that gives as many communities as ours.
- label propagation (igraph), on the same weighted edges.
- Leiden, modularity (igraph), which chooses the number of communities itself.
- Leiden, CPM (leidenalg), at the resolution that gives as many communities as ours: the same kind of objective, another search.
"""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import igraph
import leidenalg
import numpy as np
import pyarrow as pa

from simclusters.communities import Settings, detect_communities

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "datasets"), str(HERE.parent / "recommendation")]

import load  # noqa: E402  (scripts beside this one)
from hold_outs import DATA, held_out, matrices, own_lists  # noqa: E402
from measure import WITHOUT_TESTS, dbt, machine, query  # noqa: E402
from pages import table, write_page  # noqa: E402
from peers import measured  # noqa: E402

SEED = 7
DATA_SETS = ("sample", "lastfm", "ciao", "slashdot")
REPORTS = ("+cluster_quality_summary", "+bipartite_cluster_quality", "+producer_candidates", "stg_held_out_follows")
SEED_OF_HOLD_OUT = "1"
# Halvings of the resolution's logarithm: the number of communities is then as near as Leiden comes.
RESOLUTION_STEPS = 12
METRICS = """
select
    cluster_count, singleton_cluster_count, largest_cluster_share,
    weighted_recall, modularity, relative_precision, weight_score_correlation,
    (select avg(follow_recall_of_incoming) from bipartite_cluster_quality),
    (select avg(follow_recall_of_outgoing) from bipartite_cluster_quality),
    (select avg(relative_precision) from bipartite_cluster_quality),
    (select count(distinct consumer_id) / (select count(distinct consumer_id) from stg_follows) from interested_in)
from cluster_quality_summary
"""
COLUMNS = (
    *("method", "communities", "of one", "largest share", "recall", "modularity", "relative precision", "correlation"),
    *("follows of members explained", "follows of consumers explained", "bipartite precision"),
    *("consumers interested", "recall@20, communities alone", "recall@20, default"),
)


class Graph:
    """The similarity graph that the communities were found on, and the ones that were found."""

    def __init__(self, database: Path) -> None:
        with duckdb.connect(str(database), read_only=True) as connection:
            edges = connection.execute(
                "select producer_id, neighbor_producer_id, edge_weight from int_community_edges order by 1, 2"
            ).fetchnumpy()
            found = connection.execute(
                "select producer_id, cluster_id from known_for_before_opt_outs order by producer_id"
            ).fetchnumpy()
        ends = np.concatenate([edges["producer_id"], edges["neighbor_producer_id"]])
        self.producer_ids, positions = np.unique(ends, return_inverse=True)
        self.weight = edges["edge_weight"]
        self.edges = edges["producer_id"], edges["neighbor_producer_id"], self.weight
        self.graph = igraph.Graph(n=len(self.producer_ids), edges=positions.reshape(2, -1).T)
        self.known_ids, self.known_clusters = found["producer_id"], found["cluster_id"]
        self.cluster_count = len(np.unique(self.known_clusters))


def dealt_out(graph: Graph) -> tuple[np.ndarray, np.ndarray]:
    return graph.known_ids, np.random.default_rng(SEED).permutation(graph.known_clusters)


def label_propagation(graph: Graph) -> tuple[np.ndarray, np.ndarray]:
    igraph.set_random_number_generator(random.Random(SEED))
    found = graph.graph.community_label_propagation(weights=graph.weight.tolist())
    return graph.producer_ids, np.array(found.membership) + 1


def leiden_modularity(graph: Graph) -> tuple[np.ndarray, np.ndarray]:
    igraph.set_random_number_generator(random.Random(SEED))
    found = graph.graph.community_leiden("modularity", weights=graph.weight.tolist(), n_iterations=-1)
    return graph.producer_ids, np.array(found.membership) + 1


def leiden_cpm(graph: Graph) -> tuple[np.ndarray, np.ndarray]:
    """Bisects the resolution until there are as many communities as ours."""
    low, high = 1e-6, float(graph.weight.max())
    best: Any = None
    for _ in range(RESOLUTION_STEPS):
        resolution = float(np.sqrt(low * high))
        found = leidenalg.find_partition(
            graph.graph,
            leidenalg.CPMVertexPartition,
            weights=graph.weight.tolist(),
            resolution_parameter=resolution,
            n_iterations=2,
            seed=SEED,
        )
        if best is None or abs(len(found) - graph.cluster_count) < abs(len(best) - graph.cluster_count):
            best = found
        if len(found) == graph.cluster_count:
            break
        low, high = (resolution, high) if len(found) < graph.cluster_count else (low, resolution)
    return graph.producer_ids, np.array(best.membership) + 1


def sampler_alone(graph: Graph) -> tuple[np.ndarray, np.ndarray]:
    """Bisects the weight until there are as many communities as ours."""
    low, high = 0.01, 10_000.0
    best: Any = None
    for _ in range(RESOLUTION_STEPS):
        weight = float(np.sqrt(low * high))
        settings = Settings(
            true_positive_weight=weight,
            community_moves=False,
            seed=SEED,
            epochs=8,
            blocks=2,
            start_temperature=0.25,
            cooling_ratio=0.7,
        )
        found = detect_communities(*graph.edges, settings)
        count = found.report.communities_found
        if best is None or abs(count - graph.cluster_count) < abs(best.report.communities_found - graph.cluster_count):
            best = found
        # A higher weight makes larger communities, hence fewer.
        low, high = (low, weight) if count < graph.cluster_count else (weight, high)
    is_known = best.cluster_ids > 0
    return best.producer_ids[is_known], best.cluster_ids[is_known]


METHODS: dict[str, Callable[[Graph], tuple[np.ndarray, np.ndarray]]] = {
    "random, our sizes": dealt_out,
    "the sampler alone": sampler_alone,
    "label propagation": label_propagation,
    "Leiden, modularity": leiden_modularity,
    "Leiden, CPM, our number": leiden_cpm,
}


def replace_communities(database: Path, producer_ids: np.ndarray, cluster_ids: np.ndarray) -> None:
    """Writes a partition where the engine writes its own."""
    partition = pa.table({"producer_id": producer_ids.astype(np.int64), "cluster_id": cluster_ids.astype(np.int64)})
    with duckdb.connect(str(database)) as connection:
        connection.register("partition", partition)
        connection.execute("delete from int_communities_kernel")
        connection.execute(
            "insert into int_communities_kernel select as_of, producer_id, cluster_id from partition cross join stg_as_of"
        )


def variables_of(name: str, datasets: Path, folder: Path) -> dict[str, Any]:
    """The vars of a data set, whose tables and held out follows are written to the folder. Raises load.DataAbsent."""
    variables = {"holdout_follows_file": str(folder.parent / "held_out.parquet")}
    tables = DATA[name](datasets)
    if name != "sample":
        load.write_tables(tables, folder)
        variables["input_dir"] = str(folder)
    load.write_tables({"held_out": held_out(name, datasets, tables["follows"], SEED_OF_HOLD_OUT)}, folder.parent)
    return variables


def figures(folder: Path) -> tuple:
    """The metrics of a build, and the recall of its recommendations."""
    _, asked, consumers, producers = matrices(folder)
    users = np.flatnonzero(np.diff(asked.indptr))
    recalls = (measured(own_lists(folder, kind, consumers, producers, users), asked)[0] for kind in ("plain", "default"))
    return *query(folder, METRICS)[0], *recalls


def section(name: str, variables: dict[str, Any], folder: Path) -> list[str]:
    """Builds a data set, judges every partition of it, and returns the table as lines of Markdown."""
    ours = folder / "ours"
    dbt("build", "--select", *REPORTS, *WITHOUT_TESTS, folder=ours, variables=variables)
    graph = Graph(ours / "simclusters.duckdb")
    rows = {}
    for method, find in METHODS.items():
        other = folder / method.replace(",", "").replace(" ", "_").lower()
        other.mkdir(parents=True, exist_ok=True)
        shutil.copy(ours / "simclusters.duckdb", other / "simclusters.duckdb")
        replace_communities(other / "simclusters.duckdb", *find(graph))
        after = ("--exclude", "+int_communities", "resource_type:seed")
        dbt("run", "--select", *REPORTS, *after, folder=other, variables=variables)
        rows[method] = figures(other)
        (other / "simclusters.duckdb").unlink()
    rows["ours"] = figures(ours)

    cells = [
        # Adding 0 makes a plain zero of what rounds to minus zero.
        [method, f"{count:,}", f"{singletons:,}", *(f"{round(number or 0, 4) + 0:.4g}" for number in numbers)]
        for method, (count, singletons, *numbers) in rows.items()
    ]
    lines = [f"## {name}", "", f"{len(graph.producer_ids):,} producers, {len(graph.weight):,} edges.", ""]
    reading = HERE / f"{name}.reading.md"
    notes = [*reading.read_text().splitlines(), ""] if reading.exists() else []
    return [*lines, *table(COLUMNS, cells), *notes]


@load.explains_absent_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry."""
    parser = load.command_line(__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *DATA_SETS], help="default all")
    parser.add_argument("--work", type=Path, default=Path("data/evaluation"), help="inputs and databases")
    parser.add_argument("--output", type=Path, default=HERE / "RESULTS.md")
    options = parser.parse_args(arguments)

    for name in options.names or DATA_SETS:
        folder = (options.work / name).resolve()
        variables = variables_of(name, options.datasets, folder / "input")
        (folder / "ours").mkdir(parents=True, exist_ok=True)
        write_page(folder / "section.md", section(name, variables, folder))

    lines = ["# Partitions, judged by the same models", "", f"Written by run.py; {machine()}.", ""]
    lines += (HERE / "reading.md").read_text().splitlines() + [""]
    # A data set that this run left out keeps its last table.
    kept = [options.work / name / "section.md" for name in DATA_SETS]
    lines += [line for file in kept if file.exists() for line in [*file.read_text().splitlines(), ""]]
    write_page(options.output, lines)
    print(options.output.read_text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
