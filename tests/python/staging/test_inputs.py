"""The user's files and tables: what is read how, what is counted, and what stops a run before it replaces anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from dbt_command import PROJECT

from simclusters.inputs import TABLES

FOLLOWS = "consumer_id,producer_id\n1,10\n1,11\n2,11\n"
GOOD = {
    "follows.csv": FOLLOWS,
    "engagements.csv": "user_id,tweet_id,engagement_type,engaged_at\n1,100,fav,2026-01-02 03:04:05\n",
    "tweets.csv": "tweet_id,author_id,created_at,has_video,is_sensitive\n100,10,2026-01-01 00:00:00,true,false\n",
    "users.csv": "user_id,screen_name,is_active,language,country\n1,ada,true,en,GB\n",
    "topics.csv": "topic_id,topic_name\n7,music\n",
}
STAGING = ("run", "--select", "staging", "int_fav_states")
# Inputs of another origin: a run without it stops there.
ELSEWHERE = (*STAGING, "--full-refresh")


def write_files(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write the files into a new folder. Text of a Parquet file is the query whose rows it holds."""
    folder.mkdir()
    for name, content in files.items():
        if name.endswith(".parquet") and isinstance(content, str):
            duckdb.sql(f"copy ({content}) to '{folder / name}' (format parquet)")
        else:
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def tables_of(warehouse) -> dict[str, list[tuple]]:
    """All rows of all staging tables."""
    names = [f"stg_{name}" for name in TABLES] + ["stg_as_of", "int_fav_states", "input_report"]
    rows = warehouse.queries(f"from {name}" for name in names)
    return {name: sorted(of_table, key=repr) for name, of_table in zip(names, rows, strict=True)}


@pytest.fixture(scope="module")
def good(new_warehouse, tmp_path_factory):
    """A warehouse built from good files, with all its rows."""
    warehouse = new_warehouse()
    folder = write_files(tmp_path_factory.mktemp("good") / "inputs", GOOD)
    warehouse.build(*STAGING, variables={"input_dir": str(folder)})
    return warehouse, tables_of(warehouse)


@pytest.fixture
def built(new_warehouse, tmp_path) -> Callable:
    """A function that builds staging from files and returns the warehouse."""

    def build(files: dict[str, str | bytes], models: str = "staging int_fav_states", **variables):
        warehouse = new_warehouse()
        folder = write_files(tmp_path / "inputs", files)
        warehouse.build("run", "--select", *models.split(), variables={"input_dir": str(folder), **variables})
        return warehouse

    return build


ENGAGEMENT_HEADER = "user_id,tweet_id,engagement_type,engaged_at\n"
TWEET_HEADER = "tweet_id,author_id,created_at,has_video,is_sensitive\n"
# Name of the case, files that differ from the good ones (none: absent), and what the message must say.
FATAL_FILES = {
    "no follows": ({"follows.csv": None}, ["follows (", "the table is required, and there is none"]),
    "follows of 0 bytes": ({"follows.csv": ""}, ["follows (", "the file is empty, without a header"]),
    "follows with a header only": ({"follows.csv": "consumer_id,producer_id\n"}, ["follows (", "has no rows"]),
    "no producer_id": (
        {"follows.csv": "consumer_id,followed\n1,2\n"},
        ["follows (", "column producer_id: the column is required, and is missing; the table has consumer_id, followed"],
    ),
    "no engaged_at in an optional table": (
        {"engagements.csv": "user_id,tweet_id,engagement_type\n1,2,fav\n"},
        ["engagements (", "column engaged_at: the column is required"],
    ),
    "an id in words": (
        {"follows.csv": FOLLOWS + "three,11\n"},
        ["follows (", "column consumer_id: not an int64 in 1 of 4 rows", "consumer_id=three, producer_id=11"],
    ),
    "an id with a fraction": ({"follows.csv": FOLLOWS + "2.5,11\n"}, ["consumer_id: not an int64", "consumer_id=2.5"]),
    "an id that a spreadsheet rounded": (
        {"follows.csv": FOLLOWS + "3,2.09458E+18\n"},
        ["column producer_id: not an int64", "producer_id=2.09458E+18"],
    ),
    "an id of 2^63": (
        {"follows.csv": FOLLOWS + "3,9223372036854775808\n"},
        ["column producer_id: not an int64", "producer_id=9223372036854775808"],
    ),
    "an unsigned id of 2^63": (
        {"follows.csv": None, "follows.parquet": "select 1 as consumer_id, 9223372036854775808::ubigint as producer_id"},
        ["follows.parquet", "column producer_id: not an int64", "producer_id=9223372036854775808"],
    ),
    "a float id beyond 2^53": (
        {"follows.csv": None, "follows.parquet": "select 1 as consumer_id, 9007199254740994.0::double as producer_id"},
        ["column producer_id: not an int64"],
    ),
    "a 32-bit float id beyond 2^24": (
        {"follows.csv": None, "follows.parquet": "select 1 as consumer_id, 16777218::float as producer_id"},
        ["column producer_id: not an int64"],
    ),
    "a float id that is not a number": (
        {"follows.csv": None, "follows.parquet": "select 1 as consumer_id, 'nan'::double as producer_id"},
        ["column producer_id: not an int64", "producer_id=nan"],
    ),
    "a day that does not exist": (
        {"engagements.csv": ENGAGEMENT_HEADER + "1,100,fav,2026-02-30 00:00:00\n"},
        ["engagements (", "column engaged_at: not a timestamp", "engaged_at=2026-02-30 00:00:00"],
    ),
    "a time of the afternoon": (
        {"engagements.csv": ENGAGEMENT_HEADER + "1,100,fav,2026-01-02 3:00 PM\n"},
        ["column engaged_at: not a timestamp"],
    ),
    "seconds since 1970": (
        {"engagements.csv": None, "engagements.parquet": "select 1 user_id, 2 tweet_id, 'fav' engagement_type, 1767323045 engaged_at"},
        ["engagements.parquet", "column engaged_at: not a timestamp", "engaged_at=1767323045"],
    ),
    "neither true nor false": (
        {"tweets.csv": TWEET_HEADER + "100,10,2026-01-01,maybe,false\n"},
        ["tweets (", "column has_video: not a bool", "has_video=maybe"],
    ),
    "a weight in words": (
        {"user_languages.csv": "user_id,language,language_weight\n1,en,much\n"},
        ["user_languages (", "column language_weight: not a number", "language_weight=much"],
    ),
    "mostly broken rows": (
        {"follows.csv": "consumer_id,producer_id\n1,10\n2,2\n3,3\n-4,4\n"},
        ["follows (", "3 of 4 rows break a rule; var rejected_share_limit", "follows itself: consumer_id=2, producer_id=2"],
    ),
    "mostly unknown types": (
        {"engagements.csv": ENGAGEMENT_HEADER + "1,100,fav,2026-01-01\n" + "2,100,wave,2026-01-01\n" * 3 + "3,100,Nod,2026-01-01\n"},
        [
            "engagements (",
            "4 of 5 rows break a rule",
            "engagement_type is unknown: wave: user_id=2, tweet_id=100, engagement_type=wave, engaged_at=2026-01-01 (rows: 3)",
            "engagement_type is unknown: Nod",
            "Values of engagement_type: fav, unfav, retweet,",
            "the var engagement_types gives other names to them, as in {like: fav}",
        ],
    ),
    "a file of each kind": (
        {"follows.parquet": "select 1 as consumer_id, 2 as producer_id"},
        ["follows.csv and follows.parquet both exist"],
    ),
    "text that is called Parquet": (
        {"follows.csv": None, "follows.parquet": FOLLOWS.encode()},
        ["follows (", "follows.parquet is no Parquet file: it begins with 'consumer_id,producer", "name it by its kind"],
    ),
    "a Parquet file that was cut off": (
        {"users.csv": None, "users.parquet": b"PAR1 and then a half"},
        ["users (", "users.parquet is cut off: it begins as a Parquet file and does not end as one"],
    ),
    "a row with too few columns": ({"follows.csv": FOLLOWS + "3\n"}, ["follows.csv), line 5: "]),
    "a row with too many columns": ({"follows.csv": FOLLOWS + "3,4,5\n"}, ["follows.csv), line 5: "]),
    "a quote that does not close": ({"follows.csv": FOLLOWS + '3,"4\n5,6\n'}, ["follows.csv"]),
    "text that is not UTF-8": ({"follows.csv": FOLLOWS.encode() + b"3,\xff\xfe\n"}, ["follows.csv), line 5: "]),
    "a separator that nobody uses": ({"follows.csv": FOLLOWS.replace(",", "^")}, ["the table has consumer_id^producer_id"]),
    "two tables at once": (
        {"follows.csv": FOLLOWS + "x,1\n", "tweets.csv": TWEET_HEADER + "y,10,2026-01-01,true,false\n"},
        ["follows (", "consumer_id=x", "tweets (", "tweet_id=y"],
    ),
}


@pytest.mark.parametrize("case", FATAL_FILES)
def test_unusable_files_stop_the_run_and_the_tables_stand(good, tmp_path, case):
    warehouse, before = good
    changes, expected = FATAL_FILES[case]
    files = {name: content for name, content in (GOOD | changes).items() if content is not None}
    outcome = warehouse.dbt(*ELSEWHERE, variables={"input_dir": str(write_files(tmp_path / "inputs", files))})
    assert not outcome.success
    assert [text for text in expected if text not in outcome.error] == [], outcome.error
    assert tables_of(warehouse) == before


UNUSABLE_SETTINGS = {
    "a folder that does not exist": ({"input_dir": "no/such/folder"}, "the folder 'no/such/folder' does not exist"),
    "two places": ({"input_dir": "somewhere", "input_schema": "elsewhere"}, "both are set; set one"),
    "a schema that does not exist": ({"input_schema": "nowhere"}, "follows ("),
    "an as_of in words": ({"as_of": "yesterday"}, "var as_of: 'yesterday'"),
    "an as_of that does not exist": ({"as_of": "2026-02-30 00:00:00"}, "var as_of: '2026-02-30 00:00:00'"),
    "an as_of with a zone": ({"as_of": "2026-01-01 00:00:00+02:00"}, "is not empty or a time in UTC"),
}


def refusal(good, command, variables) -> str:
    """The error of a run that must stop and leave the tables as they stand."""
    warehouse, before = good
    outcome = warehouse.dbt(*command, variables=variables)
    assert not outcome.success
    assert tables_of(warehouse) == before
    return outcome.error


@pytest.mark.parametrize("case", UNUSABLE_SETTINGS)
def test_unusable_settings_stop_the_run_and_the_tables_stand(good, case):
    variables, expected = UNUSABLE_SETTINGS[case]
    assert expected in refusal(good, ELSEWHERE, variables)


MISTYPED = {
    "a folder that does not exist": ({"input_dir": "no/such/folder"}, "the folder 'no/such/folder' does not exist"),
    "a schema that does not exist": ({"input_schema": "nowhere"}, "the table is required, and there is none"),
}


@pytest.mark.parametrize("case", MISTYPED)
def test_a_mistyped_place_is_not_called_another_origin(good, case):
    variables, expected = MISTYPED[case]
    error = refusal(good, STAGING, variables)
    assert expected in error
    assert "This run reads" not in error


def test_text_ids_of_another_place_are_called_another_origin(good, tmp_path):
    """And not a change of the kind of ids, which would be said of newer files in the same place."""
    warehouse, before = good
    folder = write_files(tmp_path / "inputs", {"follows.csv": "consumer_id,producer_id\n@ada,@bob\n"})
    outcome = warehouse.dbt(*STAGING, "int_communities", variables={"input_dir": str(folder)})
    assert not outcome.success
    assert "This run reads the folder" in outcome.error
    assert tables_of(warehouse) == before


def test_the_message_shows_at_most_five_rows(good, tmp_path):
    warehouse, _ = good
    bad_rows = "".join(f"x{number},1\n" for number in range(8))
    folder = write_files(tmp_path / "inputs", {"follows.csv": FOLLOWS + bad_rows})
    outcome = warehouse.dbt(*ELSEWHERE, variables={"input_dir": str(folder)})
    assert "not an int64 in 8 of 11 rows" in outcome.error
    assert outcome.error.count("consumer_id=x") == 5


@pytest.mark.parametrize("command", [("parse",), ("compile",), ("docs", "generate"), ("test",)])
def test_commands_that_replace_nothing_work_with_unusable_files(good, tmp_path, command):
    warehouse, before = good
    variables = {"input_dir": str(write_files(tmp_path / "inputs", {"follows.csv": "consumer_id\nx\n"}))}
    if command == ("parse",):
        warehouse.copy(tmp_path / "parsed").parse_part("staging", variables=variables)
    else:
        selection = "staging,resource_type:model" if command[0] != "test" else "input_report,test_type:data"
        outcome = warehouse.dbt(*command, "--select", selection, variables=variables)
        assert outcome.success, outcome.output + outcome.error
    assert tables_of(warehouse) == before


MESSY = {
    "follows.csv": "consumer_id,producer_id\n1,10\n1,10\n1,10\n2,11\n3,11\n4,11\n,11\n5,-6\n7,7\n",
    "engagements.csv": ENGAGEMENT_HEADER
    + "1,100,fav,2026-01-01 00:00:00\n" * 2
    + "1,100,dance,2026-01-01 00:00:00\n2,100,dance,2026-01-01 00:00:00\n1,100,fav,2026-03-01 00:00:00\n2,100,fav,\n"
    + "2,100,click,2026-01-01 00:00:00\n3,100,click,2026-01-01 00:00:00\n4,100,click,2026-01-01 00:00:00\n",
    "tweets.csv": TWEET_HEADER + "100,,2026-01-01,true,false\n100,10,2026-01-01,true,false\n",
    "users.csv": "user_id,screen_name\n1,ada\n1,ada\n1,eva\n",
    "user_languages.csv": "user_id,language,language_weight\n1,en, 0.5\n1,fr,1.5\n2,,0.5\n3,es,\n3,fr,1e-1\n4,en,NaN\n",
    "tweet_topics.csv": "tweet_id,topic_id\n100,8\n",
    "topics.csv": "topic_id,topic_name\n7,music\n9,  \n9,\n",
    "opt_outs.csv": "user_id,topic_id,opt_out_kind\n1,7,known_for\n2,7,everything\n",
    "blocks.csv": "user_id,blocked_user_id\n1,10\n2,2\n",
}


@pytest.fixture(scope="module")
def messy(new_warehouse, tmp_path_factory):
    """A warehouse built from files with rows of every counted kind."""
    warehouse = new_warehouse()
    folder = write_files(tmp_path_factory.mktemp("messy") / "inputs", MESSY)
    warehouse.build(*STAGING, variables={"input_dir": str(folder), "as_of": "2026-02-01 00:00:00"})
    return warehouse


def test_rows_that_break_a_rule_are_counted_and_left_out(messy):
    assert sorted(messy.query("select table_name, reason, row_count from input_report")) == [
        ("blocks", "blocks itself", 1),
        ("engagements", "engaged_at is after as_of", 1),
        ("engagements", "engaged_at is null", 1),
        ("engagements", "engagement_type is unknown: dance", 2),
        ("engagements", "repeats another row", 1),
        ("follows", "consumer_id is null", 1),
        ("follows", "follows itself", 1),
        ("follows", "producer_id is negative", 1),
        ("follows", "repeats another row", 2),
        ("opt_outs", "opt_out_kind is unknown: everything", 1),
        ("topics", "repeats another row", 1),
        ("topics", "topic_id has no name", 2),
        ("tweets", "tweet_id repeats with other values", 1),
        ("user_languages", "language is null", 1),
        ("user_languages", "language_weight is not above 0 and at most 1", 2),
        ("users", "repeats another row", 1),
        ("users", "user_id repeats with other values", 1),
    ]
    assert messy.query("select example_row from input_report where reason = 'producer_id is negative'") == [
        ("consumer_id=5, producer_id=-6",)
    ]
    assert sorted(messy.query("from stg_follows")) == [(1, 10), (2, 11), (3, 11), (4, 11)]
    assert messy.query("select count(*) from stg_engagements") == [(4,)]
    assert messy.query("select tweet_id, author_id from stg_tweets") == [(100, 10)]
    assert sorted(messy.query("select topic_id, topic_name from stg_topics")) == [(7, "music"), (8, "topic 8"), (9, "topic 9")]
    assert sorted(messy.query("from stg_user_languages")) == [(1, "en", 0.5), (3, "es", 1.0), (3, "fr", 0.1)]
    assert messy.query("select as_of from stg_as_of") == [(datetime(2026, 2, 1),)]


NAMED_TYPES = {
    "fav": "fav",
    " FAV ": "fav",
    "Like": "fav",
    "favourite": "fav",
    "share": "retweet",
    "quote": "retweet",
    "unlike": "unfav",
    "Comment": "reply",
    "clap": "fav",
    "it's": "click",
    "back\\slash": "click",
    "Click": "impression",
    "wave": None,
}


def test_usual_names_of_types_are_known_and_a_var_adds_others(built):
    rows = "".join(f"{number},1,{name},2026-01-01\n" for number, name in enumerate(NAMED_TYPES))
    warehouse = built(
        {
            "follows.csv": FOLLOWS,
            "engagements.csv": ENGAGEMENT_HEADER + rows,
            "opt_outs.csv": "user_id,topic_id,opt_out_kind\n1,7, Known_For\n",
        },
        models="base_engagements stg_held_out_engagements stg_engagements base_opt_outs stg_opt_outs",
        engagement_types={"Clap ": "fav", "it's": "click", "back\\slash": "click", "click": "impression"},
    )
    expected = [(number, named) for number, named in enumerate(NAMED_TYPES.values()) if named]
    assert warehouse.query("select user_id, engagement_type from stg_engagements order by user_id") == expected
    assert warehouse.query("select rejection_reason from base_engagements where rejection_reason is not null") == [
        ("engagement_type is unknown: wave",)
    ]
    assert warehouse.query("select opt_out_kind from base_opt_outs where rejection_reason is null") == [("known_for",)]


def test_the_rows_of_a_table_are_used_or_counted(messy):
    for name in TABLES:
        stored = MESSY.get(f"{name}.csv", "\n").count("\n") - 1
        left_out = f"table_name = '{name}' and reason <> 'topic_id has no name'"
        counted = f"select coalesce(sum(row_count), 0) from input_report where {left_out}"
        used = f"select count(*) from base_{name} where rejection_reason is null"
        assert messy.query(f"select ({counted}) + ({used})") == [(stored,)], name


def test_a_looser_limit_lets_broken_rows_pass(built):
    warehouse = built(
        {"follows.csv": "consumer_id,producer_id\n1,10\n2,2\n3,3\n"},
        models="base_follows stg_held_out_follows stg_follows",
        rejected_share_limit=0.9,
    )
    assert warehouse.query("from stg_follows") == [(1, 10)]


def test_an_early_as_of_stops_nothing(built):
    warehouse = built(GOOD, "+input_report stg_held_out_engagements stg_engagements", as_of="2020-01-01")
    assert warehouse.query("select reason, row_count from input_report") == [("engaged_at is after as_of", 1)]
    assert warehouse.query("select count(*) from stg_engagements") == [(0,)]


def test_timestamps_are_utc_and_their_offsets_are_converted(built):
    written = [
        "2026-01-01 00:00:00",
        "2026-01-01T00:00:01Z",
        "2026-01-01 02:00:02+02",
        "2025-12-31T19:00:03-05:00",
        "2026-01-01 00:00:04 UTC",
        "2026-01-01 01:00:05 Europe/Paris",
        "2026-01-01 00:00:06.5",
        " 2026-01-01 00:00:07 ",
        "2026-01-01",
    ]
    rows = "".join(f"{number},1,fav,{text}\n" for number, text in enumerate(written))
    warehouse = built(
        {"follows.csv": FOLLOWS, "engagements.csv": ENGAGEMENT_HEADER + rows},
        models="base_engagements stg_held_out_engagements stg_engagements",
    )
    expected = [datetime(2026, 1, 1, 0, 0, second) for second in range(8)] + [datetime(2026, 1, 1)]
    expected[6] = expected[6].replace(microsecond=500_000)
    assert [row[0] for row in warehouse.query("select engaged_at from stg_engagements order by user_id")] == expected


WRITTEN_FOLLOWS = {
    "a byte-order mark": b"\xef\xbb\xbfconsumer_id,producer_id\n1,10\n1,11\n2,11\n",
    "lines that end with CR LF": b"consumer_id,producer_id\r\n1,10\r\n1,11\r\n2,11\r\n",
    "quotes": b'"consumer_id","producer_id"\n"1","10"\n"1","11"\n"2","11"\n',
    "no end of the last line": b"consumer_id,producer_id\n1,10\n1,11\n2,11",
    "spaces and capitals": b" Consumer_ID,PRODUCER_ID\n1, 10\n 1,11\n2,11 \n",
    "columns in another order, and more": b"note,producer_id,consumer_id\nx,10,1\ny,11,1\nz,11,2\n",
    "whole numbers with a point": b"consumer_id,producer_id\n1.0,10.0\n1.0,11.0\n2.0,11.0\n",
}


@pytest.mark.parametrize("form", WRITTEN_FOLLOWS)
def test_a_csv_file_is_read_in_any_usual_form(built, form):
    warehouse = built({"follows.csv": WRITTEN_FOLLOWS[form]}, models="base_follows stg_held_out_follows stg_follows")
    assert sorted(warehouse.query("from stg_follows")) == [(1, 10), (1, 11), (2, 11)]


def test_quoted_text_keeps_commas_quotes_and_line_ends(built):
    names = 'user_id,screen_name,is_active\n1,"Ada, ""the\nfirst""",F\n2,,\n'
    warehouse = built({"follows.csv": FOLLOWS, "users.csv": names}, models="base_users stg_users")
    assert sorted(warehouse.query("select user_id, screen_name, is_active from stg_users")) == [
        (1, 'Ada, "the\nfirst"', False),
        (2, None, True),
    ]


def test_ids_up_to_the_largest_int64_are_exact(built):
    largest = 2**63 - 1
    warehouse = built(
        {"follows.csv": f"consumer_id,producer_id\n0,{largest}\n{largest - 1},{largest}\n"},
        models="base_follows stg_held_out_follows stg_follows",
    )
    assert sorted(warehouse.query("from stg_follows")) == [(0, largest), (largest - 1, largest)]


def test_parquet_files_may_have_other_types(built):
    warehouse = built(
        {
            "follows.parquet": "select 1::integer as consumer_id, 10::double as producer_id union all select 2, 9007199254740992.0",
            "engagements.parquet": "select 1::ubigint as user_id, '100' as tweet_id, 'fav' as engagement_type, "
            "date '2026-01-02' as engaged_at",
            "tweets.parquet": "select 100::decimal(20, 2) as tweet_id, null::double as author_id, "
            "timestamptz '2026-01-01 02:00:00+02' as created_at, 1::tinyint as has_video",
        },
        models="+input_report stg_held_out_follows stg_follows stg_held_out_engagements stg_engagements stg_tweets",
    )
    assert sorted(warehouse.query("from stg_follows")) == [(1, 10), (2, 2**53)]
    assert warehouse.query("from stg_engagements") == [(1, 100, "fav", datetime(2026, 1, 2))]
    assert warehouse.query("from stg_tweets") == [(100, None, datetime(2026, 1, 1), True, None, None)]
    assert warehouse.query("from input_report") == []


@pytest.mark.parametrize("optional_content", [None, "", "header only"])
def test_without_optional_tables_their_rows_are_missing_and_nothing_else(good, tmp_path, optional_content):
    """In tables that had rows, and in the views on them, which stay as they were."""
    files = {"follows.csv": FOLLOWS}
    if optional_content is not None:
        files |= {name: optional_content and content.split("\n")[0] + "\n" for name, content in GOOD.items() if name != "follows.csv"}
    warehouse = good[0].copy(tmp_path / "warehouse")
    tables = ("staging,config.materialized:table", "int_fav_states")
    warehouse.build(
        "run", "--full-refresh", "--select", *tables, variables={"input_dir": str(write_files(tmp_path / "inputs", files))}
    )
    rows = tables_of(warehouse)
    assert rows.pop("stg_follows") == [(1, 10), (1, 11), (2, 11)]
    assert rows.pop("stg_as_of") == [(datetime(1970, 1, 1), 1.0)]
    assert set(map(len, rows.values())) == {0}


@pytest.fixture(scope="module")
def of_schema(new_warehouse):
    """A warehouse with tables in the schema events, and the project parsed for them."""
    warehouse = new_warehouse()
    warehouse.execute("create schema events")
    follows = "select 1::integer as Consumer_ID, '11' as producer_id union all select 3, '3'"
    warehouse.execute(f'create table events."Follows" as {follows}')
    warehouse.execute("create view events.users as select 1::bigint as user_id, 'ada' as screen_name")
    warehouse.parse_part("staging", "engagements", variables={"input_schema": "simclusters.events"})
    return warehouse


def test_source_freshness_answers_on_the_sample(parsed_warehouse):
    outcome = parsed_warehouse.dbt("source", "freshness")
    assert outcome.success, outcome.output + outcome.error


@pytest.mark.parametrize(("age", "state"), [("1 minute", "pass"), ("3 hours", "warn"), ("9 days", "error")])
def test_source_freshness_answers_on_tables_of_a_schema(of_schema, tmp_path, age, state):
    """By the newest event, which may be text. DuckDB does not know when a table changed, so nothing is said of the others."""
    warehouse = of_schema.copy(tmp_path)
    newest = f"now() at time zone 'UTC' - interval '{age}'"
    warehouse.execute(f"create table events.engagements as select cast({newest} as varchar) as engaged_at")
    outcome = warehouse.dbt("source", "freshness", variables={"input_schema": "simclusters.events"})
    assert list(outcome.status.values()) == [state], outcome.output + outcome.error
    assert outcome.success == (state != "error")


def test_tables_of_another_schema_are_inputs(of_schema, tmp_path):
    warehouse = of_schema.copy(tmp_path)
    variables = {"input_schema": "simclusters.events"}
    # With its tests, unit tests among them: they need no source.
    warehouse.build("build", *STAGING[1:], "--indirect-selection", "cautious", variables=variables)
    assert warehouse.query("from stg_follows") == [(1, 11)]
    assert warehouse.query("from stg_users") == [(1, "ada", True, None, None)]
    assert warehouse.query("select table_name, reason, row_count from input_report") == [("follows", "follows itself", 1)]

    warehouse.execute("insert into events.follows values (4, 'five')")
    outcome = warehouse.dbt(*STAGING, variables=variables)
    assert not outcome.success
    assert "column producer_id: not an int64 in 1 of 3 rows" in outcome.error
    assert "consumer_id=4, producer_id=five" in outcome.error
    assert warehouse.query("from stg_follows") == [(1, 11)]


def test_the_sample_and_the_same_rows_as_files_give_the_same_tables(built_warehouse, built):
    seeds = (PROJECT / "seeds").glob("raw_*.csv")
    files = {path.name.removeprefix("raw_"): path.read_bytes() for path in seeds}
    assert tables_of(built(files)) == tables_of(built_warehouse)


def test_the_documented_inputs_are_those_that_are_read(seeded_warehouse):
    outcome = seeded_warehouse.dbt("compile", "--inline", "{{ tojson(input_tables()) }}")
    tables = json.loads(outcome.output[outcome.output.index("{") : outcome.output.rindex("}") + 1])
    manifest = seeded_warehouse.manifest
    sources = {source.name: source for source in manifest.sources.values()}
    assert set(sources) == set(tables)
    for name, table in tables.items():
        columns = sources[name].columns
        assert {column: entry.data_type for column, entry in columns.items()} == table["columns"], name
        assert [column for column, entry in columns.items() if entry.config.meta["required"]] == table["keys"], name
        seed = manifest.nodes[f"seed.simclusters.raw_{name}"]
        assert seed.config.column_types == table["columns"], name
