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
minimum_social_proof: auto or a whole number from 1
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
index_expiration_hours: a whole number from 0
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
