{#
    What each var may be, in the words of the message. `or` separates alternatives. A number has bounds behind from, above, to and below.
    A word that names no kind stands for itself.
#}
{% macro var_rules() %}
    {% set rules %}
input_dir: text
input_schema: a name without quotes and backslashes
input_models: "a mapping like {name: value}"
as_of: empty or a time in UTC like 2026-01-31 23:59:59
engagement_days: a whole number from 0
engagement_types: "a mapping like {name: value}"
rejected_share_limit: a number from 0 to 1
rows_per_bucket: a whole number from 1
engine: auto or sql or kernel
engines: "a mapping like {name: value}"
minimum_active_followers: auto or a whole number from 0
fav_half_life_days: a number above 0
similarity_floor: a number from 0 to 1
similarity_follower_cap: auto or a whole number from 0
neighbors_per_producer: a whole number from 1
communities_k: auto or a whole number from 1
community_edge_weight: cosine or squared
sweep_seed: a whole number from 0
community_moves: true or false
sweep_epochs: a whole number from 1
sweep_start_temperature: a number from 0
sweep_cooling_ratio: a number above 0 to 1
true_positive_weight: a number from 0
model_version: text
versioned_embedding_types: "a list like [name, name]"
minimum_social_proof: a whole number from 1
clusters_per_consumer: a whole number from 1
producer_embedding_minimum_audience: auto or a whole number from 0
producer_embedding_floor: a number from 0
clusters_per_producer: a whole number from 1
topic_fav_half_life_days: a number above 0
entity_fav_half_life_days: a number above 0
minimum_topic_followers: a whole number from 0
similar_producers_clusters: a whole number from 1
similar_producers_per_producer: a whole number from 1
multi_embedding_similarity: a number from 0 to 1
recipe_minimum_cap: a whole number from 0
recipe_time_factor: auto or a number above 0
index_expiration_hours: a number from 0
consumer_score: empty or auto or log_fav or fav or follow
holdout_follow_share: a number from 0 below 1
holdout_follows_file: text
holdout_engagement_share: a number from 0 below 1
evaluation_maximum_consumers: a whole number from 0
score_reference_as_of: empty or a time in UTC like 2026-01-31 23:59:59
stream_bucket_minutes: a number above 0
stream_window_hours: a number above 0
stream_half_life_hours: a number above 0
stream_counts: exact or every_fav
    {% endset %}
    {{ return(fromyaml(rules)) }}
{% endmacro %}


{# Vars of earlier versions. dbt ignores a name that nobody reads, so the message says where each went. #}
{% macro removed_vars() %}
    {% set places %}
input_database: "part of the var input_schema, as database.schema"
mh_seed: the var sweep_seed
mh_epochs: the var sweep_epochs
mh_blocks: gone, the models say 2
sweep_blocks: gone, the models say 2
mh_start_temperature: the var sweep_start_temperature
mh_cooling_ratio: the var sweep_cooling_ratio
mh_true_positive_weight: the var true_positive_weight
mh_greedy_epochs: gone, because it changed nothing
similarity_engine: "the var engines: {similarity: kernel}"
product_engine: "the var engines: {products: kernel}"
community_engine: "the var engines: {communities: kernel}"
maximum_producers: column items_per_group of the seed table_limits, producers
minimum_fav_score: column minimum_score of the seed table_limits, user_producer_favs
maximum_neighbors_per_consumer: column items_per_group of the seed table_limits, user_user_graph
maximum_follows_per_consumer: column maximum_follows_per_consumer of the seed similarity_limits
similarity_exact_pairs: column maximum_exact_pairs of the seed similarity_limits
similarity_automatic_cap: column sampled_followers of the seed similarity_limits
maximum_interested_consumers: column items_per_group of the seed table_limits, embeddings
producers_per_cluster: column items_per_group of the seed table_limits, cluster_top_producers
clusters_per_topic: column clusters_per_topic of the seed topic_embedding_recipes
topics_per_consumer: column items_per_group of the seed table_limits, user_topic_embeddings
clusters_per_entity: column items_per_group of the seed table_limits, entity_embeddings
entities_per_cluster: column items_per_group of the seed table_limits, cluster_top_entities
producers_per_topic: column items_per_group of the seed table_limits, topic_top_producers
producers_per_entity: column items_per_group of the seed table_limits, int_entity_producer_scores
topics_per_producer: column items_per_group of the seed table_limits, producer_top_topics
topic_background_share: column background_share of the seed table_limits, producer_top_topics
clusters_per_language: column items_per_group of the seed table_limits, language_embeddings
language_fav_window_days: column window_days of the seed table_limits, language_embeddings
similar_topics_per_topic: column items_per_group of the seed table_limits, similar_topics
topic_similarity_floor: column minimum_score of the seed table_limits, similar_topics
topics_per_country: column items_per_group of the seed table_limits, country_top_topics
country_topic_window_days: column window_days of the seed table_limits, country_top_topics
multi_embedding_neighbors: column items_per_group of the seed table_limits, int_multi_embedding_neighbors
multi_embedding_groups: column groups_per_consumer of the seed multi_embedding_recipes
legible_entity_score: column minimum_score of the seed table_limits, cluster_topics
cluster_neighbor_floor: column minimum_score of the seed table_limits, cluster_neighbors
ann_tweets_per_cluster_limit: column tweets_per_cluster of the seed ann_limits
ann_results_limit: column maximum_results of the seed ann_limits
stream_minimum_fav_score: column minimum_score of the seed table_limits, int_stream_interests
stream_clusters_per_tweet: column items_per_group of the seed table_limits, live_tweet_embeddings
stream_tweet_score_floor: column minimum_score of the seed table_limits, live_tweet_embeddings
stream_tweets_per_cluster: column tweets_per_cluster of the seed live_index_recipes
stream_cluster_score_floor: column minimum_score of the seed live_index_recipes
stream_light_hours: column maximum_tweet_age_hours of the seed live_index_recipes, live_light
stream_minimum_favs: column minimum_favs of the seed tweet_snapshot_recipes, latest and longest_l2
warn_moved_share: column moved_share of the seed warning_thresholds
warn_turnover_share: column turnover_share of the seed warning_thresholds
warn_count_factor: column count_factor of the seed warning_thresholds
warn_cluster_factor: column cluster_factor of the seed warning_thresholds
warn_score_factor: column score_factor of the seed warning_thresholds
warn_minimum_count: column minimum_count of the seed warning_thresholds
warn_interested_share: column interested_share of the seed warning_thresholds
warn_known_share: column known_share of the seed warning_thresholds
warn_largest_cluster_share: column largest_cluster_share of the seed warning_thresholds
compared_cluster_minimum_producers: column minimum_producers of the seed warning_thresholds
opt_out_alert_consumer_share: column opt_out_consumer_share of the seed warning_thresholds
opt_out_alert_median_share: column opt_out_median_share of the seed warning_thresholds
    {% endset %}
    {{ return(fromyaml(places)) }}
{% endmacro %}
