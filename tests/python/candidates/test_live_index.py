"""Recommendations from the live index equal brute force over the live tables, and follow the stream."""

import datetime

import pytest

from .brute_force import differences, hidden_tweets

SNOWFLAKE_START_MILLIS = 1_288_834_974_657
TWEETS_PER_CLUSTER, CLUSTERS, RESULTS = 200, 50, 200


@pytest.fixture(scope="module")
def streamed_warehouse(built_warehouse, tmp_path_factory):
    """The sample, and an hour later favs on five new tweets, which are half an hour old and in no table: their ids tell the time."""
    warehouse = built_warehouse.copy(tmp_path_factory.mktemp("streamed"))
    as_of = built_warehouse.query("select as_of from stg_as_of")[0][0]
    users = built_warehouse.query("select distinct consumer_id from interested_in order by 1 limit 300")
    created_millis = round((as_of + datetime.timedelta(minutes=30)).replace(tzinfo=datetime.UTC).timestamp() * 1000)
    first_tweet = (created_millis - SNOWFLAKE_START_MILLIS) << 22
    rows = ", ".join(
        f"({user}, {first_tweet + number % 5}, 'fav', timestamp '{as_of + datetime.timedelta(hours=1)}')"
        for number, (user,) in enumerate(users)
    )
    warehouse.execute(f"insert into int_stream_inbox values {rows}")
    warehouse.build("run", "--select", "int_stream_pairs", "int_tweet_cluster_partials")
    return warehouse


def best_tweets(vector, live_tweets, as_of, maximum_age, hidden):
    """Plain SimClusters-ANN with the cosine: tweet, score, best first.

    ``live_tweets`` has rows cluster, tweet, rank, time of creation, score.
    """
    scanned = dict(sorted(vector.items(), key=lambda entry: (-round(entry[1], 10), entry[0]))[:CLUSTERS])
    found = {}
    for cluster, tweet, rank, created_at, score in live_tweets:
        is_scanned = cluster in scanned and rank <= TWEETS_PER_CLUSTER
        if is_scanned and as_of - created_at <= maximum_age and tweet not in hidden:
            dot, squared_norm = found.get(tweet, (0.0, 0.0))
            found[tweet] = (dot + scanned[cluster] * score, squared_norm + score * score)
    norm = sum(score * score for score in vector.values())
    scored = [(tweet, dot / (norm * squared) ** 0.5, dot) for tweet, (dot, squared) in found.items()]
    scored.sort(key=lambda entry: (-round(entry[1], 10), -round(entry[2], 10), entry[0]))
    return [(tweet, cosine) for tweet, cosine, _ in scored[:RESULTS]]


@pytest.mark.parametrize(("index_name", "hours"), [("live", 24), ("live_light", 1)])
def test_live_recommendations_equal_brute_force(streamed_warehouse, index_name, hours):
    as_of = streamed_warehouse.query("select as_of from int_stream_clock")[0][0]
    live_tweets = streamed_warehouse.query(
        "select cluster_id, tweet_id, tweet_rank, created_at, tweet_score from live_cluster_top_tweets"
        f" where index_name = '{index_name}'"
    )
    consumers = streamed_warehouse.query(
        "select distinct consumer_id from consumer_scores where consumer_score = 'log_fav' order by 1 limit 40"
    )
    hidden = hidden_tweets(streamed_warehouse)
    for user, tweet in streamed_warehouse.query("select user_id, tweet_id from int_stream_pairs"):
        hidden[user].add(tweet)
    exact, answered = {}, {}
    for (consumer,) in consumers:
        vector = dict(
            streamed_warehouse.query(
                "select cluster_id, interested_in_score from consumer_scores"
                f" where consumer_score = 'log_fav' and consumer_id = {consumer}"
            )
        )
        exact[consumer] = best_tweets(vector, live_tweets, as_of, datetime.timedelta(hours=hours), hidden[None] | hidden[consumer])
        answered[consumer] = streamed_warehouse.query(
            f"select tweet_id, ann_score from recommend_live_tweets('consumer', {consumer}, '{index_name}', 'all', 'all')"
            " order by candidate_rank"
        )
    assert sum(map(len, exact.values())) > 20
    assert not differences(exact, answered, 1e-9)


def test_the_live_index_is_newer_than_the_batch(streamed_warehouse):
    as_of, newest = streamed_warehouse.query(
        "select stg_as_of.as_of, int_stream_clock.as_of from stg_as_of cross join int_stream_clock"
    )[0]
    assert newest == as_of + datetime.timedelta(hours=1)
