"""`simclusters explore`: what it says when there is nothing to show, and which warnings it takes from dbt's results."""

import json

import pytest

from simclusters.commands import explore, report, run


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


def test_warnings_are_those_of_the_last_build_and_unknown_without_one(tmp_path):
    assert explore.warnings_of_run(tmp_path) is None
    results = [
        {"unique_id": "model.simclusters.clusters", "status": "success", "message": "OK"},
        {"unique_id": "test.simclusters.assert_few_producers_move", "status": "warn", "message": "Got 1 result"},
        {"unique_id": "test.simclusters.other", "status": "pass", "message": None},
    ]
    (tmp_path / "run_results.json").write_text(json.dumps({"results": results}))
    assert explore.warnings_of_run(tmp_path) == ["assert_few_producers_move: Got 1 result"]
    # A run without tests says nothing about warnings.
    (tmp_path / "run_results.json").write_text(json.dumps({"results": results[:1]}))
    assert explore.warnings_of_run(tmp_path) is None


def test_a_run_does_not_fail_because_its_pages_cannot_be_written(monkeypatch, capsys):
    def fails(path):
        raise OSError("the disk is full")

    monkeypatch.setattr(report, "main", lambda arguments: 0)
    monkeypatch.setattr(explore, "write_file", fails)
    run.show_results()
    said = capsys.readouterr()
    assert "explorer.html was not written: the disk is full" in said.err
    assert "The tables are in" in said.out
