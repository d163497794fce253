"""The same input gives the same rows: any number of threads, built twice, or killed and built again."""

import signal
import time

import pytest

from .tables import assert_equal_tables, public_tables

# Whole builds; the tests of faults kill and repeat smaller ones each time.
pytestmark = pytest.mark.nightly

# What reads rows of an earlier run. All other models are functions of these and of the inputs.
KEEPS_ROWS = [
    *("+known_for_history", "int_stream_pairs+"),
    *("embedding_versions", "run_report", "score_report", "cluster_history", "known_for_stability", "known_for_changes"),
]


def test_the_tables_depend_neither_on_threads_nor_on_runs_before(built_warehouse, seeded_warehouse, manifest, tmp_path):
    tables = public_tables(manifest)
    alone = seeded_warehouse.copy(tmp_path / "one_thread")
    alone.build("run", threads=1)
    assert_equal_tables(built_warehouse, alone, tables)
    alone.build("run", "--select", *KEEPS_ROWS)
    assert_equal_tables(built_warehouse, alone, tables)


# The spine of the pipeline: enough to be killed in, and a third of the time of the whole.
SPINE = ["+cluster_top_tweets", "known_for_history"]
SPINE_TABLES = [
    "producers",
    "user_user_graph",
    "producer_similarity_edges",
    "known_for",
    "known_for_history",
    "interested_in",
    "cluster_top_tweets",
]


def kill_while_building(warehouse, parsed, table):
    """kill -9 as soon as the log mentions the table, that is, while it or a neighbour is being written."""
    log = warehouse.folder / "logs" / "dbt.log"
    log.unlink(missing_ok=True)
    process = warehouse.start("run", "--select", *SPINE, parsed=parsed)
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        if log.exists() and f"model main.{table} " in log.read_text(errors="ignore"):
            break
        time.sleep(0.02)
    assert process.poll() is None, f"the build ended before {table} was started: {process.stdout.read()}"
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_killed_builds_leave_no_trace(built_warehouse, seeded_warehouse, parsed, manifest, tmp_path):
    """Three builds in a row are killed at three places, the later ones over what the earlier left; then one ends."""
    killed = seeded_warehouse.copy(tmp_path / "killed")
    for table in ["producers", "known_for", "cluster_top_tweets"]:
        kill_while_building(killed, parsed, table)
    killed.build("run", "--select", *SPINE)
    tables = public_tables(manifest)
    assert_equal_tables(built_warehouse, killed, {name: tables[name] for name in SPINE_TABLES})
