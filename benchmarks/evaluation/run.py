"""Puts other partitions of the same producers through the models that judge ours, and writes RESULTS.md.

    pip install -e . -r benchmarks/requirements.txt
    python benchmarks/evaluation/run.py --datasets FOLDER [--work FOLDER] [NAME ...]

Names: sample, ciao, snap_slashdot0902. Each is built up to `cluster_quality_summary` and `bipartite_cluster_quality`. Then, in
copies of the database, the communities that were found are replaced by those of another method and everything after them is run
again: the scores of members, the interests and the metrics are made by the same models.

- random: our communities, with the producers dealt out anew; the floor.
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
import yaml

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "datasets")]

import load  # noqa: E402  (scripts beside this one)
from measure import WITHOUT_TESTS, dbt, machine, query  # noqa: E402
from pages import table, write_page  # noqa: E402

SEED = 7
DATA_SETS = ("sample", "ciao", "snap_slashdot0902")
REPORTS = ("+cluster_quality_summary", "+bipartite_cluster_quality")
# Halvings of the resolution's logarithm: the number of communities is then as near as Leiden comes.
RESOLUTION_STEPS = 12
METRICS = """
select
    cluster_count, singleton_cluster_count, largest_cluster_share,
    weighted_recall, modularity, relative_precision, weight_score_correlation,
    (select avg(follow_recall_of_incoming) from bipartite_cluster_quality),
    (select avg(follow_recall_of_outgoing) from bipartite_cluster_quality),
    (select avg(relative_precision) from bipartite_cluster_quality)
from cluster_quality_summary
"""
COLUMNS = (
    *("method", "communities", "of one", "largest share", "recall", "modularity", "relative precision", "correlation"),
    *("follows of members explained", "follows of consumers explained", "bipartite precision"),
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


METHODS: dict[str, Callable[[Graph], tuple[np.ndarray, np.ndarray]]] = {
    "random, our sizes": dealt_out,
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
    """The vars of a data set, whose tables are written to the folder. Raises load.DataAbsent."""
    if name == "sample":
        return {}
    load.write_tables(load.DATA_SETS[name](datasets / name), folder)
    return yaml.safe_load((HERE.parent / "datasets" / f"{name}.yml").read_text()) | {"input_dir": str(folder)}


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
        rows[method] = query(other, METRICS)[0]
    rows["ours"] = query(ours, METRICS)[0]

    cells = [
        # Adding 0 makes a plain zero of what rounds to minus zero.
        [method, f"{count:,}", f"{singletons:,}", *(f"{round(number, 3) + 0:.3f}" for number in numbers)]
        for method, (count, singletons, *numbers) in rows.items()
    ]
    lines = [f"## {name}", "", f"{len(graph.producer_ids):,} producers, {len(graph.weight):,} edges.", ""]
    return [*lines, *table(COLUMNS, cells), *(HERE / f"{name}.reading.md").read_text().splitlines(), ""]


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
