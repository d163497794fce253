"""A dbt project of one community_sweeps model, built in a folder of its own from this repository's macros."""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb

MACROS = Path(__file__).resolve().parents[3] / "macros"
MACRO_FOLDERS = ["cross_db", "communities", "materializations"]

MODEL = """
{{ config(materialized = 'community_sweeps') }}

select
    producer_id,
    neighbor_producer_id,
    edge_weight

from {{ target.schema }}.given_edges
"""


class CommunitiesProject:
    """One DuckDB file, one model `communities`, one table `given_edges` that it reads."""

    def __init__(self, folder, memory_limit="2GB"):
        self.folder = Path(folder)
        self.database = self.folder / "communities.duckdb"
        (self.folder / "models").mkdir()
        (self.folder / "models" / "communities.sql").write_text(MODEL)
        write_json(
            self.folder / "profiles.yml",
            {
                "communities": {
                    "target": "duckdb",
                    "outputs": {
                        "duckdb": {
                            "type": "duckdb",
                            "path": str(self.database),
                            "threads": 1,
                            "settings": {"memory_limit": memory_limit, "threads": 2},
                        }
                    },
                }
            },
        )

    def write_edges(self, edges):
        """Replace the model's input by (producer_id, neighbor_producer_id, edge_weight) rows."""
        with duckdb.connect(str(self.database)) as connection:
            connection.execute(
                "create or replace table given_edges "
                "(producer_id bigint, neighbor_producer_id bigint, edge_weight double)"
            )
            connection.executemany("insert into given_edges values (?, ?, ?)", edges)

    def command(self, meta, full_refresh=False, **model_config):
        """Write the project's settings and return the dbt command that builds the model."""
        model_settings = {f"+{name}": value for name, value in model_config.items()}
        write_json(
            self.folder / "dbt_project.yml",
            {
                "name": "simclusters",
                "version": "1.0.0",
                "profile": "communities",
                "macro-paths": [str(MACROS / folder) for folder in MACRO_FOLDERS],
                "models": {"simclusters": {"+meta": meta, **model_settings}},
                "flags": {"send_anonymous_usage_stats": False},
            },
        )
        return [
            *(sys.executable, "-m", "dbt.cli.main", "run"),
            *("--project-dir", str(self.folder), "--profiles-dir", str(self.folder)),
            *(["--full-refresh"] if full_refresh else []),
        ]

    def start(self, meta, **options):
        """Start a build and return its process."""
        return subprocess.Popen(
            self.command(meta, **options),
            cwd=self.folder,
            env={**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def build(self, meta, **options):
        """Build the model; return its log, or raise with it."""
        process = self.start(meta, **options)
        log, _ = process.communicate()
        if process.returncode:
            raise RuntimeError(log)
        return log

    def rows(self):
        """All rows of the table, ordered."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.sql(
                "select cast(as_of as varchar), producer_id, cluster_id from communities order by all"
            ).fetchall()

    def communities(self, as_of):
        """Cluster ids by producer of one run."""
        return {
            producer_id: cluster_id for row_as_of, producer_id, cluster_id in self.rows() if row_as_of.startswith(as_of)
        }

    def table_names(self):
        with duckdb.connect(str(self.database), read_only=True) as connection:
            rows = connection.sql("select table_name from duckdb_tables()").fetchall()
        return {name for (name,) in rows}


def write_json(path, value):
    """JSON is YAML, and needs no quoting rules."""
    path.write_text(json.dumps(value, indent=2))
