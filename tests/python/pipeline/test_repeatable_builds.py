"""The same input gives the same rows: any number of threads, built twice, or killed and built again."""

import os
import signal
import subprocess
import sys
import time

import pytest

from .tables import assert_equal_tables, public_tables


def run_dbt(warehouse, project_folder, *arguments, threads=2):
    """Start dbt as a process of its own on a warehouse."""
    environment = {
        **os.environ,
        "SIMCLUSTERS_DATABASE": str(warehouse.database),
        "SIMCLUSTERS_THREADS": str(threads),
        "SIMCLUSTERS_MODELS_AT_ONCE": str(threads),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_TARGET_PATH": str(warehouse.folder / "target"),
        "DBT_LOG_PATH": str(warehouse.folder / "logs"),
    }
    command = [sys.executable, "-m", "dbt.cli.main", *arguments, "--quiet"]
    return subprocess.Popen(
        command, cwd=project_folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def finish(process):
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output


def test_the_tables_do_not_depend_on_threads(built_warehouse, seeded_warehouse, project_folder, tmp_path):
    alone = seeded_warehouse.copy(tmp_path / "one_thread")
    finish(run_dbt(alone, project_folder, "run", "--full-refresh", threads=1))
    assert_equal_tables(built_warehouse, alone, public_tables(built_warehouse))


def test_a_second_run_changes_no_row(built_warehouse, project_folder, tmp_path):
    again = built_warehouse.copy(tmp_path / "again")
    finish(run_dbt(again, project_folder, "run"))
    assert_equal_tables(built_warehouse, again, public_tables(built_warehouse))


@pytest.mark.parametrize("table", ["producers", "known_for", "cluster_top_tweets"])
def test_a_killed_build_leaves_no_trace(built_warehouse, seeded_warehouse, project_folder, tmp_path, table):
    """kill -9 as soon as the table is mentioned in the log, that is, while it or a neighbour is being written; then build again."""
    killed = seeded_warehouse.copy(tmp_path / "killed")
    process = run_dbt(killed, project_folder, "run")
    log = killed.folder / "logs" / "dbt.log"
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        if log.exists() and f"model {table if '.' in table else 'main.' + table} " in log.read_text(errors="ignore"):
            break
        time.sleep(0.02)
    assert process.poll() is None, f"the build ended before {table} was started: {process.stdout.read()}"
    process.send_signal(signal.SIGKILL)
    process.wait()
    finish(run_dbt(killed, project_folder, "run"))
    assert_equal_tables(built_warehouse, killed, public_tables(built_warehouse))
