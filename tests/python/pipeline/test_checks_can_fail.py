"""Every kind of test of this project fails when its law is broken: damage a table, run the test, expect a failure."""

from fnmatch import fnmatch

import duckdb
import pytest

DAMAGES = {
    "unique_grain": ("insert into known_for select * from known_for limit 1", "unique_grain_known_for_producer_id"),
    "unique_grain of nulls": (
        "update cluster_top_tweets set tweet_id = null where tweet_id = (select min(tweet_id) from cluster_top_tweets)",
        "unique_grain_cluster_top_tweets_index_name__cluster_id__tweet_id",
    ),
    "unique_grain of columns that are never null": (
        "update int_interest_variant_scores set fav_score = null",
        "unique_grain_int_interest_variant_scores_*",
    ),
    "within_ranges": ("update known_for_before_opt_outs set known_for_score = 1.5", "within_ranges_known_for_before_opt_outs*"),
    "within_ranges of no number": ("update producer_candidates set candidate_score = 'nan'", "within_ranges_producer_candidates*"),
    "ranks_are_dense": (
        "update co_followed_producers set producer_rank = 1000 where producer_rank = 1",
        "ranks_are_dense_co_followed_producers_*",
    ),
    "ranks follow scores": (
        "update int_tweet_candidates set dot_product = candidate_rank",
        "ranks_are_dense_tweet_candidates_candidate_rank*",
    ),
    "symmetric_pairs": (
        "delete from producer_similarity_edges where producer_id = (select min(producer_id) from producer_similarity_edges)",
        "symmetric_pairs_producer_similarity_edges*",
    ),
    "unit_norm": ("update interested_in set fav_score_cluster_normalized = 1", "unit_norm_interested_in_*"),
    "ranks end": (
        "update table_limits set items_per_group = 1 where table_name = 'cluster_top_producers'",
        "ranks_are_dense_cluster_top_producers_*",
    ),
    "at_most_per_group": ("update int_user_producer_edges set consumer_id = 1", "at_most_per_group_user_user_graph*"),
    "holds": (
        "update int_user_producer_edges set is_followed = false, fav_score = 0 where consumer_id = 10062930",
        "holds_user_user_graph*",
    ),
    "interests in known clusters": ("delete from known_for where cluster_id = 1", "assert_interests_are_in_known_clusters"),
    "U = A V": (
        "update interested_in set follow_score = follow_score + 0.001 where cluster_rank = 1",
        "assert_interest_is_the_product_of_follows_and_known_for",
    ),
    "eligible producers": (
        "update producers set is_eligible = false where popularity_rank = 1",
        "assert_known_for_producers_are_eligible",
    ),
    "history": ("update known_for_before_opt_outs set cluster_id = 1000000", "assert_history_ends_with_the_current_communities"),
    "history of others": (
        "insert into known_for_history select * replace (-producer_id as producer_id) from known_for_history",
        "assert_history_ends_with_the_current_communities",
    ),
    "opt-outs remove few consumers": ("delete from interested_in", "assert_opt_outs_remove_few_consumers"),
    "opt-outs keep the median": ("delete from interested_in", "assert_opt_outs_keep_the_median_of_communities"),
    "known engagement types": (
        "delete from engagement_types where engagement_type = 'fav'",
        "assert_known_values_match_engagement_types",
    ),
    "both directions": (
        "update producer_embeddings set producer_score = producer_score / 2",
        "assert_both_directions_of_producer_embeddings_agree",
    ),
    "few input rows are left out": (
        "update base_engagements set rejection_reason = 'engagement_type like is unknown' where tweet_id % 10 = 0",
        "assert_few_input_rows_are_left_out",
    ),
    "no event stands apart": (
        "insert into input_report values ('engagements', 'engaged_at stands apart, long after the other events', 1, '')",
        "assert_no_event_stands_apart",
    ),
    "regressions weigh followers alike": (
        "update co_follow_recipes set activity_power = 0.75 where preference = 14",
        "assert_recipes_name_what_exists",
    ),
    "no table has emptied": (
        "insert into run_report select model_version, as_of + interval 1 day, metric_kind, metric_name, 0 from run_report"
        " where metric_name = 'indexed_tweets'",
        "assert_no_table_has_emptied",
    ),
    "few producers move": (
        "insert into known_for_changes select as_of, as_of - interval 1 day, 'moved', 60, 0.2 from stg_as_of",
        "assert_few_producers_move",
    ),
    "enough consumers are interested": (
        "delete from interested_in where consumer_id % 3 > 0",
        "assert_enough_consumers_are_interested",
    ),
    "enough producers are known": ("delete from known_for where producer_id % 3 > 0", "assert_enough_producers_are_known"),
    "no community of everybody": ("update cluster_quality_summary set largest_cluster_share = 0.5", "no_community_of_everybody"),
    "a follow is no recommendation": (
        "insert into base_follows (consumer_id, producer_id, row_count)"
        " select consumer_id, producer_id, 1 from producer_candidates where candidate_rank = 1 limit 1",
        "assert_nobody_is_recommended_what_is_hidden",
    ),
    "a seen tweet is no recommendation": (
        "insert into base_engagements (user_id, tweet_id, engagement_type, engaged_at, row_count)"
        " select consumer_id, tweet_id, 'impression', as_of, 1 from tweet_candidates cross join stg_as_of limit 1",
        "assert_nobody_is_recommended_what_is_hidden",
    ),
    "an own tweet is no recommendation": (
        "update base_tweets set author_id = (select min(consumer_id) from tweet_candidates)",
        "assert_nobody_is_recommended_what_is_hidden",
    ),
    "an inactive author is no recommendation": (
        "update base_users set is_active = false",
        "assert_nobody_is_recommended_what_is_hidden",
    ),
    "a blocked author is no recommendation": (
        "update base_blocks set user_id = candidates.consumer_id, blocked_user_id = candidates.producer_id"
        " from (select consumer_id, producer_id from producer_candidates where candidate_rank = 1 limit 1) as candidates",
        "assert_nobody_is_recommended_what_is_hidden",
    ),
    "recipes name what exists": (
        "update engagement_index_recipes set pair_name = 'nothing' where index_name = 'fav'",
        "assert_recipes_name_what_exists",
    ),
    "explained candidates": ("delete from int_tweet_candidate_interests", "assert_every_recommendation_is_explained"),
}


@pytest.fixture(scope="module")
def compiled_tests(built_warehouse, tmp_path_factory):
    """Name of every data test -> the query that dbt runs, which returns the rows that break the law."""
    warehouse = built_warehouse.copy(tmp_path_factory.mktemp("compiled"))
    outcome = warehouse.dbt("compile", "--select", "resource_type:test")
    assert outcome.success, outcome.output
    return outcome.compiled


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda name: name.replace(" ", "_"))
def test_a_broken_law_is_caught(built_warehouse, compiled_tests, tmp_path, damage):
    statement, pattern = DAMAGES[damage]
    queries = [query for name, query in compiled_tests.items() if fnmatch(name, pattern)]
    assert queries, f"no test is named {pattern}"
    damaged = built_warehouse.copy(tmp_path)
    assert not any(damaged.query(query) for query in queries)
    damaged.execute(statement)
    assert any(damaged.query(query) for query in queries), f"{pattern} finds nothing wrong with damaged rows"


def test_a_table_takes_no_null_that_its_contract_forbids(built_warehouse, tmp_path):
    warehouse = built_warehouse.copy(tmp_path)
    with pytest.raises(duckdb.ConstraintException, match="NOT NULL constraint failed: clusters.producer_count"):
        warehouse.execute("insert into clusters select * replace (null as producer_count) from clusters")
