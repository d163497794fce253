"""Laws of the sample generator, on the shipped sample and on small networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from dbt_command import PROJECT

from simclusters.sample.__main__ import main
from simclusters.sample.names import THEMES
from simclusters.sample.parameters import SampleParameters
from simclusters.sample.tables import SCHEMAS
from simclusters.sample.tweets import ENGAGEMENT_HALF_LIFE_HOURS, SNOWFLAKE_EPOCH_MILLISECONDS, WINDOW_END, WINDOW_START
from simclusters.sample.writing import write_sample

SEEDS = PROJECT / "seeds"
PLANTED = PROJECT / "tests" / "fixtures" / "planted_communities.csv"
INPUT_TABLES = sorted(set(SCHEMAS) - {"planted_communities"})
LARGEST_COMMITTED_FILE_BYTES = 3_000 * 1024
UNDOES = {"unfav": "fav", "unretweet": "retweet", "unreply": "reply"}
SMALL = SampleParameters(users=300, follows=2_000, engagements=3_000)


@pytest.fixture(scope="module")
def sample() -> dict[str, pl.DataFrame]:
    """The committed sample by table name."""
    tables = {name: pl.read_csv(SEEDS / f"raw_{name}.csv", try_parse_dates=True) for name in INPUT_TABLES}
    return tables | {"planted_communities": pl.read_csv(PLANTED)}


@pytest.fixture(scope="module")
def timed_engagements(sample: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Engagements with the creation time of their tweet."""
    return sample["engagements"].join(sample["tweets"], on="tweet_id", how="left", validate="m:1")


def files_of(folder: Path) -> dict[str, bytes]:
    """Name and bytes of each file in a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_committed_sample_is_what_the_generator_writes(tmp_path: Path) -> None:
    assert main(["--output", str(tmp_path / "seeds")]) == 0

    generated = files_of(tmp_path / "seeds")
    assert sorted(generated) == [f"raw_{name}.csv" for name in INPUT_TABLES]
    for name, content in generated.items():
        assert content == (SEEDS / name).read_bytes(), f"{name} is not what the generator writes; run it again"
    assert (tmp_path / "tests" / "fixtures" / "planted_communities.csv").read_bytes() == PLANTED.read_bytes()


def test_every_committed_file_is_small() -> None:
    sizes = {path.name: path.stat().st_size for path in [*SEEDS.glob("raw_*.csv"), PLANTED]}
    assert max(sizes.values()) < 0.97 * LARGEST_COMMITTED_FILE_BYTES, sizes


@pytest.mark.parametrize("file_format", ["csv", "parquet", "seeds"])
def test_the_seed_decides_every_byte(tmp_path: Path, file_format: str) -> None:
    for folder, seed in (("one", 3), ("again", 3), ("other", 4)):
        parameters = SampleParameters(users=300, follows=2_000, engagements=3_000, seed=seed)
        write_sample(parameters, tmp_path / folder, file_format, tmp_path / folder / "planted.csv")

    one, again, other = (files_of(tmp_path / folder) for folder in ("one", "again", "other"))
    assert one == again
    assert one.keys() == other.keys()
    # The topics are the same in every network of one size.
    assert {name for name in one if one[name] == other[name]} <= {"topics.csv", "topics.parquet", "raw_topics.csv"}


def test_formats_hold_the_same_rows(tmp_path: Path) -> None:
    for file_format in ("csv", "parquet", "seeds"):
        write_sample(SMALL, tmp_path / file_format, file_format)

    for name in INPUT_TABLES:
        stored = pl.read_parquet(tmp_path / "parquet" / f"{name}.parquet")
        assert stored.to_arrow().schema.names == SCHEMAS[name].names
        text = pl.read_csv(tmp_path / "csv" / f"{name}.csv", schema_overrides=dict.fromkeys(stored.columns, pl.String))
        typed = text.with_columns(
            pl.col(column).str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us")
            if kind == pl.Datetime("us")
            else (pl.col(column) == "true" if kind == pl.Boolean else pl.col(column).cast(kind))
            for column, kind in stored.schema.items()
        )
        assert typed.equals(stored), name
        csv_bytes = (tmp_path / "csv" / f"{name}.csv").read_bytes()
        assert csv_bytes == (tmp_path / "seeds" / f"raw_{name}.csv").read_bytes()


def test_counts_are_those_asked_for(tmp_path: Path) -> None:
    parameters = SampleParameters(users=500, follows=4_321, engagements=7_654, tweets=432, communities=6, seed=1)
    row_counts = write_sample(parameters, tmp_path, "parquet", tmp_path / "planted.parquet")

    assert (row_counts["users"], row_counts["follows"]) == (500, 4_321)
    assert (row_counts["engagements"], row_counts["tweets"]) == (7_654, 432)
    for path in tmp_path.glob("*.parquet"):
        name = "planted_communities" if path.stem == "planted" else path.stem
        assert pl.read_parquet(path).height == row_counts[name]
    assert pl.read_parquet(tmp_path / "planted.parquet")["community_id"].unique().sort().to_list() == [1, 2, 3, 4, 5, 6]


def test_chunks_hide_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small chunks, as in large networks, keep the counts and the keys unique across chunks."""
    monkeypatch.setattr("simclusters.sample.drawing.ROWS_PER_CHUNK", 700)
    row_counts = write_sample(SMALL, tmp_path, "parquet")

    follows = pl.read_parquet(tmp_path / "follows.parquet")
    assert follows.height == row_counts["follows"] == SMALL.follows
    assert follows.is_unique().all()
    assert follows.equals(follows.sort("consumer_id", "producer_id"))
    engagements = pl.read_parquet(tmp_path / "engagements.parquet")
    assert engagements.height == SMALL.engagements
    assert engagements.filter(pl.col("engagement_type") != "fav").select(
        pl.struct("user_id", "tweet_id", "engagement_type").is_unique().all()
    )[0, 0]


def test_without_engagements_the_table_is_empty(tmp_path: Path) -> None:
    row_counts = write_sample(SampleParameters(users=300, follows=2_000, engagements=0, tweets=10), tmp_path, "csv")
    assert row_counts["engagements"] == 0
    assert (tmp_path / "engagements.csv").read_text() == "user_id,tweet_id,engagement_type,engaged_at\n"


def test_the_sample_has_the_size_the_documentation_says(sample: dict[str, pl.DataFrame]) -> None:
    planted = sample["planted_communities"]
    assert sample["users"].height == 2_000
    assert 300 <= sample["follows"]["producer_id"].n_unique() <= 500
    assert 20 <= planted["community_id"].n_unique() <= 30
    assert sample["follows"]["producer_id"].is_in(planted["producer_id"].implode()).all()
    assert planted["producer_id"].is_unique().all()
    assert planted.group_by("community_id").agg(pl.len() >= 8)["len"].all()


def test_ids_exist(sample: dict[str, pl.DataFrame]) -> None:
    users, tweets, topics = (sample["users"]["user_id"], sample["tweets"]["tweet_id"], sample["topics"]["topic_id"])
    for ids in (users, tweets, topics):
        assert ids.is_unique().all()
        assert ids.min() > 0
    for table, column, known in [
        ("follows", "consumer_id", users),
        ("follows", "producer_id", users),
        ("engagements", "user_id", users),
        ("engagements", "tweet_id", tweets),
        ("tweets", "author_id", users),
        ("tweet_topics", "tweet_id", tweets),
        ("tweet_topics", "topic_id", topics),
        ("user_languages", "user_id", users),
        ("topic_follows", "consumer_id", users),
        ("topic_follows", "topic_id", topics),
        ("opt_outs", "user_id", users),
        ("opt_outs", "topic_id", topics),
        ("blocks", "user_id", users),
        ("blocks", "blocked_user_id", users),
        ("planted_communities", "topic_id", topics),
    ]:
        assert sample[table][column].drop_nulls().is_in(known.implode()).all(), (table, column)
    for table in ("follows", "tweet_topics", "topic_follows", "opt_outs", "blocks"):
        assert sample[table].is_unique().all(), table
    assert sample["user_languages"].select("user_id", "language").is_unique().all()


def test_nobody_follows_themselves(sample: dict[str, pl.DataFrame]) -> None:
    assert (sample["follows"]["consumer_id"] != sample["follows"]["producer_id"]).all()


def test_names_are_readable_and_unique(sample: dict[str, pl.DataFrame]) -> None:
    names = sample["users"]["screen_name"]
    assert names.is_unique().all()
    assert names.str.contains(r"^[a-z]+_[a-z]+[0-9]?$").all()
    assert set(sample["topics"]["topic_name"]) >= {theme.topic for theme in THEMES}


def test_follows_stay_mostly_inside_the_own_community(sample: dict[str, pl.DataFrame]) -> None:
    community_of = sample["planted_communities"].select("producer_id", "community_id")
    of_producers = (
        sample["follows"]
        .join(community_of, on="producer_id")
        .join(community_of, left_on="consumer_id", right_on="producer_id", suffix="_of_consumer")
    )
    inside = (of_producers["community_id"] == of_producers["community_id_of_consumer"]).mean()
    assert 0.6 < inside < 0.9

    shares = sample["follows"].join(community_of, on="producer_id").group_by("consumer_id", "community_id").len()
    own = shares.sort("len", descending=True).group_by("consumer_id").agg(pl.col("len").head(4).sum() / pl.sum("len"))
    assert own["len"].mean() > 0.85, "one to four interests explain what a consumer follows"


def test_popularity_is_heavy_tailed(sample: dict[str, pl.DataFrame]) -> None:
    for table, column, least in [("follows", "producer_id", 5), ("engagements", "tweet_id", 10), ("engagements", "user_id", 5)]:
        counts = sample[table].group_by(column).len()["len"]
        assert counts.max() > least * counts.median(), (table, column)
        top_tenth = counts.sort(descending=True).head(counts.len() // 10).sum() / counts.sum()
        assert top_tenth > 0.25, (table, column)


def test_some_producers_have_too_few_followers_to_be_eligible(sample: dict[str, pl.DataFrame]) -> None:
    active = sample["users"].filter("is_active")["user_id"]
    followers = sample["follows"].filter(pl.col("consumer_id").is_in(active.implode())).group_by("producer_id").len()["len"]
    assert 1 <= (followers < 5).sum() <= 0.1 * followers.len()


def test_people_of_a_community_follow_each_other(sample: dict[str, pl.DataFrame]) -> None:
    back = sample["follows"].rename({"consumer_id": "producer_id", "producer_id": "consumer_id"})
    mutual = sample["follows"].join(back, on=["consumer_id", "producer_id"])
    producers = sample["planted_communities"]["producer_id"]
    assert mutual["consumer_id"].n_unique() == producers.len(), "every producer is in a mutual follow"


def test_consumers_have_one_to_four_topics(sample: dict[str, pl.DataFrame]) -> None:
    main_topics = sample["topic_follows"].filter(pl.col("topic_id") > 100)
    counts = main_topics.group_by("consumer_id").len()["len"].value_counts().sort("len")
    assert counts["count"].is_sorted(descending=True)
    assert set(counts["len"]) >= {1, 2, 3, 4}


def test_some_people_engage_without_following(sample: dict[str, pl.DataFrame]) -> None:
    readers = sample["engagements"].select("user_id").unique()
    silent = readers.join(sample["follows"], left_on="user_id", right_on="consumer_id", how="anti")
    assert 0 < silent.height < 0.05 * readers.height


def test_snowflake_ids_carry_the_creation_time(sample: dict[str, pl.DataFrame]) -> None:
    decoded = (sample["tweets"]["tweet_id"].to_numpy() >> 22) + SNOWFLAKE_EPOCH_MILLISECONDS
    assert np.array_equal(decoded, sample["tweets"]["created_at"].dt.epoch("ms").to_numpy())


def test_events_follow_their_tweet_inside_the_window(timed_engagements: pl.DataFrame) -> None:
    assert (timed_engagements["engaged_at"] > timed_engagements["created_at"]).all()
    assert timed_engagements["created_at"].min() >= WINDOW_START.replace(tzinfo=None)
    assert timed_engagements["engaged_at"].max() <= WINDOW_END.replace(tzinfo=None)
    assert timed_engagements["engaged_at"].is_sorted()


def test_every_engagement_type_occurs(sample: dict[str, pl.DataFrame]) -> None:
    types = pl.read_csv(SEEDS / "engagement_types.csv")["engagement_type"]
    counts = sample["engagements"]["engagement_type"].value_counts()
    assert set(counts["engagement_type"]) == set(types)
    assert counts["count"].min() >= 50


def test_engagements_halve_with_the_age_of_the_tweet(timed_engagements: pl.DataFrame) -> None:
    """Of tweets whose later life lies inside the window, each half-life brings about half of the one before."""
    half_lives = 6
    old_enough = timed_engagements.filter(
        pl.col("created_at") < WINDOW_END.replace(tzinfo=None) - pl.duration(hours=half_lives * ENGAGEMENT_HALF_LIFE_HOURS)
    )
    age_hours = (old_enough["engaged_at"] - old_enough["created_at"]).dt.total_seconds() / 3_600
    per_half_life = np.bincount((age_hours // ENGAGEMENT_HALF_LIFE_HOURS).cast(pl.Int64))[:half_lives]
    ratios = per_half_life[1:4] / per_half_life[:3]
    assert np.all((ratios > 0.42) & (ratios < 0.58)), ratios


@pytest.mark.parametrize("undo", sorted(UNDOES))
def test_an_undo_comes_after_what_it_undoes(sample: dict[str, pl.DataFrame], undo: str) -> None:
    engagements, keys = sample["engagements"], ["user_id", "tweet_id"]
    undone = engagements.filter(pl.col("engagement_type") == undo)
    first = engagements.filter(pl.col("engagement_type") == UNDOES[undo]).group_by(keys).agg(pl.col("engaged_at").min())
    pairs = undone.join(first, on=keys, how="left", suffix="_of_first")
    assert undone.height > 0
    assert (pairs["engaged_at"] > pairs["engaged_at_of_first"]).all()
    assert pairs["engaged_at_of_first"].null_count() == 0


def test_a_second_fav_comes_only_after_an_unfav(sample: dict[str, pl.DataFrame]) -> None:
    events = sample["engagements"].filter(pl.col("engagement_type").is_in(["fav", "unfav"]))
    sequences = (events.sort("engaged_at").group_by("user_id", "tweet_id").agg(pl.col("engagement_type").str.join(" ")))[
        "engagement_type"
    ].value_counts()
    assert set(sequences["engagement_type"]) == {"fav", "fav unfav", "fav unfav fav"}


def test_video_is_watched_in_order_and_only_on_videos(timed_engagements: pl.DataFrame) -> None:
    views = timed_engagements.filter(pl.col("engagement_type").str.starts_with("video_playback"))
    assert views["has_video"].all()
    half, whole = (
        views.filter(pl.col("engagement_type") == f"video_playback_{share}").select("user_id", "tweet_id", "engaged_at")
        for share in (50, 95)
    )
    both = whole.join(half, on=["user_id", "tweet_id"], how="left", suffix="_of_half")
    assert (both["engaged_at"] > both["engaged_at_of_half"]).all()
    assert both["engaged_at_of_half"].null_count() == 0


def test_few_tweets_lack_an_author_and_few_are_sensitive(sample: dict[str, pl.DataFrame]) -> None:
    tweets = sample["tweets"]
    assert 0 < tweets["author_id"].null_count() < 0.05 * tweets.height
    assert 0 < tweets["is_sensitive"].sum() < 0.05 * tweets.height
    assert 0.1 < tweets["has_video"].mean() < 0.4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--users", "50"], "users must be at least 100, got 50"),
        (["--users", "0"], "users must be at least 100, got 0"),
        (["--users", "100", "--follows", "200"], "follows must be at least 3 per user (300 for 100 users), got 200"),
        (["--seed", "-1"], "seed must not be negative, got -1"),
        (["--engagements", "-1"], "engagements must not be negative"),
        (["--users", "100", "--communities", "40"], "17 producers can make 1 to 2 communities, not 40"),
        (["--users", "100", "--follows", "1700"], "no room for 1700 follows: ask for more users or fewer communities"),
        (["--users", "200", "--tweets", "1"], "have no room for 5000 engagements: ask for more users or tweets"),
    ],
)
def test_impossible_sizes_are_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(["--output", str(tmp_path / "seeds"), *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_failure_leaves_earlier_files_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--output", str(tmp_path / "seeds"), "--users", "100", "--follows", "400", "--engagements", "500"])
    before = files_of(tmp_path / "seeds")
    assert main(["--output", str(tmp_path / "seeds"), "--users", "200", "--tweets", "1"]) == 2
    assert files_of(tmp_path / "seeds") == before


def test_an_unknown_format_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="format must be one of seeds, csv, parquet, got orc"):
        write_sample(SMALL, tmp_path, "orc")


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        (["--follows", "3600"], {"users": 300, "follows": 3_600, "engagements": 7_500}),
        (["--users", "300"], {"users": 300, "follows": 3_900, "engagements": 7_500}),
    ],
)
def test_one_count_is_enough(tmp_path: Path, capsys: pytest.CaptureFixture[str], option: list[str], expected: dict[str, int]) -> None:
    assert main(["--output", str(tmp_path), "--format", "parquet", *option]) == 0
    printed = dict(line.split()[:2] for line in capsys.readouterr().out.splitlines())
    assert {name: int(printed[name].replace(",", "")) for name in expected} == expected
    assert not list(tmp_path.glob("*.partial"))
