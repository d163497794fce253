"""dbt, run in this process, since one of its own would import dbt anew each time; or started in one, to be killed or measured."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.compilation import Linker
from dbt.contracts.graph.manifest import Manifest
from dbt.parser.manifest import PARTIAL_PARSE_FILE_NAME, extended_mashumuro_decoder

PROJECT = Path(__file__).resolve().parents[2]
# dbt writes the name of the database, which is the stem of the file, into the parsed project and into views, so all share one.
DATABASE_FILE = "simclusters.duckdb"
# As in the commands.
gc.set_threshold(50_000, 20, 100)
# Each command looks for cycles in the same project, a quarter of a short command. `make test-build` does so once.
Linker.find_cycles = lambda self: None
# What it is, it writes to a file that nobody reads.
Linker.get_graph_summary = lambda self, manifest: {}
# Half the time of a short command goes into files: a log of every statement, and a description of the whole project.
WITHOUT_FILES = {"DBT_LOG_LEVEL_FILE": "none", "DBT_WRITE_JSON": "false"}


@dataclass
class Outcome:
    """What a dbt command did: whether it succeeded, all that it printed, the error that ended it (empty when none did).

    By name of node: the status, and the SQL that was compiled.
    """

    success: bool
    output: str
    error: str
    manifest: Any = None
    status: dict[str, str] = field(default_factory=dict)
    compiled: dict[str, str] = field(default_factory=dict)


def run_dbt(arguments: list[str], folder: Path, environment: Mapping[str, str], manifest: Any = None) -> Outcome:
    """Run a dbt command in a working directory, with variables of the environment. Two may not run at the same time.

    ``manifest`` is a project that was parsed before; the command ``parse`` returns one.
    """
    lines: list[str] = []

    def keep_line(event: Any) -> None:
        if event.info.level != "debug":
            lines.append(event.info.msg)

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, value in {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", **WITHOUT_FILES, **environment}.items():
            patch.setenv(name, value)
        result = dbtRunner(manifest=manifest, callbacks=[keep_line]).invoke(arguments)
    outcome = Outcome(result.success, "\n".join(lines), str(result.exception or ""))
    if arguments[0] == "parse":
        outcome.manifest = result.result
    for one in getattr(result.result, "results", None) or ():
        # Hooks and operations are results too, and no node of the project.
        if getattr(getattr(one, "node", None), "resource_type", "operation") != "operation":
            outcome.status[one.node.unique_id.split(".")[2]] = str(one.status)
            outcome.compiled[one.node.unique_id.split(".")[2]] = getattr(one.node, "compiled_code", None)
    # The traceback of an error holds a connection, and DuckDB lets nobody else in while one is open.
    del result
    DuckDBConnectionManager.close_all_connections()
    gc.collect()
    return outcome


def start_dbt(arguments: list[str], folder: Path, environment: Mapping[str, str], parsed: Path | None = None) -> subprocess.Popen:
    """Start a dbt command as a process of its own; all that it prints can be read from ``stdout``.

    ``parsed`` is the target folder of the same project, parsed before.
    """
    command = [sys.executable, __file__, str(parsed or "")]
    return subprocess.Popen(
        [*command, *arguments],
        cwd=folder,
        env={**os.environ, **environment, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def read_manifest(target: Path) -> Manifest:
    """The project as dbt has left it, parsed, in a target folder: in a tenth of the time of parsing it."""
    manifest = Manifest.from_msgpack((target / PARTIAL_PARSE_FILE_NAME).read_bytes(), extended_mashumuro_decoder)
    manifest.build_flat_graph()
    # Each command ends with a collection, which passes over what is frozen.
    gc.freeze()
    return manifest


class Warehouse:
    """A DuckDB file in a folder of its own, and dbt on it. Two warehouses may not run dbt at the same time."""

    def __init__(self, folder: Path, manifest: Any = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.database = folder / DATABASE_FILE
        self.manifest = manifest
        self.project = PROJECT
        self.variables: dict[str, Any] = {}

    def parse_part(self, *folders: str, variables: dict[str, Any] | None = None) -> None:
        """Parse only these folders of models/, for vars that change the shape of the project: a third of the work."""
        self.project = self.folder / "part"
        (self.project / "tests").mkdir(parents=True)
        (self.project / "models").mkdir()
        for name in ("dbt_project.yml", "profiles.yml", "macros", "python_udfs", "seeds", "tests/generic", "tests/fixtures"):
            (self.project / name).symlink_to(PROJECT / name)
        # dbt does not follow links below models/.
        for folder in folders:
            shutil.copytree(PROJECT / "models" / folder, self.project / "models" / folder)
        for path in [*(PROJECT / "models").glob("*.md"), PROJECT / "models" / "_groups.yml"]:
            shutil.copy(path, self.project / "models")
        self.build("parse", variables=variables)

    def arguments(self, *arguments: str, variables: dict[str, Any] | None = None) -> list[str]:
        """A dbt command with what names the project, the folder, and the vars."""
        return [
            *arguments,
            *("--project-dir", str(self.project), "--profiles-dir", str(PROJECT)),
            *("--target-path", str(self.folder / "target"), "--log-path", str(self.folder / "logs")),
            *("--vars", yaml.safe_dump(self.variables | (variables or {})), "--no-partial-parse"),
        ]

    def environment(self, threads: int = 2) -> dict[str, str]:
        return {
            "SIMCLUSTERS_DATABASE": str(self.database),
            "SIMCLUSTERS_MODELS_AT_ONCE": str(threads),
            "SIMCLUSTERS_THREADS": str(threads),
            "SIMCLUSTERS_MEMORY_LIMIT": "2GB",
        }

    def dbt(self, *arguments: str, variables: dict[str, Any] | None = None, threads: int = 2) -> Outcome:
        """Run a dbt command, with ``variables`` beside those of the warehouse.

        The project is parsed once for all tests; vars that change its shape need a command ``parse`` first.
        """
        is_parse = arguments[0] == "parse"
        describes_project = arguments[0] in ("parse", "build", "docs")
        environment = self.environment(threads) | {"DBT_WRITE_JSON": str(describes_project)}
        # Python models are imported from a folder relative to the working directory.
        command = self.arguments(*arguments, variables=variables)
        outcome = run_dbt(command, self.project, environment, None if is_parse else self.manifest)
        self.manifest = outcome.manifest or self.manifest
        return outcome

    def build(self, *arguments: str, **options: Any) -> None:
        """Run a dbt command that must succeed."""
        outcome = self.dbt(*arguments, **options)
        assert outcome.success, outcome.output + outcome.error

    def start(self, *arguments: str, parsed: Path) -> subprocess.Popen:
        """Start dbt as a process of its own; ``parsed`` is the target folder of the project as it was parsed."""
        return start_dbt(self.arguments(*arguments), PROJECT, self.environment(), parsed)

    def declare_inputs(self, kind: str, name: str) -> None:
        """Say that what is built came from here, as docs/runs.md says of inputs in a new place: else a run with other inputs stops."""
        self.execute(f"update runs set input_kind = '{kind}', input_name = '{name}'")

    def execute(self, sql: str) -> None:
        """Run a statement on the database."""
        with duckdb.connect(str(self.database)) as connection:
            connection.execute(sql)

    def query(self, sql: str) -> list[tuple]:
        """Rows of a query on the database."""
        return self.queries([sql])[0]

    def queries(self, statements: Iterable[str]) -> list[list[tuple]]:
        """Rows of each query; to open the database takes longer than a small one."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return [connection.execute(sql).fetchall() for sql in statements]

    def copy(self, folder: Path) -> Warehouse:
        """The same database in another folder."""
        copied = Warehouse(folder, self.manifest)
        copied.variables, copied.project = dict(self.variables), self.project
        shutil.copy(self.database, copied.database)
        return copied


if __name__ == "__main__":
    outcome = dbtRunner(manifest=read_manifest(Path(sys.argv[1])) if sys.argv[1] else None).invoke(sys.argv[2:])
    sys.exit(0 if outcome.success else 1)
