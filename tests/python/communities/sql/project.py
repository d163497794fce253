"""A small project of community_sweeps models."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
from small_project import SmallProject, write_json

MACRO_FOLDERS = ["cross_db", "communities", "materializations"]

MODEL = """
{{{{ config(materialized = 'community_sweeps', meta = {meta}) }}}}

select
    producer_id,
    neighbor_producer_id,
    edge_weight

from {{{{ target.schema }}}}.given_edges

where graph_name = '{name}'
"""

EDGE_SCHEMA = pa.schema(
    [("graph_name", pa.string()), ("producer_id", pa.int64()), ("neighbor_producer_id", pa.int64()), ("edge_weight", pa.float64())]
)

SWEEPS_ALONE = {"community_moves": False, "communities_k": 1}

Edges = tuple[Sequence[int], Sequence[int], Sequence[float]]
"""Producer ids of the two ends and weights: three columns of equal length."""


class CommunitiesProject(SmallProject):
    """A table `given_edges` of named graphs, and one model per graph."""

    def __init__(self, folder: Path, memory_limit: str = "2GB") -> None:
        super().__init__(folder, Path(folder) / "communities.duckdb", MACRO_FOLDERS)
        self.write_profile(memory_limit=memory_limit)
        self.write_project()

    def write_edges(self, graphs: dict[str, Edges]) -> None:
        """Replace the input by these graphs, by name."""
        columns = {"graph_name": [], "producer_id": [], "neighbor_producer_id": [], "edge_weight": []}
        for name, (sources, targets, weights) in graphs.items():
            columns["graph_name"].extend([name] * len(sources))
            columns["producer_id"].extend(sources)
            columns["neighbor_producer_id"].extend(targets)
            columns["edge_weight"].extend(weights)
        self.write_edge_table(pa.table(columns, schema=EDGE_SCHEMA))

    def write_edge_table(self, edges: pa.Table) -> None:
        """Replace the input by rows of EDGE_SCHEMA."""
        self.execute("create or replace table given_edges as from new_edges", new_edges=edges)

    def write_models(self, settings_by_graph: dict[str, dict], *, full_refresh: bool = False, **model_config) -> list[str]:
        """Write a model per graph, with its settings as `meta`; return the arguments of dbt. Other options go to every model.

        The sweeps run alone unless the settings say otherwise.
        """
        shutil.rmtree(self.folder / "models", ignore_errors=True)
        (self.folder / "models").mkdir()
        for name, settings in settings_by_graph.items():
            (self.folder / "models" / f"{name}.sql").write_text(MODEL.format(name=name, meta=SWEEPS_ALONE | settings))
        if model_config:
            models = [{"name": name, "config": model_config} for name in settings_by_graph]
            write_json(self.folder / "models" / "models.yml", {"version": 2, "models": models})
        return ["run", *(["--full-refresh"] if full_refresh else [])]

    def start(self, settings_by_graph: dict[str, dict], **options) -> subprocess.Popen:
        """Start building the models in a process of its own, which can be killed or measured."""
        return self.start_dbt(*self.write_models(settings_by_graph, **options))

    def build(self, settings_by_graph: dict[str, dict], **options) -> str:
        """Build the models; return the log, or raise RuntimeError with it."""
        outcome = self.run_dbt(*self.write_models(settings_by_graph, **options))
        log = outcome.output + outcome.error
        if not outcome.success:
            raise RuntimeError(log)
        return log

    def rows(self, graph: str) -> list[tuple]:
        """All rows of a model's table, ordered: (as_of as text, producer_id, cluster_id)."""
        return self.query(f"select cast(as_of as varchar), producer_id, cluster_id from {graph} order by all")

    def communities(self, graph: str, as_of: str) -> dict[int, int]:
        """Cluster id of each producer in a community, of one run."""
        return {producer: cluster for time, producer, cluster in self.rows(graph) if time.startswith(as_of)}
