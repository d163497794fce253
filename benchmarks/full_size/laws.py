"""The plan's numbers as formulas: what is given, how each table grows, and what each heavy statement joins. plan.py evaluates and prints them.

A formula is a Python expression over the names defined before it: quantities, rows of tables (by the table's name), settings and prices.
"""

from __future__ import annotations

# name: (meaning, {scale: formula}); the two scales of the plan. Everything else is derived.
GIVEN = {
    "follows": ("rows of follows", {"A": "1e9", "B": "1e11"}),
    "users": ("users, all of them consumers", {"A": "1e8", "B": "1e9"}),
    "engagements": (
        "rows of engagements that are kept: as many as follows, as in the generated networks",
        {"A": "1e9", "B": "1e11"},
    ),
    "eligible": ("eligible producers; B is published", {"A": "1e6", "B": "20e6"}),
    "communities": (
        "communities; B is published, A as many producers in each",
        {"A": "eligible / (20e6 / 145e3)", "B": "145e3"},
    ),
    "topics": ("topics", {"A": "5e3", "B": "1e4"}),
    "weeks": ("runs of the communities that are kept", {"A": "52", "B": "52"}),
}

# name: (meaning, formula, where it is from)
SETTINGS = {
    "neighbors": ("neighbours per producer", "400", "production_vars.yml: neighbors_per_producer"),
    "neighbors_per_consumer": ("producers per consumer", "2000", "dbt_project.yml: maximum_neighbors_per_consumer"),
    "clusters_per_consumer": ("communities per consumer", "50", "dbt_project.yml"),
    "variant_clusters": (
        "the same, over the four recipes of interest",
        "200 + 50 + 200 + 50",
        "seeds/interest_recipes.csv",
    ),
    "memberships": (
        "communities of a producer, over the recipes of interest",
        "1 + 25 + 5 + 20",
        "seeds/interest_recipes.csv",
    ),
    "clusters_per_producer": ("communities per producer", "60", "dbt_project.yml"),
    "producers_per_cluster": ("producers per community", "300", "dbt_project.yml"),
    "clusters_compared": (
        "communities of a producer when producers are compared",
        "50",
        "dbt_project.yml: similar_producers_clusters",
    ),
    "topics_per_producer": ("topics per producer and language", "100", "dbt_project.yml"),
    "live_days": ("the live window, in days", "72 / 24", "dbt_project.yml: stream_window_hours"),
    "tweet_recipes": ("recipes of tweet candidates", "8", "seeds/candidate_recipes.csv"),
    "tweet_query_rows": ("tweets that a consumer meets per recipe", "20 * 50", "seeds/candidate_recipes.csv"),
    "tweets_kept": ("tweets kept per consumer and recipe", "200", "seeds/candidate_recipes.csv"),
    "producer_query_rows": (
        "producers that a consumer meets, over both recipes",
        "50 * 1000 + 50 * 300",
        "seeds/producer_candidate_recipes.csv",
    ),
    "producers_kept": (
        "producers kept per consumer, over both recipes",
        "100 + 100",
        "seeds/producer_candidate_recipes.csv",
    ),
    "index_length": (
        "tweets of a community over all indexes",
        "9 * 2000 + 4 * 2000",
        "seeds/engagement_index_recipes.csv, seeds/fav_rate_recipes.csv",
    ),
    "follower_cap": (
        "followers that a producer is compared by, where sampled",
        "5000",
        "dbt_project.yml: similarity_follower_cap",
    ),
}

ASSUMPTIONS = {
    "spread": (
        "mean of the squared number of follows of a consumer / square of the mean",
        "5",
        "assumed; heavy-tailed",
    ),
    "least_followers": ("fewest followers of an eligible producer", "400", "published: minimum_active_followers"),
    "joined_per_slot_second": (
        "joined rows that a slot groups in a second",
        "16e6 / 4",
        "DuckDB's measured 16e6 per core in cache, a quarter of it because rows are shuffled",
    ),
    "bytes_per_slot_second": ("bytes that a slot reads or writes in a second", "50e6", "assumed"),
    "statements": (
        "statements of the communities in SQL",
        "26 + 4 * 4 * 30",
        "26 around and in the sweeps, 4 probes of 4 rounds of about 30",
    ),
    "kernel_bytes_per_edge": (
        "memory of the kernel per edge",
        "883 * 2**20 / 1e7",
        "benchmarks/communities/RESULTS.md: 883 MiB at 10^7 edges",
    ),
    "history_days": ("days of engagements that are kept", "365", "assumed"),
    "languages": ("languages of consumers", "100", "assumed"),
    "window_days": ("longest window of a recipe, in days", "21", "seeds/engagement_pair_recipes.csv"),
    "block_bytes": (
        "what one look-up by clustered key reads",
        "100e6",
        "assumed: a few blocks; the bill counts 10 MB per table at least",
    ),
}

PRICES = {
    "per_tib": ("on demand, per TiB read", "6.25", "https://cloud.google.com/bigquery/pricing"),
    "per_slot_hour": (
        "Enterprise edition, per slot-hour, no commitment",
        "0.06",
        "https://cloud.google.com/bigquery/pricing",
    ),
    "per_gib_month": ("active logical storage, per GiB and month", "0.02", "https://cloud.google.com/bigquery/pricing"),
    "runs_weekly": ("runs of a month", "52 / 12", "the schedule"),
    "runs_daily": ("the same", "365 / 12", "the schedule"),
    "runs_report": ("the same", "365 / 12", "the schedule"),
    "runs_hourly": ("the same", "24 * 365 / 12", "the schedule"),
    "runs_minute": ("the same", "60 * 24 * 365 / 12", "the schedule"),
}

# name: (meaning, formula); what follows from the above.
DERIVED = {
    "mean_follows": ("follows of a consumer", "follows / users"),
    "runs_kept": ("runs in the tables that keep history", "weeks"),
    "pairs": ("pairs of follows that share a consumer", "follows * mean_follows * spread / 2"),
    "tail": (
        "Pareto exponent of the producers' followers, minus 1",
        "least_followers / (follows / eligible - least_followers)",
    ),
    "hub_share": ("follows of producers above the cap, as a share", "(least_followers / follower_cap) ** tail"),
    "sampled_pairs": (
        "pairs left by coordinated sampling: the mean over a consumer's hash h of the squared share of follows that are kept at h, 1 - hub_share h^tail",
        "pairs * (1 - 2 * hub_share / (tail + 1) + hub_share ** 2 / (2 * tail + 1))",
    ),
}

# table: (what its rows follow, at most). Rows are `rate * driver`, the rate measured at 10^6 follows (growth.csv), but not more than the
# cap. In the order of the pipeline, so that a formula can name the tables above it. A driver of 1: always as many rows.
TABLES = {
    "base_follows": ("follows", None),
    "base_engagements": ("engagements", None),
    "base_tweets": ("engagements", None),
    "base_users": ("users", None),
    "base_topics": ("topics", None),
    "base_tweet_topics": ("base_tweets", None),
    "base_topic_follows": ("users", None),
    "base_opt_outs": ("users", None),
    "input_report": ("1", None),
    "stg_as_of": ("1", None),
    "stg_topics": ("topics", None),
    "stg_held_out_engagements": ("engagements", None),
    "int_engagement_states": ("engagements", None),
    "int_engagement_pairs": ("engagements", None),
    "int_fav_states": ("engagements", None),
    "int_user_producer_favs": ("engagements", None),
    "int_user_producer_edges": ("follows + int_user_producer_favs", None),
    "user_user_graph": ("int_user_producer_edges", "users * neighbors_per_consumer"),
    "producers": ("users", None),
    "int_eligible_follows": ("follows", None),
    "int_similarity_producers": ("eligible", None),
    "int_similarity_follows": ("int_eligible_follows", None),
    "similarity_report": ("1", None),
    "int_producer_pairs": ("eligible * mean_follows", "eligible * neighbors"),
    "int_producer_neighbors_sql": ("int_producer_pairs", "eligible * neighbors"),
    "producer_similarity_edges": ("int_producer_neighbors_sql", "2 * eligible * neighbors"),
    "int_community_edges": ("producer_similarity_edges", None),
    "int_communities_sql": ("eligible * runs_kept", None),
    "known_for_before_opt_outs": ("eligible", None),
    "known_for": ("eligible", None),
    "known_for_history": ("eligible * runs_kept", None),
    "opted_out_clusters": ("base_opt_outs", None),
    "int_consumer_cluster_scores": ("int_user_producer_edges", None),
    "int_interests_before_opt_outs": ("int_consumer_cluster_scores", None),
    "interested_in": ("int_consumer_cluster_scores", "users * clusters_per_consumer"),
    "int_consumer_scores_normalized": ("interested_in", None),
    "int_interest_memberships": ("eligible", "eligible * memberships"),
    "int_interest_variant_scores": ("int_user_producer_edges", None),
    "int_interest_cluster_norms": ("communities", None),
    "interested_in_variants": ("int_interest_variant_scores", "users * variant_clusters"),
    "int_producer_cluster_scores": ("eligible", None),
    "int_aggregatable_producer_scores": ("eligible", None),
    "producer_embeddings": ("eligible", "6 * eligible * clusters_per_producer"),
    "cluster_top_producers": ("producer_embeddings", "6 * communities * producers_per_cluster"),
    "int_producer_unit_vectors": ("eligible", "eligible * 50"),
    "int_similar_producer_vectors": (
        "eligible",
        "2 * (eligible * clusters_compared + communities * producers_per_cluster)",
    ),
    "int_producer_links": ("eligible ** 2 / communities", None),
    "similar_producers": ("eligible", "2 * eligible * 100"),
    "int_multi_embedding_neighbors": ("int_user_producer_edges", "users * 500"),
    "int_multi_embedding_components": ("int_multi_embedding_neighbors", None),
    "multi_embedding_members": ("int_multi_embedding_neighbors", None),
    "multi_embeddings": ("int_multi_embedding_neighbors", "users * 3 * 10"),
    "int_consumer_topic_favs": ("engagements", None),
    "topic_embeddings": ("topics", "3 * topics * 50"),
    "user_topic_embeddings": ("users * min(communities, clusters_per_consumer)", None),
    "int_entity_cluster_scores": ("topics", "6 * topics * communities"),
    "entity_embeddings": ("topics", "6 * topics * 100"),
    "cluster_top_entities": ("communities", "6 * communities * 100"),
    "int_entity_producer_scores": ("topics", None),
    "int_topic_producer_followers": ("base_topic_follows * mean_follows", "topics * eligible * (languages + 1)"),
    "topic_top_producers": ("topics", None),
    "producer_top_topics": (
        "eligible * min(topics, topics_per_producer)",
        "eligible * topics_per_producer * (languages + 1)",
    ),
    "similar_topics": ("topics", "topics * 100"),
    "country_top_topics": ("topics", "250 * 2000"),
    "language_embeddings": ("communities", "languages * 400"),
    "inferred_topics": ("users", None),
    "cluster_topics": ("communities", None),
    "clusters": ("communities", None),
    "int_impression_outcomes": ("engagements", None),
    "int_fav_rate_counts": ("engagements", None),
    "int_tweet_fav_rate_scores": ("int_fav_rate_counts", None),
    "int_tweet_fav_scores": ("engagements", None),
    "tweet_embeddings": ("int_tweet_fav_scores + int_tweet_fav_rate_scores", None),
    "int_index_tweets": ("engagements", None),
    "int_index_tweet_scores": ("int_index_tweets", None),
    "cluster_top_tweets": ("int_index_tweet_scores", "communities * index_length"),
    "int_tweet_candidate_lists": ("tweet_embeddings", "communities * 50 * tweet_recipes"),
    "tweet_candidates": ("users * tweet_recipes", "users * tweet_recipes * tweets_kept"),
    "int_producer_candidate_weights": ("producer_embeddings", "communities * 1300"),
    "int_producer_candidate_interests": ("interested_in_variants", "users * 2 * clusters_per_consumer"),
    "producer_candidates": ("users", "users * producers_kept"),
    "ann_candidates": ("eligible + base_tweets", None),
    "int_stream_inbox": ("1", None),
    "int_tweet_fav_steps": ("engagements", None),
    "int_stream_pairs": ("engagements * live_days / history_days", None),
    "int_tweet_cluster_partials": ("engagements * live_days / history_days", None),
    "persistent_tweet_embeddings": ("int_tweet_fav_steps", None),
    "embedding_versions": ("(eligible + topics) * runs_kept", None),
    "bipartite_cluster_quality": ("communities", None),
    "cluster_history": ("communities * runs_kept", None),
    "cluster_member_shares": ("communities", None),
    "cluster_metric_distributions": ("1", None),
    "cluster_neighbors": ("communities", None),
    "cluster_quality": ("communities", None),
    "cluster_quality_summary": ("1", None),
    "cluster_score_distributions": ("communities", None),
    "known_for_changes": ("1", None),
    "known_for_stability": ("communities", None),
    "candidate_recall": ("1", None),
    "int_evaluation_targets": ("1", None),
    "int_item_cosine_items": ("1", None),
    "int_popular_items": ("1", None),
    "model_version_agreement": ("1", None),
    "run_report": ("runs_kept", None),
    "score_report": ("runs_kept", None),
}

# statement: (joined rows, bytes of a joined row in the shuffle). The rest of a model's work is reading and writing.
JOINS = {
    "int_producer_pairs": ("pairs", "8 + 8 + 8"),
    "int_consumer_cluster_scores": ("user_user_graph", "8 * 10"),
    "int_producer_cluster_scores": ("user_user_graph * interested_in / users", "8 + 8 + 16"),
    "int_aggregatable_producer_scores": ("user_user_graph * int_consumer_scores_normalized / users", "8 + 8 + 16"),
    "int_interest_variant_scores": ("user_user_graph * int_interest_memberships / eligible", "8 * 10"),
    "int_producer_links": ("int_producer_unit_vectors ** 2 / communities / 2", "8 + 8 + 8"),
    "similar_producers": ("int_producer_unit_vectors ** 2 / communities", "8 + 8 + 8"),
    "int_tweet_fav_scores": ("int_engagement_pairs * interested_in / users", "8 + 8 + 16"),
    "int_index_tweet_scores": ("int_engagement_pairs * interested_in / users", "8 + 8 + 16"),
    "tweet_candidates": ("users * tweet_recipes * tweet_query_rows", "8 + 8 + 16 + 16"),
    "producer_candidates": ("users * producer_query_rows", "8 + 8 + 16 + 8"),
    "int_communities_sql": ("2 * int_community_edges * statements", "8 + 8 + 8"),
}

# What is left of a heavy statement, and what the change costs. statement: (change, joined rows after it, what it costs)
CHANGES = {
    "int_producer_pairs": (
        "similarity_follower_cap: 5000",
        "sampled_pairs",
        "similarities of producers with more followers are estimates",
    ),
    "producer_candidates": (
        "20 communities and 100 producers of each, one recipe",
        "users * 20 * 100",
        "a shorter list to rank; recall to be checked by candidate_recall",
    ),
    "tweet_candidates": (
        "one recipe, for the tenth of users who come back within the hour",
        "users / 10 * tweet_query_rows",
        "others wait until they come, or are served by recommend_tweets",
    ),
    "int_interest_variant_scores": (
        "5 communities per producer in the recipes of 25 and 20",
        "user_user_graph * (1 + 5 + 5 + 5) / memberships * int_interest_memberships / eligible",
        "the small communities of a producer count no more",
    ),
}

# query: (table, columns that are read, rows that are asked for, what serves it)
QUERIES = {
    "communities of a consumer": (
        "interested_in",
        "cluster_id log_fav_score consumer_id",
        "interested_in / users",
        "clustered by consumer_id",
    ),
    "tweets for a consumer": (
        "tweet_candidates",
        "consumer_id candidate_type candidate_rank tweet_id log_cosine_score",
        "tweet_candidates / users / tweet_recipes",
        "clustered by consumer_id, candidate_type",
    ),
    "whom to follow, for a consumer": (
        "producer_candidates",
        "*",
        "producer_candidates / users / 2",
        "clustered by consumer_id, candidate_type",
    ),
    "embedding of a producer": (
        "producer_embeddings",
        "*",
        "producer_embeddings / eligible / 6",
        "clustered by producer_id, embedding_type",
    ),
    "who is like a producer": ("similar_producers", "*", "100", "clustered by producer_id, embedding_type"),
    "one index, all communities": (
        "cluster_top_tweets",
        "*",
        "cluster_top_tweets / 13",
        "clustered by index_name first",
    ),
    "top tweets of a community": (
        "cluster_top_tweets",
        "*",
        "cluster_top_tweets / 13 / communities",
        "clustered by index_name, cluster_id",
    ),
    "whom a consumer follows and favs": ("user_user_graph", "*", "user_user_graph / users", "clustered by consumer_id"),
    "neighbours of a producer": (
        "producer_similarity_edges",
        "*",
        "producer_similarity_edges / eligible",
        "clustered by producer_id",
    ),
    "communities of one week": ("int_communities_sql", "*", "eligible", "a partition of as_of"),
    "one version of one embedding type": (
        "embedding_versions",
        "*",
        "embedding_versions / runs_kept / 3",
        "a partition of as_of (a query without one is refused), clustered by embedding_type",
    ),
    "the hourly run reads the engagements": (
        "base_engagements",
        "*",
        "base_engagements * window_days / history_days",
        "`engagement_days: 21` and partitions of engaged_at, by day, in the source",
    ),
    "a run replaces its version": (
        "embedding_versions",
        "*",
        "embedding_versions / runs_kept",
        "a merge on constants: one partition",
    ),
}
