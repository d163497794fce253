{{ config(cluster_by = ['consumer_id', 'candidate_type']) }}
{% set score_override = var('consumer_score') %}

with

recipes as (
    select
        candidate_type, {{ recipe_consumer_score(score_override, ref('int_graph_settings')) }} as consumer_score, clusters_per_consumer,
        neighbor_share, author_share, neighbor_share > 0 or author_share > 0 as is_joined, is_for_comparison
    from {{ ref('candidate_recipes') }}
),
consumer_scores as (select consumer_score, consumer_id, cluster_id, interested_in_score from {{ ref('consumer_scores') }}),
recent_favs as (select user_id, tweet_id, faver_count from {{ ref('int_recent_favs') }}),
followed_producers as (
    select consumer_id, producer_id, follow_score_producer_normalized
    from {{ ref('user_user_graph') }} where is_followed
),
lists as (select candidate_type, list_kind, list_group, list_id, tweet_score from {{ ref('int_tweet_candidate_lists') }}),

interests as (
    select
        recipes.candidate_type,
        consumer_scores.consumer_id,
        'cluster' as list_kind,
        consumer_scores.cluster_id as list_id,
        consumer_scores.interested_in_score as lookup_weight

    from recipes

    inner join consumer_scores on recipes.consumer_score = consumer_scores.consumer_score

    where {{ is_recipe_for('consumer_scores.consumer_id', 'recipes.is_for_comparison', ref('int_graph_settings')) }}

    qualify {{ rank_per(
        ['recipes.candidate_type', 'consumer_scores.consumer_id'], 'consumer_scores.interested_in_score', 'consumer_scores.cluster_id'
    ) }} <= recipes.clusters_per_consumer
),

asked_lists as (
    select candidate_type, consumer_id, list_kind, list_id, lookup_weight from interests

    union all

    select
        recipes.candidate_type,
        recent_favs.user_id as consumer_id,
        'tweet' as list_kind,
        recent_favs.tweet_id as list_id,
        1 / sqrt(cast(recent_favs.faver_count as float64)) as lookup_weight

    from recipes

    cross join recent_favs

    where recipes.neighbor_share > 0
        and {{ is_recipe_for('recent_favs.user_id', 'recipes.is_for_comparison', ref('int_graph_settings')) }}

    union all

    select
        recipes.candidate_type,
        followed_producers.consumer_id,
        'author' as list_kind,
        followed_producers.producer_id as list_id,
        followed_producers.follow_score_producer_normalized as lookup_weight

    from recipes

    cross join followed_producers

    where recipes.author_share > 0
        and {{ is_recipe_for('followed_producers.consumer_id', 'recipes.is_for_comparison', ref('int_graph_settings')) }}
),

{{ candidate_lookups('author', 'author_share', item_weight='tweet_score') }}

select * from lookups

{{ stored_in_order(['consumer_id', 'candidate_type']) }}
