"""Lists that are cut nowhere equal brute force, row by row; lists cut as published lose little."""

import numpy as np
import pytest

from .brute_force import (
    ALGORITHMS,
    TOLERANCE,
    Vectors,
    as_lists,
    best_lists,
    candidate_lists,
    cut_nothing,
    differences,
    full_dot_product,
    full_log_cosine,
    hidden_tweets,
    in_offline_order,
    recall,
    service_scores,
    whole_scores,
)

FUNCTIONS = ("recommend_tweets", "similar_tweets", "tweets_for_producer", "tweets_for_topic")


@pytest.fixture(scope="module")
def unlimited_warehouse(built_warehouse, tmp_path_factory):
    """The sample with recipes and configs that cut nothing, and each algorithm for consumers in the batch."""
    warehouse = built_warehouse.copy(tmp_path_factory.mktemp("unlimited"))
    cut_nothing(warehouse)
    warehouse.build(
        "run",
        "--select",
        *(
            "int_tweet_candidate_interests",
            "int_tweet_candidate_weights",
            "int_author_tweets",
            "int_tweet_lookup_scales",
            "int_tweet_candidates",
            "tweet_candidates",
            "int_ann_configs",
            "int_ann_lookups",
            "ann_candidates",
            *FUNCTIONS,
        ),
    )
    return warehouse


@pytest.fixture(scope="module")
def own_warehouse(built_warehouse, tmp_path_factory):
    """The project's own configurations in the batch, as they stand."""
    warehouse = built_warehouse.copy(tmp_path_factory.mktemp("own"))
    warehouse.execute("update ann_configs set maximum_results = 10, is_in_batch = search_name = 'project' and source_kind <> 'tweet'")
    warehouse.build("run", "--select", "int_ann_configs", "int_ann_lookups", "ann_candidates")
    return warehouse


@pytest.fixture(scope="module")
def cluster_count(built_warehouse):
    return built_warehouse.query("select max(cluster_id) from clusters")[0][0]


@pytest.fixture(scope="module")
def consumers(built_warehouse, cluster_count):
    rows = built_warehouse.query(
        "select consumer_id, cluster_id, interested_in_score from consumer_scores where consumer_score = 'log_fav'"
    )
    return Vectors.of(rows, cluster_count)


@pytest.fixture(scope="module")
def hidden(built_warehouse):
    return hidden_tweets(built_warehouse)


def tweets_of(warehouse, embedding_type, cluster_count):
    return Vectors.of(
        warehouse.query(f"select tweet_id, cluster_id, tweet_score from tweet_embeddings where embedding_type = '{embedding_type}'"),
        cluster_count,
    )


def indexed_tweets(warehouse, index_name, cluster_count):
    return Vectors.of(
        warehouse.query(
            f"""
            select tweet_id, cluster_id, tweet_score
            from cluster_top_tweets where index_name = '{index_name}' and tweet_score > 0
            """
        ),
        cluster_count,
    )


def service_lists(warehouse, source_kind, config_name):
    return as_lists(
        warehouse.query(
            f"""
            select source_id, tweet_id, candidate_rank, ann_score
            from ann_candidates where source_kind = '{source_kind}' and config_name = '{config_name}'
            """
        )
    )


@pytest.mark.parametrize("candidate_type", ["log_fav_8h", "log_fav_2h_long", "log_fav_undecayed", "fav_rate_1000"])
def test_uncut_lists_equal_brute_force(unlimited_warehouse, consumers, cluster_count, hidden, candidate_type):
    tweets = tweets_of(unlimited_warehouse, candidate_type, cluster_count)
    exact = best_lists(consumers, tweets, full_log_cosine(consumers.matrix, tweets.matrix), hidden=hidden)
    assert len(exact) > 1000
    found = candidate_lists(unlimited_warehouse, candidate_type, "log_cosine_score")
    assert not differences(found, in_offline_order(exact), TOLERANCE)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_uncut_service_equals_brute_force(unlimited_warehouse, consumers, cluster_count, hidden, algorithm):
    tweets = indexed_tweets(unlimited_warehouse, "fav", cluster_count)
    exact = best_lists(consumers, tweets, service_scores(consumers.matrix, tweets.matrix)[algorithm], hidden=hidden)
    assert not differences(service_lists(unlimited_warehouse, "consumer", f"uncut_{algorithm}"), exact, TOLERANCE)


def test_uncut_lists_by_direction_equal_brute_force(unlimited_warehouse, cluster_count, hidden):
    """Over the tweets that have one of their two strongest communities in common with the source."""
    topics = Vectors.of(
        unlimited_warehouse.query("""
            select topic_id, cluster_id, topic_score from topic_embeddings
            where embedding_type = 'fav_tfg_topic' and consumer_language = 'all' and consumer_country = 'all'
        """),
        cluster_count,
    )
    tweets = Vectors.of(
        unlimited_warehouse.query("""
            select tweet_id, cluster_id, tweet_score from int_index_tweet_scores where index_name = 'stream' and tweet_score > 0
        """),
        cluster_count,
    )
    exact = best_lists(topics, tweets, whole_scores(topics.matrix, tweets.matrix)["cosine"], hidden={None: hidden[None]})
    strongest = np.sort(tweets.matrix, axis=1)[:, :-3:-1]
    shares = np.where(tweets.matrix >= strongest[:, 1:], tweets.matrix / strongest[:, :1], 0)
    meets = (topics.matrix > 0) @ (shares >= 1 / 60).T > 0
    place = {tweet: column for column, tweet in enumerate(tweets.ids)}
    rows = {topic: row for row, topic in enumerate(topics.ids)}
    exact = {topic: [entry for entry in entries if meets[rows[topic], place[entry[0]]]] for topic, entries in exact.items()}
    assert min(map(len, exact.values())) > 500
    assert not differences(service_lists(unlimited_warehouse, "topic", "cosine"), exact, TOLERANCE)


@pytest.mark.parametrize(
    ("source_kind", "call", "of_kind"),
    [
        ("consumer", "recommend_tweets({}, 'uncut_cosine')", "uncut_cosine"),
        ("producer", "tweets_for_producer({}, 'default')", "default"),
        ("tweet", "similar_tweets({}, 'default')", "default"),
        ("topic", "tweets_for_topic({}, 'default', 'all', 'all')", "default"),
        ("topic", "tweets_for_topic({}, 'cosine', 'all', 'all')", "cosine"),
    ],
)
def test_a_table_function_answers_as_the_batch(unlimited_warehouse, source_kind, call, of_kind):
    batch = service_lists(unlimited_warehouse, source_kind, of_kind)
    assert len(batch) > 20
    for source in sorted(batch)[:5]:
        rows = unlimited_warehouse.query(f"select {source}, tweet_id, candidate_rank, ann_score from {call.format(source)}")
        assert not differences(as_lists(rows), {source: batch[source]}, TOLERANCE)


def test_an_unknown_source_gets_nothing(built_warehouse):
    assert built_warehouse.query("select * from recommend_tweets(-1, 'default')") == []


def test_published_cuts_keep_the_best_dot_products(built_warehouse, consumers, cluster_count, hidden):
    tweets = tweets_of(built_warehouse, "log_fav_8h", cluster_count)
    exact = best_lists(consumers, tweets, full_dot_product(consumers.matrix, tweets.matrix), 10, hidden)
    assert recall(candidate_lists(built_warehouse, "log_fav_8h", "dot_product"), exact, 10) >= 0.95


@pytest.mark.parametrize("source_kind", ["consumer", "producer", "topic"])
@pytest.mark.parametrize("score", ["dot_product", "cosine", "log_cosine"])
def test_own_configurations_find_the_best_of_whole_tweets(own_warehouse, cluster_count, hidden, source_kind, score):
    """At most 200 tweets of each list are looked at, and lists hold more. A tweet is a source of its own, so it is left out here.

    A fifth of the sources, because brute force takes long.
    """
    assert own_warehouse.query("select max(tweets_per_cluster) from ann_configs where search_name = 'project'") == [(200,)]
    assert own_warehouse.query("select max(tweet_rank) > 400 from cluster_top_tweets where index_name = 'stream'") == [(True,)]
    sources = Vectors.of(
        own_warehouse.query(f"""
            select source_id, cluster_id, source_score
            from ann_configs join int_ann_source_vectors using (source_kind, source_embedding_type)
            where source_kind = '{source_kind}' and config_name = '{score}' and source_language = 'all' and mod(source_id, 5) = 0
        """),
        cluster_count,
    )
    tweets = indexed_tweets(own_warehouse, "stream", cluster_count)
    passed_over = hidden if source_kind == "consumer" else {None: hidden[None]}
    exact = best_lists(sources, tweets, whole_scores(sources.matrix, tweets.matrix)[score], 10, passed_over)
    assert len(exact) >= 4
    found = service_lists(own_warehouse, source_kind, score)
    assert recall(found, exact, 10) >= 0.95
    scores = {(source, tweet): value for source, entries in exact.items() for tweet, value in entries}
    both = [
        (value, scores[source, tweet]) for source, entries in found.items() for tweet, value in entries if (source, tweet) in scores
    ]
    assert all(value == pytest.approx(whole, rel=TOLERANCE) for value, whole in both)
