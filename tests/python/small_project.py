"""A dbt project of a few models, built in a folder of its own from this repository's macros."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, ClassVar

import duckdb
from dbt.parser.manifest import PARTIAL_PARSE_FILE_NAME
from dbt_command import PROJECT, Outcome, run_dbt, start_dbt


class SmallProject:
    """One DuckDB file and the files of a project around it.

    Most of a project is the macros. So the others of a class begin with what dbt knows of the first, and it parses what differs.
    """

    parsed: ClassVar[dict[type, Path]] = {}

    def __init__(self, folder: Path, database: Path, macro_folders: list[str]) -> None:
        self.folder, self.database, self.macro_folders = Path(folder), database, macro_folders

    def write_profile(self, **settings) -> None:
        """Connection settings of DuckDB, beside two threads."""
        # As seen from the folder: with another path, dbt parses everything again.
        path = os.path.relpath(self.database, self.folder)
        output = {"type": "duckdb", "path": path, "threads": 1, "settings": {"threads": 2, **settings}}
        profile = {"target": "duckdb", "outputs": {"duckdb": output}}
        write_json(self.folder / "profiles.yml", {"small": profile})

    def write_project(self, **more) -> None:
        """The project file; ``more`` are further keys of it."""
        project = {
            "name": "simclusters",
            "version": "1.0.0",
            "profile": "small",
            "macro-paths": [str(PROJECT / "macros" / folder) for folder in self.macro_folders],
            "flags": {"send_anonymous_usage_stats": False},
        }
        write_json(self.folder / "dbt_project.yml", project | more)

    def run_dbt(self, *arguments: str, manifest: Any = None) -> Outcome:
        """A dbt command in this process; ``manifest`` is the project as it was parsed before."""
        return run_dbt([*arguments, *self._paths()], self.folder, {}, manifest)

    def start_dbt(self, *arguments: str) -> subprocess.Popen:
        """Start dbt in a process of its own, which can be killed or measured."""
        return start_dbt([*arguments, *self._paths()], self.folder, {})

    def _paths(self) -> list[str]:
        """What names the project to dbt, after it was given what there is to begin with."""
        parsed = self.folder / "target" / PARTIAL_PARSE_FILE_NAME
        first = self.parsed.setdefault(type(self), parsed)
        if first.exists() and not parsed.exists():
            parsed.parent.mkdir(exist_ok=True)
            shutil.copy(first, parsed)
        return ["--project-dir", str(self.folder), "--profiles-dir", str(self.folder)]

    def execute(self, sql: str, **relations) -> None:
        """Run a statement, on Arrow tables by name."""
        with duckdb.connect(str(self.database)) as connection:
            for name, relation in relations.items():
                connection.register(name, relation)
            connection.execute(sql)

    def query(self, sql: str) -> list[tuple]:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def table_names(self) -> set[str]:
        """Every table in the file: what a run leaves behind."""
        return {name for (name,) in self.query("select table_name from duckdb_tables()")}


def write_json(path: Path, value: object) -> None:
    """JSON is YAML, and needs no quoting rules."""
    path.write_text(json.dumps(value, indent=2))
