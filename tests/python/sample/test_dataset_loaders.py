"""The loaders of public data sets: laws on a few made-up rows, and on the data where they are present."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

DATA_SETS = {"ciao": 111_781, "lastfm_hetrec": 118_268, "snap_slashdot0902": 948_464}
COLUMNS = {
    "follows": {"consumer_id": pl.Int64, "producer_id": pl.Int64},
    "engagements": {"user_id": pl.Int64, "tweet_id": pl.Int64, "engagement_type": pl.String, "engaged_at": pl.Datetime("us")},
    "tweets": {"tweet_id": pl.Int64, "author_id": pl.Int64, "created_at": pl.Datetime("us")},
    "users": {"user_id": pl.Int64, "screen_name": pl.String},
    "tweet_topics": {"tweet_id": pl.Int64, "topic_id": pl.Int64},
    "topics": {"topic_id": pl.Int64, "topic_name": pl.String},
}


def write(folder: Path, **tables: pl.DataFrame) -> Path:
    """Writes each table as a Parquet file into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet")
    return folder


@pytest.fixture
def ciao_folder(tmp_path: Path) -> Path:
    return write(
        tmp_path / "ciao",
        follows=pl.DataFrame({"consumer_id": [1, 1], "producer_id": [2, 3]}),
        events=pl.DataFrame(
            {
                "user_id": [5, 6],
                "item_id": [8, 8],
                "category_id": [2, 2],
                "rating": [4, 3],
                "helpfulness": [1, 1],
                "timestamp_s": [86_400, 0],
            }
        ),
        item_topics=pl.DataFrame({"item_id": [8], "category_id": [2]}),
    )


@pytest.fixture
def lastfm_folder(tmp_path: Path) -> Path:
    return write(
        tmp_path / "lastfm_hetrec",
        friends=pl.DataFrame({"consumer_id": [2, 3], "producer_id": [3, 2]}),
        plays=pl.DataFrame({"user_id": [2, 4], "artist_id": [7, 7], "play_count": [10, 1]}),
        artists=pl.DataFrame({"artist_id": [7], "name": ["MÃ¶tley CrÃ¼e"]}),
        tags=pl.DataFrame({"tag_id": [1, 2], "tag": ["metal", "seen once"]}),
        tag_events=pl.DataFrame(
            {
                "user_id": [2, 2, 3, 3],
                "artist_id": [7, 7, 7, 7],
                "tag_id": [1, 2, 1, 1],
                "date": [date(2009, 5, 1), date(2008, 5, 1), date(2010, 1, 1), date(1956, 6, 1)],
            }
        ),
    )


def test_ciao_follows_are_swapped(load: ModuleType, ciao_folder: Path) -> None:
    assert load.ciao_tables(ciao_folder)["follows"].rows() == [(2, 1), (3, 1)]


def test_every_ciao_review_is_a_reply_and_a_good_one_also_a_fav(load: ModuleType, ciao_folder: Path) -> None:
    engagements = load.ciao_tables(ciao_folder)["engagements"]
    assert sorted(engagements.select("user_id", "engagement_type").rows()) == [(5, "fav"), (5, "reply"), (6, "reply")]


def test_a_ciao_product_exists_since_its_first_review(load: ModuleType, ciao_folder: Path) -> None:
    assert load.ciao_tables(ciao_folder)["tweets"].rows() == [(8, datetime(1970, 1, 1))]


def test_lastfm_listeners_follow_artists_and_friends(load: ModuleType, lastfm_folder: Path) -> None:
    tables = load.lastfm_tables(lastfm_folder)
    assert sorted(tables["follows"].rows()) == [(2, 3), (2, 1_000_007), (3, 2), (4, 1_000_007)]
    assert dict(tables["users"].rows()) == {2: "listener 2", 3: "listener 3", 4: "listener 4", 1_000_007: "Mötley Crüe"}


def test_the_first_plausible_tag_is_the_fav_of_an_artist(load: ModuleType, lastfm_folder: Path) -> None:
    tables = load.lastfm_tables(lastfm_folder)
    assert sorted(tables["engagements"].rows()) == [
        (2, 2_000_007, "fav", datetime(2008, 5, 1)),
        (3, 2_000_007, "fav", datetime(2010, 1, 1)),
    ]
    assert tables["tweets"].rows() == [(2_000_007, 1_000_007, datetime(2008, 5, 1))]


def test_a_tag_of_one_listener_is_no_topic(load: ModuleType, lastfm_folder: Path) -> None:
    assert load.lastfm_tables(lastfm_folder)["tweet_topics"].rows() == [(2_000_007, 1)]


def test_slashdot_keeps_self_follows_for_the_input_report(load: ModuleType, tmp_path: Path) -> None:
    folder = write(tmp_path, follows=pl.DataFrame({"consumer_id": [0, 0], "producer_id": [0, 1]}))
    assert load.slashdot_tables(folder)["follows"].rows() == [(0, 0), (0, 1)]


def test_absent_data_are_explained(load: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert load.main(["ciao", "--datasets", str(tmp_path), "--output", str(tmp_path / "out")]) == 2
    assert "follows.parquet is absent: name the folder" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", sorted(DATA_SETS))
def test_the_data_become_input_tables(load: ModuleType, tmp_path: Path, name: str) -> None:
    data_sets = os.environ.get("SIMCLUSTERS_DATASETS")
    if not data_sets:
        pytest.skip("SIMCLUSTERS_DATASETS does not name a folder of data sets")
    for folder in ("one", "again"):
        assert load.main([name, "--datasets", data_sets, "--output", str(tmp_path / folder)]) == 0

    tables = {path.stem: pl.read_parquet(path) for path in sorted((tmp_path / "one").iterdir())}
    assert tables["follows"].height == DATA_SETS[name]
    for table_name, table in tables.items():
        assert table.height > 0
        assert table.schema.items() <= COLUMNS[table_name].items(), table_name
        assert table.select(pl.all().null_count()).sum_horizontal()[0] == 0, table_name
        file_name = f"{table_name}.parquet"
        assert (tmp_path / "one" / file_name).read_bytes() == (tmp_path / "again" / file_name).read_bytes()
    if "engagements" in tables:
        times = tables["engagements"].join(tables["tweets"], on="tweet_id", how="left", validate="m:1")
        assert (times["engaged_at"] >= times["created_at"]).all()
        assert tables["tweet_topics"]["topic_id"].is_in(tables["topics"]["topic_id"].implode()).all()
