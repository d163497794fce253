"""A throw-away dbt project of community_sweeps models, built in a folder of its own from this repository's macros."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
from dbt_command import PROJECT, run_dbt, start_dbt

MACROS = PROJECT / "macros"
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
    [
        ("graph_name", pa.string()),
        ("producer_id", pa.int64()),
        ("neighbor_producer_id", pa.int64()),
        ("edge_weight", pa.float64()),
    ]
)

SWEEPS_ALONE = {"community_moves": False, "communities_k": 1}

Edges = tuple[Sequence[int], Sequence[int], Sequence[float]]
"""Producer ids of the two ends and weights: three columns of equal length."""


class CommunitiesProject:
    """One DuckDB file, a table `given_edges` of named graphs, and one model per graph."""

    def __init__(self, folder: Path, memory_limit: str = "2GB") -> None:
        self.folder = Path(folder)
        self.database = self.folder / "communities.duckdb"
        duckdb_target = {
            "type": "duckdb",
            "path": str(self.database),
            "threads": 1,
            "settings": {"memory_limit": memory_limit, "threads": 2},
        }
        _write_json(
            self.folder / "profiles.yml",
            {"communities": {"target": "duckdb", "outputs": {"duckdb": duckdb_target}}},
        )
        _write_json(
            self.folder / "dbt_project.yml",
            {
                "name": "simclusters",
                "version": "1.0.0",
                "profile": "communities",
                "macro-paths": [str(MACROS / folder) for folder in MACRO_FOLDERS],
                "flags": {"send_anonymous_usage_stats": False},
            },
        )

    def write_edges(self, graphs: dict[str, Edges]) -> None:
        """Replace the input by these graphs, by name."""
        columns = {"graph_name": [], "producer_id": [], "neighbor_producer_id": [], "edge_weight": []}
        for name, (sources, targets, weights) in graphs.items():
            columns["graph_name"].extend([name] * len(sources))
            columns["producer_id"].extend(sources)
            columns["neighbor_producer_id"].extend(targets)
            columns["edge_weight"].extend(weights)
        given_edges = pa.table(columns, schema=EDGE_SCHEMA)
        with duckdb.connect(str(self.database)) as connection:
            connection.register("new_edges", given_edges)
            connection.execute("create or replace table given_edges as from new_edges")

    def write_models(
        self, settings_by_graph: dict[str, dict], *, full_refresh: bool = False, **model_config
    ) -> list[str]:
        """Write a model per graph, with its settings as `meta`; return the arguments of dbt. Other options go to every model.

        The sweeps run alone unless the settings say otherwise.
        """
        shutil.rmtree(self.folder / "models", ignore_errors=True)
        (self.folder / "models").mkdir()
        for name, settings in settings_by_graph.items():
            (self.folder / "models" / f"{name}.sql").write_text(MODEL.format(name=name, meta=SWEEPS_ALONE | settings))
        if model_config:
            models = [{"name": name, "config": model_config} for name in settings_by_graph]
            _write_json(self.folder / "models" / "models.yml", {"version": 2, "models": models})
        refresh = ["--full-refresh"] if full_refresh else []
        return ["run", "--project-dir", str(self.folder), "--profiles-dir", str(self.folder), *refresh]

    def start(self, settings_by_graph: dict[str, dict], **options) -> subprocess.Popen:
        """Start building the models in a process of its own, which can be killed or measured."""
        return start_dbt(self.write_models(settings_by_graph, **options), self.folder, {})

    def build(self, settings_by_graph: dict[str, dict], **options) -> str:
        """Build the models; return the log, or raise RuntimeError with it."""
        outcome = run_dbt(self.write_models(settings_by_graph, **options), self.folder, {})
        log = outcome.output + outcome.error
        if not outcome.success:
            raise RuntimeError(log)
        return log

    def rows(self, graph: str) -> list[tuple]:
        """All rows of a model's table, ordered: (as_of as text, producer_id, cluster_id)."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(
                f"select cast(as_of as varchar), producer_id, cluster_id from {graph} order by all"
            ).fetchall()

    def communities(self, graph: str, as_of: str) -> dict[int, int]:
        """Cluster id of each producer in a community, of one run."""
        return {producer: cluster for time, producer, cluster in self.rows(graph) if time.startswith(as_of)}

    def table_names(self) -> set[str]:
        """Every table in the file: what a run leaves behind."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}


def _write_json(path: Path, value: object) -> None:
    """JSON is YAML, and needs no quoting rules."""
    path.write_text(json.dumps(value, indent=2))
