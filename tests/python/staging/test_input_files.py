"""Input files as people have them: many files, folders, other separators, odd names; and what is said of those that cannot be read."""

from __future__ import annotations

import gzip
import os
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from simclusters.database import advice
from simclusters.inputs import damaged_files

FOLLOWS = "consumer_id,producer_id\n1,10\n1,11\n2,11\n"
BASE_MODELS = ("run", "--select", "path:models/staging/base")


def parquet(query: str) -> bytes:
    """The bytes of a Parquet file with the rows of a query."""
    return copied(query, "format parquet")


def copied(query: str, options: str) -> bytes:
    path = Path(os.environ["PYTEST_TMP"]) / "copied"
    duckdb.sql(f"copy ({query}) to '{path}' ({options})")
    return path.read_bytes()


@pytest.fixture(scope="module", autouse=True)
def folder_for_copies(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTEST_TMP", str(tmp_path_factory.mktemp("copies")))
        yield


def write_files(folder: Path, files: dict[str | bytes, str | bytes]) -> str:
    """Write files with their folders, text as UTF-8; returns the folder as text."""
    for name, content in files.items():
        path = Path(os.fsdecode(os.path.join(os.fsencode(folder), os.fsencode(name))))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(folder)


def rows_of(warehouse, table: str, columns: str = "*") -> list[tuple]:
    """The good rows that the project reads of an input."""
    return sorted(
        warehouse.query(
            f"select {columns} from (select * exclude (row_count, rejection_reason) from base_{table} where rejection_reason is null)"
        ),
        key=repr,
    )


@pytest.fixture(scope="module")
def exports(new_warehouse, tmp_path_factory):
    """A warehouse built from a folder in which each table has another form, as programs export it."""
    warehouse = new_warehouse()
    folder = write_files(
        tmp_path_factory.mktemp("exports"),
        {
            # Numbered files, with columns in another order and case, and more of them in one.
            "follows-00001.csv": "consumer_id,producer_id\n1,10\n1,11\n",
            "Follows_00002.CSV": "Note,PRODUCER_ID,Consumer_ID\nx,11,2\n",
            # A hive table: what a folder says is a column. Spark's own files are not data.
            "engagements/date=2026-01-02/engagement_type=fav/x.csv": "user_id,tweet_id,engaged_at\n1,100,2026-01-02 03:04:05\n",
            "engagements/date=2026-01-03/engagement_type=click/x.csv": "user_id,tweet_id,engaged_at\n2,100,2026-01-03 03:04:05\n",
            "engagements/_SUCCESS": "",
            "engagements/date=2026-01-02/engagement_type=fav/.x.csv.crc": "crc",
            "tweets.csv.gz": gzip.compress(b"tweet_id,author_id,created_at\n100,10,2026-01-01\n"),
            # A spreadsheet's: semicolons, a byte-order mark, CR LF.
            "users.csv": b"\xef\xbb\xbfUser_ID;Screen_Name\r\n1;ada, the first\r\n2;\r\n",
            "user_languages.csv": "language,user_id\nen,1\n",
            "tweet_topics.tsv": "tweet_id\ttopic_id\n100\t7\n",
            "topics.txt": "topic_id|topic_name\n7|music; and more\n",
            "topic_follows.jsonl": '{"consumer_id": 2094576338713995079, "topic_id": "7", "more": {"x": [1]}}\n'
            '{"topic_id": 8, "Consumer_ID": 2}\n',
            "opt_outs.json": '[{"user_id": 1, "topic_id": 7, "opt_out_kind": "known_for"}]',
            "blocks.csv": "user_id,blocked_user_id\n1,11\n",
        },
    )
    warehouse.build(*BASE_MODELS, variables={"input_dir": folder})
    return warehouse


READ_FROM_EXPORTS = {
    "follows": [(1, 10), (1, 11), (2, 11)],
    "engagements": [(1, 100, "fav", datetime(2026, 1, 2, 3, 4, 5)), (2, 100, "click", datetime(2026, 1, 3, 3, 4, 5))],
    "tweets": [(100, 10, datetime(2026, 1, 1), None, None, None)],
    "users": [(1, "ada, the first", None, None, None), (2, None, None, None, None)],
    "user_languages": [(1, "en", None)],
    "tweet_topics": [(100, 7)],
    "topics": [(7, "music; and more")],
    "topic_follows": [(2, 8), (2094576338713995079, 7)],
    "opt_outs": [(1, 7, "known_for")],
    "blocks": [(1, 11)],
}


@pytest.mark.parametrize("table", READ_FROM_EXPORTS)
def test_files_are_read_in_the_form_in_which_programs_export_them(exports, table):
    assert rows_of(exports, table) == READ_FROM_EXPORTS[table]


@pytest.fixture(scope="module")
def oddities(new_warehouse, tmp_path_factory):
    """A warehouse built from a folder with names that are patterns, quotes or no text at all."""
    warehouse = new_warehouse()
    folder = tmp_path_factory.mktemp("odd") / 'it\'s [a] "folder" *?'
    write_files(
        folder,
        {
            # As Spark writes it, with columns that differ from file to file.
            "follows.parquet/part-00000-c000.snappy.parquet": parquet(
                "select 1 as consumer_id, 10 as producer_id union all select 1, 11"
            ),
            "follows.parquet/part-00001-c000.snappy.parquet": parquet(
                "select '2'::blob as Consumer_ID, 11::double as producer_id, true as note"
            ),
            "follows.parquet/part-00002-c000.snappy.parquet": "",
            "follows.parquet/_SUCCESS": "",
            "Tweets.CSV.GZ": gzip.compress(b"tweet_id\n100\n"),
            "users-1.csv": "",
            "users-2.csv": "user_id,screen_name\n",
            "users-3.csv": 'user_id,screen_name,language\n1," ada "," "\n',
            "tweet_topics.csv.zst": copied("select 100 as tweet_id, 7 as topic_id", "format csv, header, compression zstd"),
            "topics.csv": "\n\ntopic_id,topic_name\n7,music\n",
            # Lines end in CR LF, and a quoted value holds LF alone.
            "user_languages.csv": b'note,user_id,language\r\n"two\nlines",1,en\r\n',
            "opt_outs (1).csv": "user_id,topic_id,opt_out_kind\n1,7,known_for\n",
            'opt_outs-it\'s "2" *.csv': "user_id,topic_id,opt_out_kind\n2,7,known_for\n",
            # None of these is an input.
            "*.csv": "consumer_id,producer_id\nx,y\n",
            b"\xff\xfe.csv": "consumer_id,producer_id\nx,y\n",
            "topics_of_old.csv": "topic_id,topic_name\nx,y\n",
            "follows.parquet.md": "notes",
        },
    )
    write_files(folder.parent / "elsewhere", {"x.csv": "consumer_id,topic_id\n1,7\n"})
    (folder / "topic_follows").symlink_to(folder.parent / "elsewhere")
    warehouse.build(*BASE_MODELS, variables={"input_dir": str(folder) + "/"})
    return warehouse


READ_FROM_ODDITIES = {
    "follows": [(1, 10), (1, 11), (2, 11)],
    "engagements": [],
    "tweets": [(100, None, None, None, None, None)],
    "users": [(1, "ada", None, None, None)],
    "tweet_topics": [(100, 7)],
    "user_languages": [(1, "en", None)],
    "topics": [(7, "music")],
    "topic_follows": [(1, 7)],
    "opt_outs": [(1, 7, "known_for"), (2, 7, "known_for")],
}


@pytest.mark.parametrize("table", READ_FROM_ODDITIES)
def test_files_are_read_whatever_they_and_their_neighbours_are_called(oddities, table):
    assert rows_of(oddities, table) == READ_FROM_ODDITIES[table]


@pytest.fixture(scope="module")
def refusal(new_warehouse, tmp_path_factory) -> str:
    """What is said of a folder in which each table has another fault; all of it is said at once."""
    folder = write_files(
        tmp_path_factory.mktemp("faults"),
        {
            "follows.csv": FOLLOWS,
            "Follows.parquet": parquet("select 1 as consumer_id, 2 as producer_id"),
            "engagements/1.csv": "user_id,tweet_id,engagement_type,engaged_at\n1,100,fav,2026-01-02\n",
            "engagements/2.csv": "user_id,tweet_id,engagement_type,engaged\n1,100,fav,2026-01-02\n",
            "tweets-1.csv": "tweet_id\n100\n",
            "tweets-2.csv": "tweet_id\n101\nx\n",
            "users.csv": "user_id,screen_name\n1,ada\n2\n3,eva\n",
            "tweet_topics/a.csv": "tweet_id,topic_id\n100,7\n",
            "tweet_topics/b.xlsx": "PK",
            "topics-1.csv": "topic_id,topic_name\n7,music\n",
            "topics-1.csv.gz": gzip.compress(b"topic_id,topic_name\n7,music\n"),
            "topic_follows.csv": "consumer_id,topic_id,Consumer_ID\n1,7,2\n",
            "opt_outs.jsonl": '{"user_id": 9007199254740993.0, "topic_id": 7, "opt_out_kind": "known_for"}\n',
        },
    )
    outcome = new_warehouse().dbt(*BASE_MODELS, variables={"input_dir": folder})
    assert not outcome.success
    return outcome.error


FAULTS = {
    "two sources": "Follows.parquet and follows.csv both exist",
    "a column that one of two files lacks": "column engaged_at: the column is required, and is missing in 1 of 2 files; "
    "{folder}/engagements/2.csv has user_id, tweet_id, engagement_type, engaged",
    "a bad value in one of two files": "tweet_id=x in {folder}/tweets-2.csv",
    "a row with too few columns": "users ({folder}/users.csv), line 3: Expected Number of Columns: 2 Found: 1 (2)",
    "two kinds in a folder": "tweet_topics/a.csv and tweet_topics/b.xlsx both exist",
    "a file and its packed copy": "topics-1.csv and topics-1.csv.gz both exist; keep one",
    "a column twice": "topic_follows.csv has it 2 times: consumer_id, Consumer_ID",
    "an id that is no whole number in JSON": "opt_outs ({folder}/opt_outs.jsonl), column user_id: not an int64",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_message_names_table_file_and_fault(refusal, fault):
    folder = refusal.split("follows (")[1].split(")")[0]
    assert FAULTS[fault].format(folder=folder) in refusal


UNREADABLE = {
    "a Parquet file that is cut off": ({"follows.parquet": "cut"}, ["follows.parquet"]),
    "text that is no Parquet": ({"follows.parquet": FOLLOWS}, ["follows.parquet"]),
    "a packed file that is not packed": ({"follows.csv.gz": FOLLOWS}, ["follows.csv.gz"]),
    "half a JSON file": ({"follows.json": '[{"consumer_id": 1'}, ["follows.json"]),
    "UTF-16": ({"follows.csv": FOLLOWS.encode("utf-16-be")}, ["follows (", "follows.csv), column consumer_id", "UTF-16"]),
    "UTF-16 with a byte-order mark": (
        {"follows.csv": FOLLOWS.encode("utf-16")},
        ["follows (", "follows.csv), column consumer_id", "UTF-16"],
    ),
    "a header in Latin-1": (
        {"follows.csv": "consumer_id,producer_id,größe\n1,10,3\n".encode("latin-1")},
        ["follows (", "follows.csv), column consumer_id", "1, 10, 3 in its first readable line; is there a header, in UTF-8?"],
    ),
    "a field of 10,000,000 characters": (
        {"follows.csv": FOLLOWS + "3," + "9" * 10_000_000 + "\n"},
        ["follows (", "follows.csv), line 5: Maximum line size of 2000000 bytes exceeded"],
    ),
    "a link that leads nowhere": (
        {"other.csv": FOLLOWS},
        ["follows (", "there is none; the folder holds other.csv; expected is follows.csv"],
    ),
    "a kind that is not read": ({"follows.xlsx": "PK"}, ["the folder holds follows.xlsx", "Parquet (.parquet), CSV (.csv"]),
    "a folder of a kind that is not read": ({"follows/1.xlsx": "PK"}, ["follows/1.xlsx is of no kind that is read"]),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_files_that_cannot_be_read_are_named_with_their_table(new_warehouse, tmp_path, case):
    files, expected = UNREADABLE[case]
    if files.get("follows.parquet") == "cut":
        files = {"follows.parquet": parquet("select range as consumer_id, range as producer_id from range(10_000)")[:5_000]}
    folder = write_files(tmp_path / "inputs", files)
    if "link" in case:
        Path(folder, "follows.csv").symlink_to("nowhere.csv")
    outcome = new_warehouse().dbt(*BASE_MODELS, variables={"input_dir": folder})
    assert not outcome.success
    assert [text for text in expected if text not in outcome.error] == [], outcome.error
    assert len(outcome.error) < 3_000


UNUSABLE_PLACES = {
    "a file": ("follows.csv", "follows.csv' is a file; name the folder that it is in"),
    "a URL with a password": ("s3://ada:hunter2@bucket/inputs", "s3://***@bucket/inputs holds a password"),
    "a URL with a token": ("s3://bucket/inputs?token=hunter2", "s3://bucket/inputs holds a password or a token"),
    "a web server": ("https://example.org/inputs", "a web server (https://example.org/inputs) has no list of its files"),
}


@pytest.mark.parametrize("case", UNUSABLE_PLACES)
def test_a_place_that_cannot_be_read_is_named_without_its_secret(new_warehouse, tmp_path, case):
    place, expected = UNUSABLE_PLACES[case]
    if case == "a file":
        place = str(Path(write_files(tmp_path / "inputs", {place: FOLLOWS})) / place)
    outcome = new_warehouse().dbt(*BASE_MODELS, variables={"input_dir": place})
    assert not outcome.success
    assert expected in outcome.error
    assert "hunter2" not in outcome.error + outcome.output.split("Encountered an error")[-1]


def test_lines_that_end_in_two_ways_are_called_so(tmp_path):
    """DuckDB speaks of a state machine, and of an option that nobody can set."""
    (tmp_path / "follows.csv").write_bytes(b"consumer_id,producer_id\r\n1,10\n2,11\r\n")
    columns = {"consumer_id": "varchar", "producer_id": "varchar"}
    with pytest.raises(duckdb.Error) as problem:
        duckdb.execute("from read_csv(?, columns = ?, auto_detect = false, header = true)", [str(tmp_path / "follows.csv"), columns])
    assert "end in two ways" in advice(problem.value)


@pytest.mark.parametrize("part", ["description", "page"])
def test_a_damaged_parquet_file_is_named(tmp_path, part):
    """DuckDB then says `TProtocolException: Invalid data`, or the like, and no file; `simclusters run` finds it."""
    whole = parquet("select range as consumer_id, range as producer_id from range(100)")
    # The first page begins after four letters.
    place = {"description": len(whole) - 8 - int.from_bytes(whole[-8:-4], "little"), "page": 4}[part]
    damaged = bytearray(whole)
    damaged[place : place + 4] = b"\xff" * 4
    (tmp_path / "follows").mkdir()
    (tmp_path / "follows" / "[2].parquet").write_bytes(damaged)
    (tmp_path / "users.parquet").write_bytes(whole)
    [sentence] = damaged_files(tmp_path, "TProtocolException: Invalid data")
    assert "follows/[2].parquet is damaged" in sentence
    assert damaged_files(tmp_path, "[2].parquet is cut off") == []
    assert damaged_files(tmp_path, "Compilation Error\n  users has no column user_id") == []
