"""Everything works in another schema of an attached database: types, views, contracts, kernels, functions, commands, snapshot."""

import json

import duckdb
import pytest
import yaml
from dbt_command import DATABASE_FILE, PROJECT, Warehouse, run_dbt

from simclusters.commands import report
from simclusters.database import open_database
from simclusters.sample.parameters import SampleParameters
from simclusters.sample.writing import write_sample
from simclusters.snapshot import publish

MODELS = ("+recommend_tweets", "+similar_producers_of", "+input_report", "clusters")


class AttachedWarehouse(Warehouse):
    """A warehouse whose tables are in the schema analytics of a database that dbt attaches as ``lake``."""

    def arguments(self, *arguments: str, variables: dict | None = None) -> list[str]:
        output = {
            "type": "duckdb",
            "path": ":memory:",
            "attach": [{"path": str(self.database), "alias": "lake"}],
            "database": "lake",
            "schema": "analytics",
            "threads": 2,
            "module_paths": ["python_udfs"],
        }
        (self.folder / "profiles.yml").write_text(yaml.safe_dump({"simclusters": {"target": "lake", "outputs": {"lake": output}}}))
        given = super().arguments(*arguments, variables=variables)
        given[given.index("--profiles-dir") + 1] = str(self.folder)
        return given

    def query(self, sql: str) -> list[tuple]:
        with duckdb.connect() as connection:
            connection.execute(f"attach '{self.database}' as lake (read_only)")
            connection.execute("use lake")
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def analytics(tmp_path_factory):
    folder = tmp_path_factory.mktemp("analytics")
    write_sample(SampleParameters(users=600, follows=7_800, engagements=9_000), folder / "inputs", "parquet")
    warehouse = AttachedWarehouse(folder / "warehouse")
    warehouse.variables = {"input_dir": str(folder / "inputs"), "communities_k": 8}
    warehouse.build("parse")
    warehouse.build("run", "--select", *MODELS)
    return warehouse


def test_the_tables_are_in_the_schema(analytics):
    schemas = {schema for (schema,) in analytics.query("select schema_name from duckdb_tables() where database_name = 'lake'")}
    assert schemas == {"analytics"}
    assert analytics.query("select count(*) from analytics.interested_in")[0][0] > 0


@pytest.mark.parametrize("schema", ["analytics", "main"])
def test_our_profile_takes_the_schema_from_the_environment(schema, tmp_path):
    environment = {"SIMCLUSTERS_SCHEMA": schema, "SIMCLUSTERS_DATABASE": str(tmp_path / DATABASE_FILE)}
    outcome = run_dbt(["debug", "--profiles-dir", str(PROJECT), "--log-path", str(tmp_path)], PROJECT, environment)
    assert outcome.success, outcome.output
    assert f"schema: {schema}\n" in outcome.output


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
