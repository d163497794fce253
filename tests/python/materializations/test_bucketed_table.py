"""Laws of the bucketed_table materialization: buckets change the work, never the rows, and a failure changes nothing."""

import os
import signal
import subprocess

import pytest

from .bucketed_project import BucketedProject

# 128 producers of 20 followers each, on ids of both signs, and one follow whose producer is unknown.
FOLLOWS = """
    select (7 * i + 3 * (i % 20)) % 211 as consumer_id, (i // 20) * 1000000007 - 64000000000 as producer_id
    from range(2560) as series(i)
    union all
    select 5, null
"""
FOLLOW_COUNT = 2560
# 3 million pairs of producers: more than 50 MB of hash tables.
MANY_FOLLOWS = "select i % 800 as consumer_id, i * 7919 % 10007 as producer_id from range(50000) as series(i)"


@pytest.fixture
def project(tmp_path):
    project = BucketedProject(tmp_path)
    project.write_follows(FOLLOWS)
    return project


def test_any_number_of_buckets_gives_the_rows_of_one_statement(project):
    project.write_model("pairs_in_one_statement", rows_per_bucket=1, materialized="table")
    for buckets in (1, 2, 7, 64):
        project.write_model(f"pairs_in_{buckets}", rows_per_bucket=-(-FOLLOW_COUNT // buckets))
    succeeded, log = project.dbt()
    assert succeeded, log

    expected = project.rows("pairs_in_one_statement")
    assert len(expected) > 500
    assert any(producer_id is None for producer_id, *_ in expected)
    for buckets in (1, 2, 7, 64):
        assert project.rows(f"pairs_in_{buckets}") == expected
        progress = [line for line in log.splitlines() if f"pairs_in_{buckets}: bucket" in line]
        assert len(progress) == (buckets if buckets > 1 else 0)
    assert "rows of about 1280 in" in log
    assert progress[-1].endswith(" 0 s left")


def test_a_failed_statement_leaves_the_old_table(project):
    assert project.dbt()[0]
    before = project.rows()

    # Fails in a late bucket only, after earlier ones have been stored.
    failing = "case when producer_id > 60000000000 then error('bad bucket') else common_follower_count end"
    succeeded, log = project.dbt(count_expression=failing)
    assert not succeeded
    assert "bad bucket" in log
    assert "pairs: bucket 1 of" in log
    assert project.rows() == before
    assert project.table_names() == {"given_follows", "pairs"}


def test_a_killed_run_leaves_the_old_table(project):
    assert project.dbt()[0]
    before = project.rows()

    slow = "common_follower_count + (select count(*) - 30000000 from range(30000000) as r(i) where sin(i) < 2)"
    process = project.start(count_expression=slow)
    for line in process.stdout:
        if "pairs: bucket 2 of" in line:
            os.kill(process.pid, signal.SIGKILL)
            break
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert project.rows() == before
    assert project.table_names() == {"given_follows", "pairs"}


def test_what_does_not_fit_the_memory_is_cut_into_more_buckets(project):
    """64 MB (61 MiB) of 256 bytes a row are 249,856 rows; 2560 follows of 1000 rows each are eleven times as many."""
    project.write_model("pairs", rows_per_bucket=10**9)
    project.write_profile(memory_limit="61MiB")
    succeeded, log = project.dbt(rows_per_follow=1000)
    assert succeeded, log
    assert "pairs: bucket 11 of 11: " in log

    model = project.folder / "models" / "pairs.sql"
    model.write_text(model.read_text().replace("'rows_per_bucket'", "'bytes_per_row': 512, 'rows_per_bucket'"))
    succeeded, log = project.dbt(rows_per_follow=1000)
    assert succeeded, log
    assert "pairs: bucket 21 of 21: " in log


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 8 MB."""
    folder = tmp_path / "small_disk"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mounting, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("a small disk to fill needs mount")
    if mounted.returncode != 0:
        pytest.skip(f"a small disk to fill needs the right to mount one: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def assert_a_full_disk_is_explained(project):
    before = project.rows()
    succeeded, log = project.dbt()
    assert not succeeded, log
    assert "The disk is full: pairs could not be built, and every table of before is as it was." in log
    assert "SIMCLUSTERS_MEMORY_LIMIT" in log
    assert project.rows() == before
    assert project.table_names() == {"given_follows", "pairs"}


def test_a_disk_without_room_to_spill_is_named_and_leaves_the_old_table(project):
    project.write_old_rows()
    project.write_follows(MANY_FOLLOWS)
    project.write_model("pairs", rows_per_bucket=10**9)
    project.write_profile(memory_limit="70MB", max_temp_directory_size="1MB")
    assert_a_full_disk_is_explained(project)


def test_a_full_disk_names_the_tables_that_are_new(project):
    project.write_old_rows()
    project.write_follows(MANY_FOLLOWS)
    project.write_model("pairs", rows_per_bucket=10**9)
    follows = project.folder / "models" / "follows.sql"
    follows.write_text("{{ config(materialized = 'table') }}" + follows.read_text())
    project.write_profile(memory_limit="70MB", max_temp_directory_size="1MB")
    succeeded, log = project.dbt()
    assert not succeeded
    assert "every table of before is as it was, but for the 1 that this run had built by then: follows." in log


def test_a_disk_without_room_for_the_rows_is_named_and_leaves_the_old_table(tmp_path, small_disk):
    project = BucketedProject(tmp_path, database_folder=small_disk)
    project.write_old_rows()
    project.write_follows(MANY_FOLLOWS)
    room = os.statvfs(small_disk)
    (small_disk / "something_else").write_bytes(bytes(room.f_bavail * room.f_frsize - 200_000))
    assert_a_full_disk_is_explained(project)


def test_too_little_memory_is_named_with_the_setting(project, monkeypatch):
    """The error is made up; `make faults` runs into real ones."""
    monkeypatch.setenv("SIMCLUSTERS_MEMORY_LIMIT", "300MB")
    succeeded, log = project.dbt(count_expression="cast(error('Out of Memory Error: could not allocate block') as bigint)")
    assert not succeeded
    assert "Memory is not enough for pairs. DuckDB may use SIMCLUSTERS_MEMORY_LIMIT, now 300MB: raise it to 600MB." in log
    assert "The disk is full" not in log


def test_a_contract_is_enforced_as_for_a_table(project):
    succeeded, log = project.dbt(count_expression="cast(common_follower_count as varchar)")
    assert not succeeded
    assert "contract" in log

    project.write_follows("select 1 as consumer_id, cast(null as bigint) as producer_id")
    succeeded, log = project.dbt()
    assert not succeeded
    assert "NOT NULL constraint failed" in log


def test_unit_tests_see_the_whole_model_and_no_rows_make_an_empty_table(project):
    project.write_follows("select 1::bigint as consumer_id, 2::bigint as producer_id where false")
    succeeded, log = project.dbt(command="build")
    assert succeeded, log
    assert "PASS pairs::a_pair_counts_shared_followers" in log
    assert project.rows() == []
