"""dbt, run in this process, since one of its own would import dbt anew each time; or started in one, to be killed or measured."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner


@dataclass
class Outcome:
    """What a dbt command did: whether it succeeded, all that it printed, the error that ended it (empty when none did)."""

    success: bool
    output: str
    error: str
    manifest: Any = None


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
        for name, value in {**environment, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}.items():
            patch.setenv(name, value)
        result = dbtRunner(manifest=manifest, callbacks=[keep_line]).invoke(arguments)
    parsed = result.result if arguments[0] == "parse" else None
    outcome = Outcome(result.success, "\n".join(lines), str(result.exception or ""), parsed)
    # The traceback of an error holds a connection, and DuckDB lets nobody else in while one is open.
    del result
    DuckDBConnectionManager.close_all_connections()
    gc.collect()
    return outcome


def start_dbt(arguments: list[str], folder: Path, environment: Mapping[str, str]) -> subprocess.Popen:
    """Start a dbt command as a process of its own; all that it prints can be read from ``stdout``."""
    return subprocess.Popen(
        [sys.executable, "-m", "dbt.cli.main", *arguments],
        cwd=folder,
        env={**os.environ, **environment, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
