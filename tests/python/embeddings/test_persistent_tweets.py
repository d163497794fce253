"""Persistent vectors, by the definition of the streaming job: fav by fav, each fading what came before."""

import datetime
import math

import pytest

HALF_LIFE, WINDOW, FLOOR, MINIMUM_FAVS = 8.0, 72.0, 0.02, 8


def hours(interval: datetime.timedelta) -> float:
    return interval.total_seconds() / 3600


def vector_after(sums: dict[int, tuple[float, datetime.datetime]], now: datetime.datetime) -> dict[int, float]:
    """What is above the floor of the sums, each of which has faded since its own time."""
    faded = {cluster: value * 0.5 ** (hours(now - at) / HALF_LIFE) for cluster, (value, at) in sums.items()}
    return {cluster: value for cluster, value in faded.items() if round(value, 10) > FLOOR}


def snapshots(
    favs: list[tuple], author: int, created_at: datetime.datetime, interests: dict[int, dict[int, float]]
) -> dict[str, tuple]:
    """{latest, longest_l2: (fav number, vector)} of one tweet, whose favs (user, time) are in order."""
    sums: dict[int, tuple[float, datetime.datetime]] = {}
    kept: dict[str, tuple] = {}
    for number, (user, at) in enumerate(favs, 1):
        if hours(at - created_at) >= WINDOW:
            break
        if user != author:
            for cluster, interest in interests.get(user, {}).items():
                value, since = sums.get(cluster, (0.0, at))
                sums[cluster] = (value * 0.5 ** (hours(at - since) / HALF_LIFE) + interest, at)
        vector = vector_after(sums, at)
        if number < MINIMUM_FAVS or not vector:
            continue
        norm = round(math.hypot(*vector.values()), 9)
        kept["latest"] = (number, vector)
        if "longest_l2" not in kept or norm > kept["longest_l2"][2]:
            kept["longest_l2"] = (number, vector, norm)
    return {name: snapshot[:2] for name, snapshot in kept.items()}


@pytest.fixture(scope="module")
def expected(built_warehouse):
    interests: dict[int, dict[int, float]] = {}
    for user, cluster, interest in built_warehouse.query(
        "select consumer_id, cluster_id, log_fav_score_cluster_normalized from interested_in where log_fav_score > 0"
        " and round(fav_score, 10) >= 0.3"
    ):
        interests.setdefault(user, {})[cluster] = interest
    favs: dict[int, list] = {}
    for tweet, user, at in built_warehouse.query(
        "select tweet_id, user_id, faved_at from int_fav_states where is_faved order by tweet_id, faved_at, user_id"
    ):
        favs.setdefault(tweet, []).append((user, at))
    tweets = {
        tweet: (author, created)
        for tweet, author, created in built_warehouse.query("select tweet_id, author_id, created_at from stg_tweets")
    }
    return {
        (name, tweet): snapshot
        for tweet, ordered in favs.items()
        if tweet in tweets
        for name, snapshot in snapshots(ordered, *tweets[tweet], interests).items()
    }


def test_persistent_vectors_are_the_streaming_jobs(built_warehouse, expected):
    found: dict[tuple[str, int], tuple[int, dict[int, float]]] = {}
    for name, tweet, number, cluster, score in built_warehouse.query(
        "select snapshot_name, tweet_id, fav_count, cluster_id, tweet_score from persistent_tweet_embeddings"
        " where snapshot_name in ('latest', 'longest_l2')"
    ):
        found.setdefault((name, tweet), (number, {}))[1][cluster] = score

    assert len(found) > 500
    assert found.keys() == expected.keys()
    for key, (number, vector) in expected.items():
        best = dict(sorted(vector.items(), key=lambda entry: (-round(entry[1], 10), entry[0]))[: 15 if key[0] == "latest" else 50])
        assert found[key][0] == number, key
        assert found[key][1] == pytest.approx(best, rel=1e-9), key


def test_own_favs_change_no_vector_but_are_counted(built_warehouse):
    """On the sample many authors fav what they write; without their favs the vectors would be those of the others alone."""
    [(own,)] = built_warehouse.query("""
        select count(distinct tweet_id) from int_numbered_favs join persistent_tweet_embeddings using (tweet_id)
        where is_own and snapshot_name = 'latest'
    """)
    assert own > 10


def test_the_catalog_serves_them(built_warehouse):
    [(listed, persisted)] = built_warehouse.query("""
        select
            (select count(*) from embeddings where embedding_type = 'log_fav_longest_l2'),
            (select count(*) from persistent_tweet_embeddings where snapshot_name = 'longest_l2')
    """)
    assert listed == persisted > 0


def test_an_old_tweet_finds_similar_ones(built_warehouse):
    """A liked tweet older than a day has no batch embedding, and a persistent one."""
    [(tweet,)] = built_warehouse.query("""
        select min(tweet_id) from persistent_tweet_embeddings
        where snapshot_name = 'longest_l2' and tweet_id not in (select tweet_id from tweet_embeddings)
            and updated_at < (select as_of from stg_as_of) - interval 2 day
    """)
    assert built_warehouse.query(f"select * from similar_tweets({tweet}, 'default')")
