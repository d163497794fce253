"""Everything works in a schema that is not called main: types, views, contracts, table functions, and the commands beside dbt."""

import json

import duckdb
import pytest
from dbt_command import Warehouse

from simclusters.commands import report, run
from simclusters.database import open_database
from simclusters.sample.parameters import SampleParameters
from simclusters.sample.writing import write_sample
from simclusters.snapshot import publish

MODELS = ("+recommend_tweets", "+similar_producers_of", "input_report", "clusters")


class WarehouseInAnalytics(Warehouse):
    """A warehouse whose tables are in the schema analytics."""

    def environment(self, threads: int = 2) -> dict[str, str]:
        return super().environment(threads) | {"SIMCLUSTERS_SCHEMA": "analytics"}


@pytest.fixture(scope="module")
def analytics(tmp_path_factory):
    folder = tmp_path_factory.mktemp("analytics")
    write_sample(SampleParameters(users=600, follows=7_800, engagements=9_000), folder / "inputs", "parquet")
    warehouse = WarehouseInAnalytics(folder / "warehouse")
    warehouse.variables = {"input_dir": str(folder / "inputs"), "communities_k": 8}
    warehouse.build("parse")
    warehouse.build("run", "--select", *MODELS)
    return warehouse


def test_the_tables_are_in_the_schema(analytics):
    schemas = {schema for (schema,) in analytics.query("select distinct schema_name from duckdb_tables()")}
    assert schemas == {"analytics"}
    assert analytics.query("select count(*) from analytics.interested_in")[0][0] > 0


def test_functions_answer(analytics):
    for (consumer_id,) in analytics.query("select distinct consumer_id from analytics.interested_in order by 1 limit 20"):
        rows = analytics.query(f"select candidate_rank from analytics.recommend_tweets({consumer_id}, 'default')")
        assert [rank for (rank,) in rows] == list(range(1, len(rows) + 1))


def test_data_tests_pass(analytics):
    analytics.build("test", "--select", "interested_in", "clusters", "--indirect-selection", "cautious")


def test_commands_read_the_schema(analytics, monkeypatch):
    monkeypatch.setenv("SIMCLUSTERS_SCHEMA", "analytics")
    with open_database(analytics.database, read_only=True) as connection:
        for query in (report.LEFT_OUT, report.LARGEST_CLUSTERS):
            connection.execute(query)
        assert connection.execute("select count(*) from clusters").fetchone()[0] > 0


def test_a_snapshot_answers_from_the_schema_main(analytics, monkeypatch, tmp_path):
    monkeypatch.setenv("SIMCLUSTERS_SCHEMA", "analytics")
    manifest = json.loads((analytics.folder / "target" / "manifest.json").read_text())
    snapshot = publish(analytics.database, manifest, tmp_path / "published")
    with duckdb.connect(str(snapshot / "simclusters.duckdb"), read_only=True) as reader:
        for (consumer_id,) in analytics.query("select distinct consumer_id from analytics.interested_in order by 1 limit 5"):
            [(count,)] = analytics.query(f"select count(*) from analytics.recommend_tweets({consumer_id}, 'default')")
            assert reader.execute(f"select count(*) from recommend_tweets({consumer_id}, 'default')").fetchall() == [(count,)]


def test_a_warning_is_counted_and_named():
    class Event:
        class info:
            name = "NodeFinished"

        class data:
            class node_info:
                resource_type, node_name = "test", "assert_few_producers_move"

            class run_result:
                status, message = "warn", "Got 1 result, configured to warn if != 0"

    progress = run.Progress()
    progress(Event)
    assert progress.tests == 0
    assert progress.warnings == ["  assert_few_producers_move: Got 1 result, configured to warn if != 0"]
