"""Text ids are names of the same things: tables, functions, stream and report say of them what they say of integers."""

import datetime
import os

import duckdb
import numpy as np
import pytest
from dbt_command import PROJECT

from simclusters.commands import report
from simclusters.sample.parameters import SampleParameters
from simclusters.sample.writing import write_sample
from simclusters.streaming import Stream
from simclusters.streaming.stream import PAIRS, PARTIALS, part_of

# Texts in the order of the integers, because the smaller id wins a tie.
LABELS = {
    "user": "'did:plc:' || lpad(cast({} as varchar), 20, '0')",
    "tweet": "substr(lpad(hex({}), 32, '0'), 1, 16) || '-' || substr(lpad(hex({}), 32, '0'), 17)",
    "topic": "'#' || lpad(cast({} as varchar), 20, '0')",
}
KINDS = {
    "consumer_id": "user",
    "producer_id": "user",
    "user_id": "user",
    "author_id": "user",
    "blocked_user_id": "user",
    "tweet_id": "tweet",
    "topic_id": "topic",
}
BOTH = ("+tweet_candidates", "+producer_candidates", "+clusters", "+recommend_tweets")
TEXT_ONLY = (
    *("+similar_producers_of", "+tweets_for_topic", "+recommend_live_tweets", "+similar_tweets", "+tweets_for_producer"),
    *("input_report", "entity_names", "tweet_candidate_explanations", "producer_candidate_explanations"),
)
COMPARED = {
    "known_for": "producer_id, cluster_id, known_for_score",
    "clusters": "cluster_id, producer_count, follower_count, interested_consumer_count, main_language",
    "interested_in": "consumer_id, cluster_id, log_fav_score, follow_score, cluster_rank",
    "producer_embeddings": "embedding_type, producer_id, cluster_id, producer_score, cluster_rank",
    "tweet_embeddings": "embedding_type, tweet_id, cluster_id, tweet_score",
    "tweet_candidates": "candidate_type, consumer_id, tweet_id, candidate_rank, candidate_score",
    "producer_candidates": "candidate_type, consumer_id, producer_id, candidate_rank",
}


def label(column: str) -> str:
    """SQL of the text of an integer id."""
    return LABELS[KINDS[column]].replace("{}", column)


def assert_same(rows: list[tuple], expected: list[tuple], what: str) -> None:
    """Equal but for the last digits of sums, which depend on the order of the rows."""
    assert len(rows) == len(expected), what
    texts = ([tuple(value for value in row if not isinstance(value, float)) for row in made] for made in (rows, expected))
    # A difference of all rows would take pytest minutes to write.
    assert [pair for pair in zip(*texts, strict=True) if pair[0] != pair[1]][:5] == [], what
    sums = ([[value for value in row if isinstance(value, float)] for row in made] for made in (rows, expected))
    np.testing.assert_allclose(*sums, rtol=1e-9, err_msg=what)


@pytest.fixture(scope="module")
def relabelled(new_warehouse, tmp_path_factory):
    """Warehouses of the same data, with integers and with text."""
    folder = tmp_path_factory.mktemp("relabelled")
    write_sample(SampleParameters(users=400, follows=5_200, engagements=8_000), folder / "integers", "parquet")
    (folder / "text").mkdir()
    warehouses = {}
    for path in (folder / "integers").iterdir():
        columns = [column[0] for column in duckdb.sql(f"describe from '{path}'").fetchall()]
        texts = ", ".join(f"{label(column)} as {column}" for column in columns if column in KINDS)
        duckdb.sql(f"copy (select * replace ({texts}) from '{path}') to '{folder / 'text' / path.name}'")
    for name in ("integers", "text"):
        warehouses[name] = new_warehouse()
        warehouses[name].variables = {"input_dir": str(folder / name), "communities_k": 8, "minimum_social_proof": 1}
        # The trial draws by ids. So it may choose another recipe for text.
        warehouses[name].execute("delete from co_follow_recipes where preference > 1")
        warehouses[name].build("run", "--select", *BOTH, *(TEXT_ONLY if name == "text" else ()))
    return warehouses


@pytest.mark.parametrize("table", COMPARED)
def test_the_same_rows_under_other_names(relabelled, table):
    columns = COMPARED[table]
    ids = [column.strip() for column in columns.split(",") if column.strip() in KINDS]
    texts = ", ".join(f"{label(column)} as {column}" for column in ids)
    expected = relabelled["integers"].query(
        f"select {columns} from (select * {f'replace ({texts})' if ids else ''} from {table}) order by all"
    )
    joins = "".join(
        f" inner join {KINDS[column]}_ids as {column}_keys on made.{column} = {column}_keys.{KINDS[column]}_id" for column in ids
    )
    texts = ", ".join(f"{column}_keys.{KINDS[column]}_key as {column}" for column in ids)
    rows = relabelled["text"].query(
        f"select {columns} from (select made.* {f'replace ({texts})' if ids else ''} from {table} as made{joins}) order by all"
    )
    assert len(rows) > 5
    assert_same(rows, expected, table)


def test_a_community_is_described_by_text_ids_where_nobody_has_a_name(relabelled):
    assert relabelled["text"].query("select count(*) from producers where screen_name is null") == [(0,)]


def test_functions_take_the_number_and_the_text(relabelled):
    """By text they answer as by the number, also where text is all that a client sends of an integer."""
    warehouse = relabelled["text"]
    consumer, tweet, producer, topic = warehouse.query(
        "select (select min(consumer_id) from tweet_candidates), (select min(tweet_id) from tweet_candidates),"
        " (select min(producer_id) from known_for), (select min(topic_id) from topic_ids)"
    )[0]
    calls = {
        "recommend_tweets({}, 'default')": ("user", consumer),
        "similar_tweets({}, 'default')": ("tweet", tweet),
        "tweets_for_producer({}, 'default')": ("user", producer),
        "tweets_for_topic({}, 'default', 'all', 'all')": ("topic", topic),
        "similar_producers_of({}, 'follow_based_producer')": ("user", producer),
        "recommend_live_tweets('consumer', {}, 'live', 'all', 'all')": ("user", consumer),
        "recommend_live_tweets('tweet', {}, 'live', 'all', 'all')": ("tweet", tweet),
    }
    answers = 0
    for call, (kind, number) in calls.items():
        [(key,)] = warehouse.query(f"select {kind}_key from {kind}_ids where {kind}_id = {number}")
        by_number = warehouse.query(f"from {call.format(number)} order by all")
        assert_same(warehouse.query("from " + call.format(f"' {key} '") + " order by all"), by_number, call)
        assert warehouse.query("from " + call.format("'nobody'")) == [], call
        assert warehouse.query("from " + call.format(f"'{number}'")) == [], call
        answers += bool(by_number)
    assert answers >= 3

    consumer = relabelled["integers"].query("select min(consumer_id) from tweet_candidates")[0][0]
    by_number = relabelled["integers"].query(f"from recommend_tweets({consumer}, 'default') order by all")
    assert relabelled["integers"].query(f"from recommend_tweets('{consumer}', 'default') order by all") == by_number != []


def test_the_stream_numbers_new_ids_and_the_next_batch_keeps_them(relabelled, tmp_path, monkeypatch):
    warehouse = relabelled["text"].copy(tmp_path / "warehouse")
    faver = "(select min(consumer_id) from interested_in where fav_score > 0.3)"
    consumer, as_of = warehouse.query(f"select user_key, as_of from user_ids, stg_as_of where user_id = {faver}")[0]
    users, tweets = (warehouse.query(f"select max({kind}_id) from {kind}_ids")[0][0] for kind in ("user", "tweet"))
    moment = as_of + datetime.timedelta(minutes=5)
    (tmp_path / "events").mkdir()
    header = "user_id,tweet_id,engagement_type,engaged_at\n"
    rows = [
        f"{consumer}\u00a0,zz-new,fav,{moment}",
        f"newcomer,zz-new,fav,{moment}",
        f"newcomer, 0-new,fav,{moment}",
        f",x,fav,{moment}",
    ]
    (tmp_path / "events" / "a.csv").write_text(header + "\n".join(rows) + "\n")
    os.utime(tmp_path / "events" / "a.csv", (1, 1))
    environment = warehouse.environment() | {"DBT_TARGET_PATH": str(tmp_path / "target"), "DBT_LOG_PATH": str(tmp_path / "logs")}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(PROJECT)
    stream = Stream(tmp_path / "events", warehouse.database, warehouse.variables)
    stream.manifest = part_of(warehouse.manifest, [PAIRS, PARTIALS])
    assert stream.one_pass() == 1
    grown = [(users + 1, "newcomer")], [(tweets + 1, "0-new"), (tweets + 2, "x"), (tweets + 3, "zz-new")]
    assert warehouse.query(f"from user_ids where user_id > {users} order by 1") == grown[0]
    assert warehouse.query(f"from tweet_ids where tweet_id > {tweets} order by 1") == grown[1]
    assert warehouse.query(f"select count(*) from int_tweet_cluster_partials where tweet_id = {tweets + 3} and fav_count = 1") != [
        (0,)
    ]

    warehouse.build("run", "--select", "user_ids", "tweet_ids")
    assert warehouse.query(f"from user_ids where user_id > {users} order by 1") == grown[0]
    assert warehouse.query(f"from tweet_ids where tweet_id > {tweets} order by 1") == grown[1]


def test_the_report_shows_text_ids_and_is_asked_by_them(relabelled, monkeypatch, capsys):
    warehouse = relabelled["text"]
    monkeypatch.setenv("SIMCLUSTERS_DATABASE", str(warehouse.database))
    monkeypatch.setattr(report, "public_tables", lambda target: [])
    for name in ("NOT_STREAMED", "EMPTY_TABLES", "SETTINGS"):
        monkeypatch.setattr(report, name, "select 1 where false")
    both = (
        "select consumer_id from tweet_candidates intersect"
        " select consumer_id from producer_candidates where candidate_type = 'default'"
    )
    [(consumer,)] = warehouse.query(f"select min(user_key) from user_ids where user_id in ({both})")
    assert report.main([consumer]) == 0
    printed = capsys.readouterr().out
    assert f"({consumer})" in printed
    [tweet] = warehouse.query("select max(tweet_key) from tweet_ids")[0]
    assert tweet[:17] in printed
    assert "did:plc:" in printed.split("could follow")[1]
    assert report.main(["nobody"]) == 1
    assert "No id in the inputs is nobody." in capsys.readouterr().out
