"""On Ciao, for some consumers: lists that are cut nowhere equal brute force, row by row; lists cut as published lose little."""

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
)

CONSUMERS = 12
PAIRS = ("+stg_blocks", "+stg_users", "int_engagement_states", "int_pair_recipe_events", "int_engagement_pairs")
LISTS = (
    "int_hidden_tweets",
    "int_recent_favs",
    "int_co_faved_tweets",
    "int_tweet_candidate_interests",
    "int_tweet_candidate_weights",
    "int_author_tweets",
    "int_tweet_candidate_lists",
    "int_tweet_asked_lists",
    "int_tweet_lookup_scales",
    "int_tweet_candidate_lookups",
    "int_tweet_candidates",
    "tweet_candidates",
    "int_ann_configs",
    "int_ann_source_vectors",
    "recommend_tweets",
)
KEPT = "consumer_id in (select consumer_id from kept)"


@pytest.fixture(scope="module")
def few_consumers(ciao_warehouse, tmp_path_factory):
    """Indexes of everything, then the interests of a few consumers alone; one recipe and the default config, as published."""
    warehouse = ciao_warehouse.copy(tmp_path_factory.mktemp("ciao_retrieval"))
    warehouse.execute(
        """
        delete from candidate_recipes where candidate_type <> 'log_fav_8h';
        update ann_configs set source_embedding_type = 'follow' where source_kind = 'consumer' and config_name = 'default';
        """
    )
    warehouse.build("run", "--select", *PAIRS, "path:models/indexes", variables=ciao_warehouse.variables)
    warehouse.execute(
        f"""
        create table kept as select consumer_id from (select distinct consumer_id from interested_in)
        order by hash(consumer_id) limit {CONSUMERS};
        delete from interested_in where consumer_id not in (select consumer_id from kept);
        """
    )
    warehouse.build("run", "--select", *LISTS, variables=ciao_warehouse.variables)
    return warehouse


@pytest.fixture(scope="module")
def uncut_warehouse(few_consumers, ciao_warehouse, tmp_path_factory):
    """The same with recipes and configs that cut nothing, and each algorithm."""
    warehouse = few_consumers.copy(tmp_path_factory.mktemp("ciao_uncut"))
    cut_nothing(warehouse)
    warehouse.build("run", "--select", *LISTS, variables=ciao_warehouse.variables)
    return warehouse


@pytest.fixture(scope="module")
def cluster_count(few_consumers):
    tables = ("interested_in", "tweet_embeddings", "cluster_top_tweets")
    return max(few_consumers.query(f"select max(cluster_id) from {table}")[0][0] for table in tables)


@pytest.fixture(scope="module")
def consumers(few_consumers, cluster_count):
    rows = few_consumers.query(
        "select consumer_id, cluster_id, interested_in_score from consumer_scores where consumer_score = 'follow'"
    )
    return Vectors.of(rows, cluster_count)


@pytest.fixture(scope="module")
def tweets(few_consumers, cluster_count):
    rows = few_consumers.query("select tweet_id, cluster_id, tweet_score from tweet_embeddings where embedding_type = 'log_fav_8h'")
    return Vectors.of(rows, cluster_count)


@pytest.fixture(scope="module")
def hidden(few_consumers):
    return hidden_tweets(few_consumers)


def test_uncut_lists_equal_brute_force(uncut_warehouse, consumers, tweets, hidden):
    exact = in_offline_order(best_lists(consumers, tweets, full_log_cosine(consumers.matrix, tweets.matrix), hidden=hidden))
    assert sum(map(len, exact.values())) > 10_000
    assert not differences(candidate_lists(uncut_warehouse, "log_fav_8h", "log_cosine_score", KEPT), exact, TOLERANCE)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_uncut_service_equals_brute_force(uncut_warehouse, consumers, cluster_count, hidden, algorithm):
    rows = uncut_warehouse.query(
        "select tweet_id, cluster_id, tweet_score from cluster_top_tweets where index_name = 'fav' and tweet_score > 0"
    )
    indexed = Vectors.of(rows, cluster_count)
    exact = best_lists(consumers, indexed, service_scores(consumers.matrix, indexed.matrix)[algorithm], hidden=hidden)
    assert sum(map(len, exact.values())) > 1000
    for source in consumers.ids:
        answer = uncut_warehouse.query(
            f"select {source}, tweet_id, candidate_rank, ann_score from recommend_tweets({source}, 'uncut_{algorithm}')"
        )
        expected = {source: exact[source]} if source in exact else {}
        assert not differences(as_lists(answer), expected, TOLERANCE)


def test_published_cuts_keep_the_best_dot_products(few_consumers, consumers, tweets, hidden):
    exact = in_offline_order(best_lists(consumers, tweets, full_dot_product(consumers.matrix, tweets.matrix), hidden=hidden))
    assert recall(candidate_lists(few_consumers, "log_fav_8h", "dot_product", KEPT), exact, 10) >= 0.95
