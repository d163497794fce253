{{ config(cluster_by = ['tweet_id', 'embedding_type', 'cluster_id']) }}

{% set minimum_cap, time_factor, score_override = var('recipe_minimum_cap'), recipe_time_factor(), var('consumer_score') %}

with

as_of as (select as_of from {{ ref('stg_as_of') }}),

recipes as (
    select
        embedding_type, row_number() over (order by embedding_type) as recipe_number, pair_name,
        {{ recipe_consumer_score(score_override, ref('int_graph_settings')) }} as consumer_score,
        half_life_hours * {{ time_factor }} as half_life_hours, least(minimum_favers, {{ minimum_cap }}) as minimum_favers,
        clusters_per_tweet
    from {{ ref('tweet_embedding_recipes') }}
),

engagement_pairs as (select pair_name, user_id, tweet_id, engaged_at from {{ ref('int_engagement_pairs') }} where is_new_tweet),
consumer_scores as (
    select consumer_score, consumer_id, cluster_id, interested_in_score_cluster_normalized
    from {{ ref('consumer_scores') }}
),

fav_rate_recipes as (
    select embedding_type, audience_name, score_formula, popularity_scale, rank_ratio, clusters_per_tweet
    from {{ ref('fav_rate_recipes') }}
),

fav_rate_counts as (
    select
        audience_name, tweet_id, cluster_id, fav_count / nullif(impression_count, 0) as fav_rate,
        out_of_network_fav_count / nullif(out_of_network_impression_count, 0) as out_of_network_fav_rate, decayed_fav_count,
        decayed_interest_sum, {{ rank_per(['audience_name', 'tweet_id'], 'decayed_interest_sum', 'cluster_id') }} as decayed_rank,
        {{ rank_per(['audience_name', 'tweet_id'], 'faver_interest_sum', 'cluster_id') }} as interest_rank
    from {{ ref('int_fav_rate_counts') }}
),

faver_counts as (select pair_name, tweet_id, count(distinct user_id) as faver_count from engagement_pairs group by pair_name, tweet_id),

accepted_tweets as (
    select recipes.recipe_number, faver_counts.tweet_id

    from recipes

    inner join faver_counts
        on recipes.pair_name = faver_counts.pair_name
            and recipes.minimum_favers <= faver_counts.faver_count
),

{{ faded_tweet_scores() }},

{# Popularity counts all favs, even in the out-of-network score, which ranks by the raw interests. #}
fav_rate_scores as (
    select
        recipes.embedding_type,
        counts.tweet_id,
        counts.cluster_id,
        recipes.clusters_per_tweet,
        cast(
            case recipes.score_formula
                when 'decayed_sum' then counts.decayed_interest_sum
                when 'fav_rate'
                    then counts.fav_rate
                        * {{ saturating_popularity('counts.decayed_fav_count', 'recipes.popularity_scale') }}
                        * {{ falling_with_rank('counts.decayed_rank', 'recipes.rank_ratio') }}
                when 'out_of_network_fav_rate'
                    then counts.out_of_network_fav_rate
                        * {{ saturating_popularity('counts.decayed_fav_count', 'recipes.popularity_scale') }}
                        * {{ falling_with_rank('counts.interest_rank', 'recipes.rank_ratio') }}
            end as float64
        ) as tweet_score

    from fav_rate_recipes as recipes

    inner join fav_rate_counts as counts on recipes.audience_name = counts.audience_name
),

all_scores as (
    select
        recipes.embedding_type, tweet_scores.tweet_id, tweet_scores.cluster_id, recipes.clusters_per_tweet, tweet_scores.tweet_score
    from tweet_scores
    inner join recipes on tweet_scores.recipe_number = recipes.recipe_number

    union all

    select embedding_type, tweet_id, cluster_id, clusters_per_tweet, tweet_score from fav_rate_scores
),

kept_scores as (
    select
        embedding_type,
        tweet_id,
        cluster_id,
        {{ rank_per(['embedding_type', 'tweet_id'], 'tweet_score', 'cluster_id') }} as cluster_rank,
        tweet_score

    from all_scores

    where {{ rounded_score('tweet_score') }} > 0

    qualify cluster_rank <= clusters_per_tweet
)

select * from kept_scores

{{ stored_in_order(['tweet_id', 'embedding_type', 'cluster_id']) }}
