"""The command line: where it finds the project, what it says of a wrong word, and what it never says."""

import os
import re
from contextlib import nullcontext
from functools import partial
from types import SimpleNamespace

import duckdb
import pytest
from dbt.cli.main import dbtRunner
from dbt_command import PROJECT

from simclusters import __main__ as command_line
from simclusters.commands import estimate, report, run, stream
from simclusters.inputs import TABLES, input_notes, without_secret
from simclusters.project import project_folder, use_project
from simclusters.rights import for_readers


def test_another_folder_uses_the_project_of_the_package_and_keeps_what_dbt_writes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("DBT_PROJECT_DIR", "DBT_PROFILES_DIR", "DBT_TARGET_PATH", "DBT_LOG_PATH"):
        monkeypatch.delenv(name, raising=False)
        # So that it is gone again after the test.
        monkeypatch.setenv(name, "")
        del os.environ[name]
    use_project()
    assert project_folder() == PROJECT
    assert os.environ["DBT_PROJECT_DIR"] == os.environ["DBT_PROFILES_DIR"] == str(PROJECT)
    assert os.environ["DBT_TARGET_PATH"] == str(tmp_path / "target")
    assert os.environ["DBT_LOG_PATH"] == str(tmp_path / "logs")


def test_in_a_checkout_the_project_is_the_folder_itself(monkeypatch):
    monkeypatch.chdir(PROJECT)
    monkeypatch.setenv("DBT_PROJECT_DIR", "untouched")
    use_project()
    assert os.environ["DBT_PROJECT_DIR"] == "untouched"


def test_the_folder_of_another_dbt_project_is_refused(tmp_path, monkeypatch, capsys):
    (tmp_path / "dbt_project.yml").write_text("name: acme\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["simclusters", "run"])
    assert command_line.main() == 1
    assert "this folder is the dbt project acme" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["nothing"]])
def test_a_wrong_command_lists_the_right_ones(words, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["simclusters", *words])
    assert command_line.main() == 2
    said = capsys.readouterr().err
    assert all(f"\n  {name} " in said for name in command_line.COMMANDS)


@pytest.mark.parametrize(("command", "mode"), [("run", 0o660), ("stream", 0o660), ("export", 0o664), ("forget", 0o664)])
def test_database_and_logs_are_not_for_everybody_and_what_is_published_is(command, mode, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["simclusters", command])

    def write(_):
        with for_readers() if command in ("export", "forget") else nullcontext():
            (tmp_path / "written").touch()

    writing = SimpleNamespace(main=write)
    monkeypatch.setattr(command_line, "import_module", lambda _: writing)
    monkeypatch.setattr(command_line, "use_project", lambda: None)
    before = os.umask(0o002)
    try:
        command_line.main()
    finally:
        os.umask(before)
    assert (tmp_path / "written").stat().st_mode & 0o777 == mode


def test_what_is_wrong_with_the_inputs_is_said_once(parsed_warehouse, tmp_path, monkeypatch, capfd):
    (tmp_path / "follows.csv").write_text("consumer_id,followed\n1,2\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run, "dbtRunner", partial(dbtRunner, parsed_warehouse.manifest))
    folders = {"DBT_PROJECT_DIR": PROJECT, "DBT_PROFILES_DIR": PROJECT, "DBT_TARGET_PATH": tmp_path / "target"}
    for name, value in {**folders, "SIMCLUSTERS_DATABASE": "simclusters.duckdb", "DBT_EXCLUDE_RESOURCE_TYPES": "unit_test"}.items():
        monkeypatch.setenv(name, str(value))
    assert run.main(["--input", str(tmp_path)]) == 1
    said = "".join(capfd.readouterr())
    assert said.count("column producer_id: the column is required") == 1
    assert "0 tables" not in said


@pytest.mark.parametrize("text", ["communities_k:100", "{a: b", "[1]", "7"])
@pytest.mark.parametrize("command", [run, stream, estimate])
def test_vars_that_are_no_mapping_are_refused_before_dbt_is_asked(command, text, capsys):
    assert command.main(["--vars", text]) > 0
    assert f"--vars is no mapping like '{{communities_k: 100}}', with a space after the colon: {text}" in capsys.readouterr().err


def test_a_report_of_nothing_says_what_to_build(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SIMCLUSTERS_DATABASE", "simclusters.duckdb")
    monkeypatch.setenv("DBT_TARGET_PATH", "target")
    assert report.main([]) == 1
    duckdb.connect("simclusters.duckdb").close()
    assert report.main([]) == 1
    missing = ("simclusters.duckdb", "target/manifest.json")
    assert capsys.readouterr().err == "".join(f"error: there is no {file}; build it first with `make run`\n" for file in missing)


def test_a_half_written_file_of_dbt_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SIMCLUSTERS_DATABASE", str(tmp_path / "simclusters.duckdb"))
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path))
    duckdb.connect(str(tmp_path / "simclusters.duckdb")).close()
    for name in ("manifest.json", "run_results.json"):
        (tmp_path / name).write_text('{"nodes": {')
    assert report.main([]) == 1
    assert f"error: {tmp_path / 'manifest.json'} is damaged" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--files-at-once", "0"], ["--files-at-once", "-1"], ["--every", "-1"]])
def test_a_stream_that_would_read_nothing_is_refused(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        stream.main(["--once", *arguments])
    assert ended.value.code == 2
    assert "--files-at-once must be at least 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    "url", ["s3://ada:hunter2@bucket/inputs", "S3://bucket/inputs?token=hunter2", "AZ://x:hunter2@y@z/w?sig=hunter2"]
)
@pytest.mark.parametrize("arguments", [["--input", "{}"], ["--vars", "{{input_dir: '{}'}}"]])
def test_a_url_with_a_secret_is_refused_before_dbt_logs_it(url, arguments, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run.main([argument.format(url) for argument in arguments]) == 2
    said = capsys.readouterr()
    assert "hunter2" not in said.out + said.err + without_secret(url)
    assert "bucket/inputs" in said.err or "z/w" in said.err
    assert list(tmp_path.iterdir()) == []


def test_names_that_are_passed_over_are_said(tmp_path):
    for name in ("follows.csv", "Tweets-1.csv.gz", "notes.md", ".hidden.csv", "engagments.csv", "follow.parquet"):
        (tmp_path / name).touch()
    (tmp_path / "events").mkdir()
    (tmp_path / "users.csv").symlink_to("nowhere.csv")
    (tmp_path / os.fsdecode(b"follows-\xff.csv")).touch()
    notes = input_notes(tmp_path)
    assert [note.split(":")[0] for note in notes] == ["engagments.csv", "events", "follow.parquet", "follows-\\xff.csv", "users.csv"]
    assert "no table is called so; the tables are follows, " in notes[0]
    assert "not UTF-8" in notes[3]
    assert "a link that leads nowhere" in notes[4]


# test_input_files.py reads files of such names.
READ = ["users.csv", "Follows_00002.CSV", "tweets.csv.gz", "topics.txt", "opt_outs.json", "opt_outs (1).csv", "users-1.csv"]


@pytest.mark.parametrize("name", [*READ, "engagements/", "follows.parquet/", "topics.csv.md5", "follows.parquet.md"])
def test_names_that_are_read_are_not_noted(tmp_path, name):
    (tmp_path / name).mkdir() if name.endswith("/") else (tmp_path / name).touch()
    assert input_notes(tmp_path) == []


@pytest.mark.parametrize(
    "name", ["topics_of_old.csv", "engagements.csv.zip", "users.xlsx", "users-new.csv", "tweets.csv.bz2", "follows-parts/"]
)
def test_a_name_of_a_table_that_is_not_read_is_said(tmp_path, name):
    (tmp_path / name).mkdir() if name.endswith("/") else (tmp_path / name).touch()
    table = re.match("[a-z]+", name)[0]
    [note] = input_notes(tmp_path)
    assert note.startswith(f"{name.rstrip('/')}: expected is {table}.csv, {table}-1.csv or {table}/, as Parquet, CSV or JSON")


def test_codes_of_a_terminal_in_names_are_not_sent_to_it(tmp_path, capsys):
    report.print_rows("Names", ["name"], [("\x1b]0;owned\x07\x9b2Jada\r\n",), ("naïve 名前 🦆",)])
    (tmp_path / "\x1b[2Jnotes.csv").touch()
    said = capsys.readouterr().out + "".join(input_notes(tmp_path))
    assert not {"\x1b", "\x07", "\x9b", "\r"} & set(said)
    assert "naïve 名前 🦆" in said


def test_the_tables_of_the_notes_are_the_inputs(manifest):
    assert set(TABLES) == {source["name"] for source in manifest["sources"].values()}


def test_a_warning_is_said_in_the_words_of_its_description():
    results = [
        SimpleNamespace(node=SimpleNamespace(name=name, description=description), status=status, message="Got 1 result")
        for name, description, status in (("moved", "Warns when\nmany move.", "warn"), ("theirs", "", "warn"), ("good", "", "pass"))
    ]
    assert run.warnings_of(SimpleNamespace(results=results)) == ["moved: Warns when many move.", "theirs: Got 1 result"]
    assert run.warnings_of(None) == []
