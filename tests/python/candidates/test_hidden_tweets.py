"""Nobody is recommended what is theirs: own, seen and blocked tweets, and tweets of inactive authors, by any function.

The tables are held to the same by assert_nobody_is_recommended_what_is_hidden.
"""

import pytest

from .brute_force import hidden_tweets

# Consumers in whose communities most tweets are hidden from them: without the filter each function would answer with some.
CONSUMERS = """
select consumer_id
from consumer_scores
join cluster_top_tweets using (cluster_id)
join int_hidden_tweets on consumer_id = user_id and cluster_top_tweets.tweet_id = int_hidden_tweets.tweet_id
where consumer_score = 'log_fav' and index_name = 'stream' and tweet_rank <= 200
group by consumer_id order by count(distinct cluster_top_tweets.tweet_id) desc, consumer_id limit 25
"""
FUNCTIONS = {
    "recommend_tweets": "recommend_tweets({consumer}, 'default')",
    "recommend_tweets, whole": "recommend_tweets({consumer}, 'cosine')",
    "recommend_live_tweets": "recommend_live_tweets('consumer', {consumer}, 'live', 'all', 'all')",
}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_nobody_is_recommended_what_is_theirs(built_warehouse, function):
    hidden = hidden_tweets(built_warehouse)
    consumers = [consumer for (consumer,) in built_warehouse.query(CONSUMERS)]
    assert len(consumers) == 25
    answered = 0
    for consumer in consumers:
        rows = built_warehouse.query(f"select tweet_id, candidate_rank from {FUNCTIONS[function].format(consumer=consumer)}")
        assert not {tweet for tweet, _ in rows} & (hidden[consumer] | hidden[None])
        assert sorted(rank for _, rank in rows) == list(range(1, len(rows) + 1))
        answered += len(rows)
    assert answered > 100


def test_tweets_for_others_are_not_of_inactive_authors(built_warehouse):
    """A topic is no user, so only what is hidden from everybody is missing."""
    gone = hidden_tweets(built_warehouse)[None]
    topics = [topic for (topic,) in built_warehouse.query("select distinct topic_id from topic_embeddings order by 1 limit 5")]
    shown = {
        tweet
        for topic in topics
        for (tweet,) in built_warehouse.query(f"select tweet_id from tweets_for_topic({topic}, 'default', 'all', 'all')")
    }
    assert len(shown) > 100
    assert gone
    assert not shown & gone


def test_nobody_is_recommended_inactive_or_blocked_producers(built_warehouse):
    for table, producer in (
        ("producer_candidates", "producer_id"),
        ("similar_producers", "similar_producer_id"),
        ("cluster_top_producers", "producer_id"),
    ):
        inactive = f"select count(*) from {table} join stg_users on {producer} = user_id where not is_active"
        assert built_warehouse.query(inactive) == [(0,)], table
    blocked = """
    select count(*) from producer_candidates join stg_blocks on consumer_id = user_id and producer_id = blocked_user_id
    """
    assert built_warehouse.query(blocked) == [(0,)]
    # Followers of blocked producers are among those who ask, so the rule had something to do.
    assert built_warehouse.query("select count(*) from stg_blocks join interested_in on user_id = consumer_id") > [(0,)]
