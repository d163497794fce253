"""A run is a thing: it has a state and an origin, tables say which run made them, and two origins never mix. On a tiny project."""

import os
import shutil
import signal
import time

import duckdb
import pytest
import yaml
from dbt_command import PROJECT
from small_project import SmallProject, write_json

from simclusters.runs import last_run

MACRO_FOLDERS = ["bucketed", "communities", "cross_db", "inputs", "materializations", "runs", "streaming"]
HOOK_TABLES = ("runs", "table_runs")
# first -> second (a view) -> third. history and lasting keep rows; lasting outlives a full refresh. live runs ahead of the batch.
MODELS = {
    "stg_as_of": "select cast('{{ var('as_of') }}' as timestamp) as as_of",
    "first": "select as_of from {{ ref('stg_as_of') }}",
    "second": "select as_of from {{ ref('first') }}",
    "third": "select as_of, {{ var('broken') }} as is_broken from {{ ref('second') }}",
    "history": "select as_of, '{{ var('input_dir') }}' as made_from from {{ ref('stg_as_of') }}",
    "lasting": "select as_of, '{{ var('input_dir') }}' as made_from from {{ ref('stg_as_of') }}",
    "live": "select as_of from {{ ref('stg_as_of') }}",
    "after_live": "select as_of from {{ ref('live') }}",
}
VERSIONED = {"materialized": "versioned_table", "meta": {"version_columns": ["as_of"]}}
CONFIGS = {
    "second": {"materialized": "view"},
    "history": VERSIONED,
    "lasting": VERSIONED | {"full_refresh": False},
    "live": {"tags": ["minute"]},
}
VARS = {"input_dir": "", "input_schema": "", "input_models": {}, "model_version": "tiny", "as_of": "2026-01-01", "broken": "false"}
# A query that works until it is killed.
ENDLESS = "(select count(*) > 0 from range(10000000) as a, range(10000000) as b where a.range + b.range < 0)"
BELONG_TOGETHER = "select table_name, newer_table from table_runs where newer_table is not null or unfinished_run_id is not null"


class TinyProject(SmallProject):
    """The models above with the hooks and tables of runs, built into one file."""

    manifest = None

    def __init__(self, folder):
        super().__init__(folder, folder / "tiny.duckdb", MACRO_FOLDERS)
        models = folder / "models"
        models.mkdir(parents=True)
        for name, sql in MODELS.items():
            (models / f"{name}.sql").write_text(sql)
        described = [
            {"name": name, "config": CONFIGS.get(name, {}), "columns": [{"name": "as_of", "data_type": "timestamp"}]}
            for name in MODELS
        ]
        for model in described:
            if "versioned" in model["config"].get("materialized", ""):
                model["columns"].append({"name": "made_from", "data_type": "string"})
        for name in HOOK_TABLES:
            (models / f"{name}.sql").write_text((PROJECT / "models" / "reports" / f"{name}.sql").read_text())
            [model] = yaml.safe_load((PROJECT / "models" / "reports" / f"{name}.yml").read_text())["models"]
            columns = [{"name": column["name"], "data_type": column["data_type"]} for column in model["columns"]]
            described.append({"name": name, "columns": columns})
        write_json(models / "models.yml", {"models": described})
        # As the checks of inputs in another schema, which leave a transaction open.
        asks = "{% do load_relation(api.Relation.create(database=target.database, schema='elsewhere', identifier='follows')) %}"
        hooks = {"on-run-start": [asks, "{{ check_origin() }}", "{{ start_run() }}"], "on-run-end": ["{{ end_run(results) }}"]}
        self.write_project(**hooks, vars=VARS, models={"simclusters": {"+materialized": "table"}})
        self.write_profile()

    def run(self, *arguments, **variables):
        # No var changes what dbt parses, so all projects are parsed once.
        if TinyProject.manifest is None:
            TinyProject.manifest = self.run_dbt("parse").manifest
        return self.run_dbt("run", *arguments, "--vars", yaml.safe_dump(variables), manifest=TinyProject.manifest)

    def states(self):
        """States of the runs, in the order in which they started."""
        return [state for (state,) in self.query("select run_state from runs order by started_at")]

    def run_of(self, table):
        """The place of the run that built a table among all runs, from 0."""
        ids = [run_id for (run_id,) in self.query("select run_id from runs order by started_at")]
        [(run_id,)] = self.query(f"select run_id from table_runs where table_name = '{table}'")
        return None if run_id is None else ids.index(run_id)

    def start_and_kill(self, *arguments, models="+third", **variables):
        """Kill -9 while the model `third` is being made."""
        process = self.start_dbt("run", "--select", *models.split(), *arguments, "--vars", yaml.safe_dump(variables))
        for line in process.stdout:
            if "model main.third" in line:
                break
        time.sleep(0.2)
        assert process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()


@pytest.fixture
def project(tmp_path):
    return TinyProject(tmp_path / "project")


@pytest.fixture(scope="module")
def built_database(tmp_path_factory):
    """What the first run leaves."""
    project = TinyProject(tmp_path_factory.mktemp("built") / "project")
    outcome = project.run()
    assert outcome.success, outcome.output + outcome.error
    return project.database


@pytest.fixture
def built(project, built_database):
    """The project, built once."""
    shutil.copy(built_database, project.database)
    return project


def test_a_run_says_what_it_was_and_how_it_ended(built):
    [row] = built.query(
        "select run_state, command, is_full_refresh, input_kind, input_name, model_version, cast(as_of as varchar), selected_count,"
        " built_count, failed_count, ended_at >= started_at from runs"
    )
    assert row == ("done", "run", False, "sample", "", "tiny", "2026-01-01 00:00:00", len(MODELS), len(MODELS), 0, True)
    assert {built.run_of(name) for name in MODELS} == {0}
    assert built.query(BELONG_TOGETHER) == []


def test_a_failed_run_says_so_and_its_tables_do_not_belong_together(built):
    outcome = built.run(broken="cast('x' as integer)")
    assert not outcome.success
    assert built.states() == ["done", "failed"]
    assert built.query("select failed_count, failed_nodes from runs where run_state = 'failed'") == [(1, "third")]
    assert (built.run_of("first"), built.run_of("third")) == (1, 0)
    assert built.query(BELONG_TOGETHER) == [("third", "first")]
    assert "Tables of two runs stand side by side: 1 are older" in outcome.output

    assert built.run("--select", "third").success
    assert built.query(BELONG_TOGETHER) == []


def test_history_is_that_of_runs_that_were_built_to_the_end(built):
    """A failed run leaves its rows until a run builds the history again."""
    assert not built.run(broken="cast('x' as integer)", as_of="2026-01-02").success
    times = {table: f"select strftime(as_of, '%d') from {table} order by 1" for table in ("history", "lasting")}
    assert all(built.query(query) == [("01",), ("02",)] for query in times.values())
    outcome = built.run(as_of="2026-01-03")
    assert outcome.success
    assert "no run has built to the end were dropped: history (2026-01-02 00:00:00), lasting" in outcome.output
    assert all(built.query(query) == [("01",), ("03",)] for query in times.values())


def test_a_table_that_was_dropped_is_not_older_than_anything(built):
    assert built.run("--select", "second").success
    assert built.run("--select", "first").success
    assert built.query(BELONG_TOGETHER) == [("third", "first")]
    built.execute("drop table third")
    assert built.run("--select", "first").success
    assert built.query(BELONG_TOGETHER) == []


def test_a_killed_run_is_found_by_the_next_one(built):
    built.start_and_kill(broken=ENDLESS)
    assert built.states() == ["done", "started"]
    unfinished = built.query("select table_name from table_runs where unfinished_run_id is not null order by 1")
    assert unfinished == [("first",), ("second",), ("stg_as_of",), ("third",)]

    assert built.run("--select", "history").success
    assert built.states() == ["done", "killed", "done"]
    assert built.query("select count(*) from table_runs where unfinished_run_id is not null") == [(4,)]

    assert built.run().success
    assert built.query(BELONG_TOGETHER) == []


def test_runs_outlive_a_full_refresh(built):
    assert built.run("--full-refresh").success
    assert built.states() == ["done", "done"]
    assert built.query("select is_full_refresh from runs order by started_at") == [(False,), (True,)]


def test_runs_are_forgotten_from_ten_thousand_on_but_not_those_that_tables_or_histories_need(built):
    """A table names the first one; another is the only one that has built its as_of to the end."""
    built.execute("update runs set started_at = timestamp '2019-01-01'")
    [(builder,)] = built.query("select run_id from runs")
    built.execute(
        "insert into runs (run_id, run_state, command, started_at, input_kind, selected_count)"
        " select 'old ' || range, 'done', 'run', timestamp '2020-01-01' + to_minutes(range), 'sample', 1 from range(10005)"
    )
    built.execute(
        "insert into runs (run_id, run_state, command, started_at, as_of, model_version, input_kind, selected_count) values"
        " ('good', 'done', 'run', '2018-01-01', '2018-01-01', 'tiny', 'sample', 1),"
        " ('bad', 'failed', 'run', '2018-01-02', '2018-01-01', 'tiny', 'sample', 1)"
    )
    assert built.run("--select", "first").success
    assert built.query(
        f"select count(*), count(*) filter (run_id = '{builder}'), min(run_id) filter (run_id <> '{builder}' and "
        "started_at = timestamp '2020-01-01 00:05:00') from runs"
    ) == [(10003, 1, "old 5")]
    assert built.query("select run_id from runs where run_id in ('old 0', 'old 4', 'good', 'bad')") == [("good",)]


def test_runs_are_in_their_order_after_the_clock_went_back(built):
    """The first run looks as if it were of a year to come."""
    built.execute("update runs set started_at = timestamp '2100-01-01', ended_at = timestamp '2100-01-02'")
    assert built.run("--select", "first").success
    assert [(built.run_of(table), table) for table in ("third", "first")] == [(0, "third"), (1, "first")]
    assert ("third", "first") in built.query(BELONG_TOGETHER)
    assert built.query("select bool_and(ended_at >= started_at) from runs") == [(True,)]
    with duckdb.connect(str(built.database), read_only=True) as connection:
        assert last_run(connection).run_id == built.query("select run_id from table_runs where table_name = 'first'")[0][0]


def test_a_view_is_as_old_as_what_it_reads_and_the_live_tables_make_nothing_old(built):
    assert built.run("--select", "live").success
    assert built.query(BELONG_TOGETHER) == []
    assert built.run("--select", "stg_as_of").success
    assert dict(built.query(BELONG_TOGETHER)) == dict.fromkeys(["first", "second", "third", "history", "lasting", "live"], "stg_as_of")


def test_a_run_without_our_models_writes_nothing(project, tmp_path):
    company = SmallProject(tmp_path / "company", tmp_path / "company.duckdb", [])
    (company.folder / "models").mkdir(parents=True)
    (company.folder / "models" / "orders.sql").write_text("{{ config(materialized = 'table') }} select 1 as order_id")
    company.write_project(name="company", **{"macro-paths": []})
    company.write_profile()
    write_json(company.folder / "packages.yml", {"packages": [{"local": str(project.folder)}]})
    assert company.run_dbt("deps").success

    assert company.run_dbt("run", "--select", "orders").success
    assert company.table_names() == {"orders"}
    assert company.run_dbt("run").success
    assert company.query("select run_state, selected_count, built_count from runs") == [("done", len(MODELS), len(MODELS))]


def folder_of(project, name):
    folder = project.folder.parent / name
    folder.mkdir(exist_ok=True)
    return str(folder)


def test_other_inputs_stop_before_anything_is_replaced_and_say_what_to_do(built):
    own = folder_of(built, "own")
    outcome = built.run(input_dir=own, as_of="2026-02-02")
    assert not outcome.success
    for words in (f"This run reads the folder {own}", "the sample: ", "history", "SIMCLUSTERS_DATABASE", "make run FULL_REFRESH=1"):
        assert words in outcome.error
    assert "third" not in outcome.error
    assert built.query("select cast(as_of as varchar) from first") == [("2026-01-01 00:00:00",)]
    assert built.states() == ["done"]

    assert not built.run(input_schema="raw").success
    assert not built.run(input_models={"follows": "company.follows"}).success


def test_a_full_refresh_with_other_inputs_starts_afresh_histories_included(built):
    own = folder_of(built, "own")
    assert built.run("--full-refresh", as_of="2026-01-03").success
    assert built.query("select count(*) from lasting") == [(2,)]
    assert built.run("--full-refresh", as_of="2026-01-02", input_dir=own).success
    for table in ("history", "lasting"):
        assert built.query(f"select distinct made_from from {table}") == [(own,)]
    assert built.run(as_of="2026-01-04", input_dir=own).success
    assert built.query("select count(*) from lasting") == [(2,)]
    assert not built.run().success


def test_tables_without_a_past_may_read_other_inputs(built):
    assert built.run("--select", "stg_as_of", "third", input_dir=folder_of(built, "own")).success


def test_one_folder_has_one_origin_however_it_is_spelt(project):
    own = folder_of(project, "own")
    for spelling in (own, own + "/", "../own", os.path.join(own, "..", "own", ".")):
        outcome = project.run(input_dir=spelling)
        assert outcome.success, outcome.error
    assert project.query("select distinct input_kind, input_name from runs") == [("folder", own)]


def test_inputs_in_a_new_place_can_be_declared_the_same(built):
    own = folder_of(built, "own")
    statement = built.run(input_dir=own).error.split("say so: ")[1].split("\n")[0]
    built.execute(statement)
    assert built.run(input_dir=own).success


@pytest.mark.nightly
def test_a_killed_full_refresh_with_other_inputs_is_not_continued_by_either(built):
    """Nobody knows which tables it had replaced, so both plain runs might mix."""
    own = folder_of(built, "own")
    built.start_and_kill("--full-refresh", broken=ENDLESS, input_dir=own, models="+third history lasting")
    for variables in ({}, {"input_dir": own}):
        assert not built.run(**variables).success
    assert built.run("--full-refresh", as_of="2026-01-02", input_dir=own).success
    assert built.query("select distinct made_from from lasting") == [(own,)]
    assert built.run(input_dir=own).success


def test_no_password_is_stored(project):
    outcome = project.run("--select", "first", "stg_as_of", input_dir="https://me:secret@example.org/events?signature=secret")
    assert outcome.success, outcome.error
    assert project.query("select input_name from runs") == [("https://example.org/events",)]


def test_tables_that_killed_runs_left_are_cleared(built):
    for name in ("first__dbt_tmp", "history__dbt_backup", "first__dbt_tmp_20260101", "somebody__dbt_tmp"):
        built.execute(f"create table {name} as select 1 as one")
    built.execute("create view third__dbt_backup as select 1 as one")
    assert built.run("--select", "third").success
    assert {name for name in built.table_names() if "__dbt_" in name} == {"somebody__dbt_tmp"}
    assert built.query("select view_name from duckdb_views() where view_name like '%dbt%'") == []
