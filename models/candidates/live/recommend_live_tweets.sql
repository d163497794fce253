{% set half_life_hours = var('stream_half_life_hours') %}
{% set window_hours = var('stream_window_hours') %}

with

as_of as (select as_of from {{ ref('int_stream_clock') }}),
tweets as (select tweet_id, created_at from {{ ref('stg_tweets') }}),

{{ ann_lists(
    which_configs = asked_config(table_argument('of_source_kind'), table_argument('with_config'), is_live=true),
    which_sources = 'vectors.source_kind = ' ~ table_argument('of_source_kind') ~ ' and vectors.source_id = ' ~ table_argument('of_source_id'),
    of_language = table_argument('in_language'),
    of_country = table_argument('in_country'),
    as_of = 'as_of'
) }},

{# Only the communities that are scanned, so the rest of the live window is not added up. #}
scanned_clusters as (select distinct index_list_id as cluster_id from nearest_lists),
partials as (
    select partials.bucket_at, partials.tweet_id, partials.cluster_id, partials.partial_score, partials.fav_count

    from {{ ref('int_tweet_cluster_partials') }} as partials

    inner join scanned_clusters on partials.cluster_id = scanned_clusters.cluster_id

    where partials.fav_count > 0
),

{{ live_scores(half_life_hours, window_hours) }},

{{ live_top_tweets(window_hours) }},

{# Since the batch people saw what they faved. #}
{{ ann_search(
    users=table_argument('of_source_kind') ~ " = 'consumer' and user_id = " ~ table_argument('of_source_id'),
    other_than_source='(' ~ table_argument('of_source_kind') ~ " <> 'tweet' or summed_tweets.tweet_id <> " ~ table_argument('of_source_id') ~ ')',
    since_batch=ref('int_stream_pairs'), is_live=true
) }}

select tweet_id, candidate_rank, cluster_count, dot_product, ann_score from candidates
