"""What is published for readers: one good run, whole, under a name that one rename moves; old clients open it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from simclusters import rights
from simclusters.commands import export, forget
from simclusters.database import open_database
from simclusters.runs import summary
from simclusters.snapshot import NotPublishableError, publish

OLD_CLIENT = "1.1.3"


def model(name, materialized="table", access="public", parents=(), meta=()):
    return {
        "resource_type": "model",
        "name": name,
        "alias": name,
        "schema": "main",
        "config": {"access": access, "materialized": materialized, "meta": dict(meta)},
        "depends_on": {"nodes": list(parents)},
    }


MANIFEST = {
    "nodes": {
        "scores": model("scores"),
        "best": model("best", materialized="view"),
        "reasons": model("reasons", materialized="view", parents=["scores", "parts"], meta={"published_as": "view"}),
        "parts": model("parts", materialized="view", access="private"),
        "runs": model("runs", materialized="hook_table"),
        "limits": model("limits", access="private"),
        "hidden": model("hidden", access="private"),
        "scores_of": model("scores_of", materialized="table_function", parents=["scores", "limits"]),
    }
}


class Published:
    """A database as dbt leaves it, made by hand, and the folder that it is published in."""

    def __init__(self, folder: Path, name: str = "made") -> None:
        self.database, self.folder, self.run_count = folder / f"{name}.duckdb", folder / "published", 0
        self.execute(
            f"""
            create table runs (run_id varchar, run_state varchar, started_at timestamp, failed_nodes varchar);
            create table table_runs (table_name varchar, run_id varchar, unfinished_run_id varchar, newer_table varchar);
            create table limits as select 2 as most;
            create table hidden as select 1 as secret;
            create table scores as select 7 as user_id, 0 as score;
            create view best as select max(score) as score from scores;
            create view parts as select 7 as user_id, 0.5 as part;
            create view reasons as select score * part as reason from "{name}".main.scores join parts using (user_id);
            create macro scores_of(of_user_id bigint) as table
            with scores as (select user_id, score from "{name}".main.scores)
            select score from scores, "{name}".main.limits where user_id = of_user_id and score <= most;
            """
        )

    def execute(self, sql: str) -> None:
        with duckdb.connect(str(self.database)) as connection:
            connection.execute(sql)

    def run(self, score: int, state: str = "done") -> None:
        self.run_count += 1
        self.execute(
            f"insert into runs values ('run{self.run_count}', '{state}', timestamp '2026-01-0{self.run_count}', null);"
            f"update scores set score = {score}"
        )

    def publish(self) -> Path:
        return publish(self.database, MANIFEST, self.folder)

    def open(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect(str(self.folder / "current" / "simclusters.duckdb"), read_only=True)


@pytest.fixture
def published(tmp_path):
    published = Published(tmp_path)
    published.run(score=1)
    published.publish()
    return published


def test_a_snapshot_has_the_public_tables_and_what_functions_read(published):
    with published.open() as reader:
        tables = {name for (name,) in reader.execute("select table_name from duckdb_tables()").fetchall()}
        assert tables == {"scores", "best", "runs", "limits", "parts"}
        assert reader.execute("select reason from reasons").fetchall() == [(0.5,)]
        assert reader.execute("select score from best").fetchall() == [(1,)]
        assert reader.execute("select score from scores_of(7)").fetchall() == [(1,)]
    files = {file.name for file in (published.folder / "current" / "tables").iterdir()}
    assert files == {"scores.parquet", "best.parquet", "runs.parquet"}
    rows = duckdb.sql(f"select user_id, score from '{published.folder}/current/tables/scores.parquet'").fetchall()
    assert rows == [(7, 1)]


@pytest.mark.parametrize("name", ["my-shop", "my shop's", "1st"])
def test_a_database_of_any_name_is_published(tmp_path, name):
    published = Published(tmp_path, name)
    published.run(score=1)
    published.publish()
    with published.open() as reader:
        assert reader.execute("select score from scores_of(7)").fetchall() == [(1,)]
        assert reader.execute("select reason from reasons").fetchall() == [(0.5,)]


def test_what_is_published_is_for_readers_whatever_else_the_process_writes(tmp_path, monkeypatch):
    """As after an erasure, whose command keeps the database to the owner and the group."""
    monkeypatch.setattr(rights, "_given", None)
    before = os.umask(0o022)
    try:
        rights.keep_from_others()
        published = Published(tmp_path)
        published.run(score=1)
        snapshot = published.publish()
    finally:
        os.umask(before)
    assert published.database.stat().st_mode & 0o777 == 0o640
    modes = {path.name: path.stat().st_mode & 0o777 for path in (published.folder, snapshot, *snapshot.rglob("*.*"))}
    assert modes.pop("published") == modes.pop(snapshot.name) == 0o755
    assert set(modes.values()) == {0o644}


def test_the_file_has_the_format_of_the_first_clients_and_any_name(published, tmp_path):
    shutil.copy(published.folder / "current" / "simclusters.duckdb", tmp_path / "other.duckdb")
    with duckdb.connect() as reader:
        reader.execute(f"attach '{tmp_path}/other.duckdb' as other (read_only)")
        assert reader.execute("select reason from other.reasons").fetchall() == [(0.5,)]
        [(tags,)] = reader.execute("select tags from duckdb_databases() where database_name = 'other'").fetchall()
        assert tags["storage_version"].startswith("v1.0.0")
        reader.execute("use other")
        assert reader.execute("select score from scores_of(7)").fetchall() == [(1,)]


def test_a_reader_keeps_its_snapshot_and_the_next_reader_gets_the_next(published):
    reader = published.open()
    for score in (2, 3):
        published.run(score)
        published.publish()
        assert reader.execute("select score from scores_of(7)").fetchall() == ([(1,)])
        with published.open() as next_reader:
            assert next_reader.execute("select score from best").fetchall() == [(score,)]
    reader.close()
    # The one before the last stays for those who resolved its name.
    assert sorted(path.name for path in published.folder.iterdir() if path.is_dir() and not path.is_symlink()) == [
        "20260102T000000Z-run2",
        "20260103T000000Z-run3",
    ]


def test_after_an_erasure_no_older_snapshot_stays_and_a_failure_says_so(published, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("SIMCLUSTERS_DATABASE", str(published.database))
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path))
    (tmp_path / "manifest.json").write_text(json.dumps(MANIFEST))
    published.publish()
    published.execute("update scores set score = 2")
    assert forget.publish_again(published.folder) == 0
    left = {path.resolve() for path in published.folder.iterdir() if path.is_dir()}
    assert left == {(published.folder / "current").resolve()}
    with published.open() as reader:
        assert reader.execute("select score from best").fetchall() == [(2,)]
    published.run(score=3, state="failed")
    assert forget.publish_again(published.folder) == 1
    assert "still names them" in capsys.readouterr().err


def test_folders_of_others_stay(published):
    """Somebody may publish into a folder that has much else, also folders called tables."""
    theirs = [published.folder / name / "tables" for name in ("thesis", "20260101T000000Z", "warehouse-20260101T000000Z-run1")]
    for folder in theirs:
        folder.mkdir(parents=True)
    for score in (2, 3):
        published.run(score)
        published.publish()
    assert all(folder.is_dir() for folder in theirs)


def test_a_run_is_published_again_beside_itself(published):
    published.execute("update scores set score = 2")
    assert published.publish().name == "20260101T000000Z-run1-2"
    with published.open() as reader:
        assert reader.execute("select score from best").fetchall() == [(2,)]


@pytest.mark.parametrize(
    ("damage", "reason"),
    {
        "insert into runs values ('run2', 'failed', timestamp '2026-01-02', 'known_for')": "Run run2 is failed",
        "insert into runs values ('run2', 'started', timestamp '2026-01-02', null)": "Run run2 is started",
        "insert into table_runs values ('scores', 'run1', null, 'limits')": "such as scores than limits",
        "insert into table_runs values ('scores', 'run1', 'run1', null)": "may have replaced 1 tables, such as scores",
        "drop table runs": "no run is recorded",
    }.items(),
)
def test_what_is_not_one_good_run_is_not_published_and_the_last_stays(published, damage, reason):
    published.execute("update scores set score = 2")
    published.execute(damage)
    before = sorted(published.folder.iterdir())
    with pytest.raises(NotPublishableError, match=reason):
        published.publish()
    assert sorted(published.folder.iterdir()) == before
    with published.open() as reader:
        assert reader.execute("select score from best").fetchall() == [(1,)]


def test_the_end_of_make_run_says_whether_the_tables_belong_together(published):
    def said():
        with open_database(published.database, read_only=True) as connection:
            return "\n".join(summary(connection))

    assert said() == "Run run1 is done. All tables belong together."
    published.execute("insert into table_runs values ('scores', 'run1', null, 'limits')")
    assert "Tables of two runs stand side by side: run `make run` again." in said()
    assert "1 tables are older than what they are made of, such as scores than limits." in said()
    published.execute("insert into runs values ('run2', 'killed', timestamp '2026-01-02', null)")
    published.execute("insert into table_runs values ('best', 'run1', 'run2', null)")
    assert said().startswith("Run run2 is killed.")
    assert "Run run2 was killed, and may have replaced 1 tables, such as best." in said()
    published.execute("drop table runs")
    assert said() == ""
    published.execute("create table known_for (producer_id bigint)")
    assert said() == "No run is recorded: an earlier version built these tables."


def test_a_killed_publication_leaves_the_last_and_is_cleared(published):
    (published.folder / ".unfinished" / "tables").mkdir(parents=True)
    (published.folder / ".unfinished" / "simclusters.duckdb").write_text("half")
    published.publish()
    assert not (published.folder / ".unfinished").exists()


def questions(connection) -> list[str]:
    """Calls of every function, for a few users, producers, tweets and topics each."""

    def some(column, table, count=5):
        return [row[0] for row in connection.execute(f"select distinct {column} from {table} order by 1 limit {count}").fetchall()]

    producers = some("producer_id", "known_for")
    calls = [f"recommend_tweets({user}, 'default')" for user in some("consumer_id", "interested_in", 20)]
    calls += [f"recommend_live_tweets('consumer', {user}, 'live', 'all', 'all')" for user in some("consumer_id", "interested_in", 20)]
    for producer in producers:
        calls += [f"similar_producers_of({producer}, 'follow_based_producer')", f"tweets_for_producer({producer}, 'default')"]
        both = ", ".join(f"'follow_based_producer', {one}, 'all', 'all'" for one in (producer, producers[0]))
        calls.append(f"embedding_similarity({both})")
    calls += [f"similar_tweets({tweet}, 'default')" for tweet in some("tweet_id", "tweet_embeddings")]
    return calls + [f"tweets_for_topic({topic}, 'default', 'en', 'all')" for topic in some("topic_id", "topic_embeddings")]


def rounded(rows):
    """Sums depend in their last digits on the order of rows."""
    return [tuple(round(value, 9) if isinstance(value, float) else value for value in row) for row in rows]


@pytest.fixture(scope="module")
def snapshot(built_warehouse, tmp_path_factory):
    """The sample, published by the command."""
    folder = tmp_path_factory.mktemp("published")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIMCLUSTERS_DATABASE", str(built_warehouse.database))
        patch.setenv("DBT_TARGET_PATH", str(built_warehouse.folder / "target"))
        assert export.main(["--output", str(folder)]) == 0
    return folder / "current"


def test_the_sample_is_published_whole(built_warehouse, snapshot, manifest):
    public = [
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and node["config"].get("access") == "public"
        and "table_function" not in node["config"]["materialized"]
    ]
    assert len(public) > 50
    with duckdb.connect(str(snapshot / "simclusters.duckdb"), read_only=True) as reader:
        for name in public:
            [(count,)] = built_warehouse.query(f"select count(*) from {name}")
            assert reader.execute(f"select count(*) from {name}").fetchall() == [(count,)], name
            # Explanations are twenty times what they explain, so they are views, and no files.
            if not name.endswith("_explanations"):
                assert reader.execute(f"select count(*) from '{snapshot}/tables/{name}.parquet'").fetchall() == [(count,)], name


def test_functions_answer_as_in_the_database(built_warehouse, snapshot):
    with duckdb.connect(str(snapshot / "simclusters.duckdb"), read_only=True) as reader:
        calls = questions(reader)
        answers = {call: reader.execute(f"select * from {call} order by all").fetchall() for call in calls}
    functions = {call.split("(")[0] for call, rows in answers.items() if rows}
    assert len(functions) == 7, functions
    for call, rows in answers.items():
        assert rounded(built_warehouse.query(f"select * from {call} order by all")) == rounded(rows), call


@pytest.mark.index
def test_an_old_client_opens_it_and_its_functions_answer(snapshot, tmp_path):
    """1.0 to 1.3 and 1.5 were tried by hand; 1.4.0 and 1.4.1 cannot read any stored function with a `with` clause."""
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", str(tmp_path)]
    subprocess.run([*install, f"duckdb=={OLD_CLIENT}"], check=True)
    with duckdb.connect(str(snapshot / "simclusters.duckdb"), read_only=True) as reader:
        calls = questions(reader)
        expected = [len(reader.execute(f"select * from {call}").fetchall()) for call in calls]
    script = (
        "import duckdb, json, sys; path, calls = json.load(sys.stdin); reader = duckdb.connect(path, read_only=True);"
        "print(json.dumps([duckdb.__version__, *(len(reader.execute(f'select * from {call}').fetchall()) for call in calls)]))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(tmp_path)},
        input=json.dumps([str(snapshot / "simclusters.duckdb"), calls]),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(answer.stdout) == [OLD_CLIENT, *expected]
