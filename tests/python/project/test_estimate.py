"""The estimate of what a build reads: dry runs on BigQuery (here a client that answers them), counted bytes on DuckDB."""

from types import SimpleNamespace

import duckdb
import pytest

from simclusters.commands.estimate import Estimate, dry_run, duckdb_estimates, report, stored_bytes


class Client:
    """Answers a dry run of a known statement, and refuses to run anything for good."""

    def __init__(self, bytes_by_sql):
        self.bytes_by_sql = bytes_by_sql

    def query(self, sql, job_config):
        assert job_config.dry_run is True
        assert job_config.use_query_cache is False
        if sql not in self.bytes_by_sql:
            raise ValueError("404 Not found: Table p:d.follows\nJob ID: 1")
        return SimpleNamespace(total_bytes_processed=self.bytes_by_sql[sql])


def test_a_dry_run_gives_the_bytes_that_bigquery_would_bill():
    client = Client({"select 1": 2**40})
    assert dry_run(client, SimpleNamespace, "known_for", "select 1") == Estimate("known_for", 2**40)


def test_a_table_that_is_not_there_is_a_reason_and_no_error():
    one = dry_run(Client({}), SimpleNamespace, "known_for", "select 1")
    assert one == Estimate("known_for", None, "404 Not found: Table p:d.follows")


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "simclusters.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create table follows as select * from (values (1, 10.5::double, 'abc', true), (2, null, null, false)) "
            "as rows (consumer_id, score, name, is_active)"
        )
        connection.execute("create view two_follows as select consumer_id::bigint as consumer_id from follows")
    return path


def test_bytes_are_counted_as_bigquery_counts_them(database):
    with duckdb.connect(str(database), read_only=True) as connection:
        # Two rows of 8 + 8 + (2 + characters) + 1 bytes.
        assert stored_bytes(connection, "follows") == 2 * (8 + 8 + 2 + 1) + len("abc")
        assert stored_bytes(connection, "two_follows") == 2 * 8
        assert stored_bytes(connection, "absent") is None


def test_a_model_reads_what_it_names(database):
    nodes = {name: SimpleNamespace(name=name, relation_name=f'"{name}"') for name in ("follows", "two_follows", "absent")}

    def model(name, *parents):
        return SimpleNamespace(name=name, depends_on=SimpleNamespace(nodes=parents))

    models = [model("producers", "follows", "two_follows"), model("clusters", "absent", "follows"), model("as_of")]
    estimates = duckdb_estimates(str(database), SimpleNamespace(nodes=nodes), models)
    assert estimates == [Estimate("producers", 41 + 16), Estimate("clusters", None, "not built yet: absent"), Estimate("as_of", 0)]


def test_the_report_starts_with_the_dearest_and_ends_with_the_sum():
    lines = report([Estimate("a", 2**20), Estimate("b", 2**40), Estimate("c", None, "gone")]).splitlines()
    assert [line.split()[-1] for line in lines[:2]] == ["b", "a"]
    assert "$6.2500" in lines[0]
    assert lines[2].endswith("c: gone")
    assert lines[3].endswith("all, but for 1 unknown")
