"""`simclusters explore`: what it says when there is nothing to show, and which warnings it takes from dbt's results."""

import json

import duckdb
import pytest

from simclusters.commands import explore, report, run
from simclusters.runs import warnings_of_run


@pytest.mark.parametrize(
    ("words", "environment", "said"),
    [
        ([], {}, "there is no simclusters.duckdb; build it first"),
        ([], {"SIMCLUSTERS_TARGET": "bigquery"}, "name their folder with --from"),
        (["--from", "nowhere"], {}, "nowhere holds no published snapshot"),
        (["--live"], {}, "published holds no published snapshot and no Parquet files; `make export` writes one"),
    ],
)
def test_without_anything_to_show_it_says_what_to_do(words, environment, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("SIMCLUSTERS_DATABASE", "SIMCLUSTERS_TARGET"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert explore.main(words) == 1
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_warnings_are_those_of_the_last_run_and_unknown_without_its_results(tmp_path):
    def warned(results, invocation="run1"):
        (tmp_path / "run_results.json").write_text(json.dumps({"metadata": {"invocation_id": invocation}, "results": results}))
        return warnings_of_run(connection, tmp_path)

    results = [
        {"unique_id": "model.simclusters.clusters", "status": "success", "message": "OK"},
        {"unique_id": "test.simclusters.assert_few_producers_move", "status": "warn", "message": "Got 1 result"},
        {"unique_id": "test.simclusters.other", "status": "pass", "message": None},
        {"unique_id": "test.theirs.another", "status": "warn", "message": "Got 2 results"},
    ]
    means = {"test.simclusters.assert_few_producers_move": {"description": "Warns when many\nproducers move."}}
    (tmp_path / "manifest.json").write_text(json.dumps({"nodes": means}))
    with duckdb.connect() as connection:
        connection.execute("create table runs (run_id varchar, run_state varchar, started_at timestamp, failed_nodes varchar)")
        connection.execute("insert into runs values ('run1', 'done', timestamp '2026-01-01', null)")
        assert warnings_of_run(connection, tmp_path) is None
        assert warned(results) == ["assert_few_producers_move: Warns when many producers move.", "another: Got 2 results"]
        assert warned(results[2:3]) == []
        assert warned(results[:1]) is None
        assert warned(results, invocation="a later command of dbt") is None


def test_a_run_does_not_fail_because_its_pages_cannot_be_written(monkeypatch, capsys):
    def fails(path):
        raise OSError("the disk is full")

    monkeypatch.setattr(report, "main", lambda arguments: 0)
    monkeypatch.setattr(explore, "write_file", fails)
    run.show_results()
    said = capsys.readouterr()
    assert "explorer.html was not written: the disk is full" in said.err
    assert "The tables are in" in said.out
