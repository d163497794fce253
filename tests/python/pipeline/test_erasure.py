"""Who is erased leaves every table, and old inputs do not bring anybody back."""

import ast
import itertools
import json
import re

import duckdb
import pytest
import yaml
from dbt_command import PROJECT

from simclusters.commands import forget

# Columns whose name ends like that of a person and that hold none.
NO_PERSON = {
    *(
        "cluster_id",
        "parent_cluster_id",
        "largest_cluster_id",
        "neighbor_cluster_id",
        "first_cluster_id",
        "second_cluster_id",
        "index_list_id",
    ),
    *("topic_id", "similar_topic_id", "topic_key", "run_id", "unfinished_run_id", "config_id"),
    # A time; and the texts of the dictionaries, which keep a number without its text.
    *("fav_key", "user_key", "tweet_key", "entity_key"),
}
# What keeps rows from run to run, and texts with names.
WHERE_THEY_WERE = {
    *("base_follows", "base_engagements", "base_tweets", "base_users", "clusters", "cluster_history", "known_for_history"),
    *("int_communities", "int_producer_pairs", "embedding_versions", "persistent_tweet_embeddings"),
    *("int_stream_pairs", "int_stream_inbox", "int_stream_files"),
}


@pytest.fixture(scope="module")
def subject_columns():
    sql = (PROJECT / "macros" / "inputs" / "forget.sql").read_text()
    return ast.literal_eval(re.search(r"macro subject_columns\(\) %\}\s*\{\{ return\((\{.*?\})\) \}\}", sql, re.DOTALL)[1])


def test_every_column_of_ids_is_known_to_hold_a_person_or_none(manifest, subject_columns):
    listed = {*subject_columns["user"], *subject_columns["tweet"], *subject_columns["kind"]}
    assert not listed & NO_PERSON
    found = set()
    # Models of the other engine too.
    for model in [*manifest["nodes"].values(), *itertools.chain(*manifest["disabled"].values())]:
        if model["resource_type"] == "model":
            found |= {column for column in model["columns"] if column.endswith(("_id", "_key"))}
    assert found == listed | NO_PERSON


def test_tables_of_the_other_engine_are_known(manifest):
    """A run with another engine left them. Those of two engines are found by their names."""
    sql = (PROJECT / "macros" / "inputs" / "forget.sql").read_text()
    listed = set(ast.literal_eval(re.search(r"macro tables_of_one_engine\(\) %\}\s*\{\{ return\((\[.*?\])\) \}\}", sql, re.DOTALL)[1]))
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    switched_off = [node for nodes in manifest["disabled"].values() for node in nodes if node["resource_type"] == "model"]
    steps = {re.sub("_(sql|kernel)$", "", node["name"]) for node in models if re.search("_(sql|kernel)$", node["name"])}
    alone = {node["name"] for node in switched_off if re.sub("_(sql|kernel)$", "", node["name"]) not in steps}
    views = {node["name"] for node in switched_off if node["config"]["materialized"] == "view"}
    assert alone - views <= listed
    assert listed <= alone | {node["name"] for node in models}


def test_an_id_of_any_kind_stands_beside_its_kind_where_it_may_be_a_person(manifest, subject_columns):
    """Entities are topics where no kind is named."""
    without_kind = set()
    for model in manifest["nodes"].values():
        if model["resource_type"] == "model":
            for column, kind in subject_columns["kind"].items():
                if column in model["columns"] and kind not in model["columns"]:
                    without_kind.add((column, model["name"]))
    of_topics = ("cluster_top_entities", "entity_embeddings", "int_entity_cluster_scores")
    assert without_kind == {("entity_id", name) for name in of_topics}


def traces(warehouse, numbers, texts):
    """Tables with one of the numbers in a column of numbers, or one of the texts in a column of texts."""
    found = set()
    words = "|".join(map(re.escape, texts))
    with duckdb.connect(str(warehouse.database), read_only=True) as connection:
        columns = connection.execute(
            "select table_name, column_name, data_type from duckdb_columns() inner join duckdb_tables() using (table_name)"
            " where table_name not like 'raw!_%' escape '!' and data_type in ('BIGINT', 'HUGEINT', 'VARCHAR')"
        ).fetchall()
        for table, column, data_type in columns:
            condition = (
                f"""regexp_matches("{column}", '(^|[^\\w])({words})([^\\w]|$)')"""
                if data_type == "VARCHAR"
                else (f'"{column}" in ({", ".join(map(str, numbers))})')
            )
            if connection.execute(f'select 1 from "{table}" where {condition} limit 1').fetchone():
                found.add(table)
    return found


@pytest.fixture(scope="module")
def erased(built_warehouse, tmp_path_factory):
    """The sample without a well known author, the author of a faved tweet, somebody who favs and somebody who opts out."""
    warehouse = built_warehouse.copy(tmp_path_factory.mktemp("erased"))
    [(producer,), *_] = warehouse.query(
        "select producer_id from known_for inner join producers using (producer_id)"
        " where producer_id in (select author_id from stg_tweets) order by follower_count desc, producer_id"
    )
    [(author,), *_] = warehouse.query(
        "select author_id from stg_tweets inner join persistent_tweet_embeddings using (tweet_id)"
        f" where author_id <> {producer} order by tweet_id"
    )
    [(consumer,), *_] = warehouse.query("select user_id from int_stream_pairs group by all order by count(*) desc, user_id")
    [(opted_out,), *_] = warehouse.query("select user_id from stg_opt_outs order by user_id")
    users = sorted({producer, author, consumer, opted_out})
    listed = ", ".join(map(str, users))
    names = [name for (name,) in warehouse.query(f"select screen_name from stg_users where user_id in ({listed})")]
    tweets = [tweet for (tweet,) in warehouse.query(f"select tweet_id from stg_tweets where author_id in ({listed})")]
    # As a community is called that has no topic; what another engine leaves, and a stream.
    warehouse.execute(
        f"""
        update cluster_history set cluster_name = 'around {names[0]}'
        where cluster_id in (select cluster_id from known_for_history where producer_id in ({listed}));
        create table int_producer_pairs as select {producer}::bigint as producer_id, {consumer}::bigint as neighbor_producer_id;
        insert into int_stream_inbox select {consumer}, max(tweet_id), 'dance', timestamp '2026-01-01' from stg_tweets;
        insert into int_stream_files values
            ('a.csv', '1', 'rejected', 'user_id is null', 1, 'user_id={consumer}, tweet_id=1'),
            ('b.csv', '1', 'failed', 'CSV Error on Line: 2 Original Line: {consumer},1', 0, null),
            ('c.csv', '1', 'taken', null, 5, null);
        """
    )
    assert traces(warehouse, [*users, *tweets], [*names, *map(str, users)]) >= WHERE_THEY_WERE
    faved = warehouse.query(f"select distinct tweet_id from int_stream_pairs where user_id = {consumer}")
    outcome = warehouse.dbt("run-operation", "forget", "--args", yaml.safe_dump({"user_id": users}))
    assert outcome.success, outcome.output + outcome.error
    return warehouse, users, tweets, names, [tweet for (tweet,) in faved], outcome


def test_no_table_names_who_was_erased(erased):
    warehouse, users, tweets, names, _, outcome = erased
    assert traces(warehouse, [*users, *tweets], [*names, *map(str, users)]) == set()
    assert [one for one in map(str, users) if one in outcome.output] == []
    assert warehouse.query("select count(*) from erased_ids") == [(len(users) + len(tweets),)]
    assert warehouse.query("select file_name from int_stream_files order by 1") == [("a.csv",), ("c.csv",)]


def test_others_stay(erased, built_warehouse):
    """Of a table with one person a row, just their rows are gone; lists of names keep the other names."""
    warehouse, users, *_ = erased
    for table, column in (("known_for_history", "producer_id"), ("base_users", "user_id"), ("interested_in", "consumer_id")):
        others = f"select * from {table} where {column} not in ({', '.join(map(str, users))}) order by all"
        assert warehouse.query(others) == built_warehouse.query(others)
    changed = "select top_producers from clusters where contains(top_producers, 'an erased user')"
    assert warehouse.query(changed)
    assert all(len(names.split(", ")) > 1 for (names,) in warehouse.query(changed))


def test_old_inputs_bring_nobody_back_and_the_sums_of_the_stream_are_made_again(erased, built_warehouse, tmp_path):
    """The sample still has them. Tweets that they faved are summed again, without them."""
    warehouse, users, tweets, names, faved, _ = erased
    again = warehouse.copy(tmp_path)
    listed = ", ".join(map(str, faved))
    assert again.query(f"select count(*) from int_tweet_cluster_partials where tweet_id in ({listed})") == [(0,)]
    again.build("run", "--select", "staging", "int_stream_pairs", "int_tweet_cluster_partials")
    assert traces(again, [*users, *tweets], [*names, *map(str, users)]) == set()
    counted = dict(again.query("select table_name, row_count from input_report where reason = 'names somebody who was erased'"))
    assert {"follows", "engagements", "tweets", "users", "opt_outs"} <= set(counted)
    assert counted["users"] == len(users)
    favs = "select sum(fav_count) from int_tweet_cluster_partials where tweet_id in "
    left = [tweet for tweet in faved if tweet not in tweets]
    before, after = (one.query(f"{favs} ({', '.join(map(str, left))})")[0][0] for one in (built_warehouse, again))
    assert 0 < after < before


def test_a_second_time_nobody_is_found(erased):
    warehouse, users, tweets, *_ = erased
    # Also with zeros before, as inputs may write it.
    for user in (users[0], f"000{users[0]}"):
        outcome = warehouse.dbt("run-operation", "forget", "--args", yaml.safe_dump({"user_id": user}))
        assert outcome.success, outcome.output + outcome.error
    assert warehouse.query("select count(*) = count(distinct id_hash), count(*) from erased_ids") == [(True, len(users) + len(tweets))]
    assert not warehouse.dbt("run-operation", "forget", "--args", "{user_id: ada}").success


class FakeDbt:
    """Stands for dbt: remembers what it is asked."""

    asked: list = []

    def invoke(self, arguments):
        FakeDbt.asked.append(arguments)
        return type("Outcome", (), {"success": True, "exception": None})


def test_the_command_names_nobody_in_a_log_and_says_which_logs_do(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SIMCLUSTERS_DATABASE", str(tmp_path / "x.duckdb"))
    monkeypatch.setenv("DBT_LOG_PATH", str(tmp_path / "logs"))
    monkeypatch.setattr(forget, "dbtRunner", FakeDbt)
    assert forget.main(["17"]) == 1
    duckdb.connect("x.duckdb").close()
    (tmp_path / "explorer.html").touch()
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "dbt.log").write_text("user_id=17, tweet_id=1\n")
    (tmp_path / "logs" / "dbt.log.1").write_text("user_id=170, tweet_id=17.5\n")
    assert forget.main(["17", "did:plc:ada"]) == 0
    assert not (tmp_path / "explorer.html").exists()
    [arguments] = FakeDbt.asked
    assert yaml.safe_load(arguments[3]) == {"user_id": ["17", "did:plc:ada"]}
    assert "none" in arguments
    assert "--no-write-json" in arguments
    said = capsys.readouterr().out
    assert "dbt.log names one" in said
    assert "dbt.log.1" not in said
    assert json.dumps(said).count("17") == 0


def test_after_an_erasure_what_is_published_is_published_again(tmp_path, monkeypatch):
    """And what cannot be is the outcome of the command."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SIMCLUSTERS_DATABASE", str(tmp_path / "x.duckdb"))
    monkeypatch.setenv("DBT_LOG_PATH", str(tmp_path / "logs"))
    duckdb.connect("x.duckdb").close()
    monkeypatch.setattr(forget, "dbtRunner", FakeDbt)
    folders = []
    monkeypatch.setattr(forget, "publish_again", lambda folder: folders.append(folder) or 1)
    assert forget.main(["17", "--output", str(tmp_path / "shown")]) == 0
    (tmp_path / "shown" / "current").mkdir(parents=True)
    assert forget.main(["17", "--output", str(tmp_path / "shown")]) == 1
    assert folders == [tmp_path / "shown"]


def test_an_erasure_that_fails_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SIMCLUSTERS_DATABASE", str(tmp_path / "x.duckdb"))
    duckdb.connect("x.duckdb").close()

    class FailingDbt:
        def invoke(self, _):
            return type("Outcome", (), {"success": False, "exception": "Database Error"})

    monkeypatch.setattr(forget, "dbtRunner", FailingDbt)
    assert forget.main(["17"]) == 1
    assert "error: Database Error. It can be called again" in capsys.readouterr().err
