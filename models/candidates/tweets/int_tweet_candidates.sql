{{ config(
    materialized = 'kernel_table' if runs_kernel('products') else 'bucketed_table',
    cluster_by = ['consumer_id', 'candidate_type', 'candidate_rank'],
    hours_to_expiration = var('index_expiration_hours') or none
) }}

{# Each list that is looked up for a consumer meets its tweets. #}
{{ buckets_by_join(ref('int_tweet_candidate_lookups'), 'consumer_id', ref('int_tweet_candidate_lists'), on=['list_group', 'list_id']) }}

with

recipes as (
    select candidate_type, row_number() over (order by candidate_type) as recipe_number, tweets_per_consumer
    from {{ ref('candidate_recipes') }}
),
lookups as (
    select cast(floor(list_group / 3) as int64) as recipe_number, consumer_id, list_group, list_id, lookup_weight
    from {{ ref('int_tweet_candidate_lookups') }} where {{ bucket_filter('consumer_id') }}
),
lists as (select list_group, list_id, tweet_id, tweet_score, squared_norm from {{ ref('int_tweet_candidate_lists') }}),

{{ hidden_tweets(bucket_filter('user_id')) }},

{# The norm of a tweet is the same in each of its rows. #}
dot_products as (
    select
        lookups.recipe_number,
        lookups.consumer_id,
        lists.tweet_id,
        max(lists.squared_norm) as squared_norm,
        cast(sum(lookups.lookup_weight * lists.tweet_score) as float64) as dot_product

    from lookups

    inner join lists
        on lookups.list_group = lists.list_group
            and lookups.list_id = lists.list_id

    group by lookups.recipe_number, lookups.consumer_id, lists.tweet_id
),

{# As tweet_candidates scores them. #}
candidate_scores as (
    select
        dot_products.recipe_number,
        dot_products.consumer_id,
        dot_products.tweet_id,
        coalesce(
            dot_products.dot_product / nullif({{ log_one_plus('dot_products.squared_norm') }}, 0), dot_products.dot_product
        ) as candidate_score,
        dot_products.dot_product,
        dot_products.squared_norm

    from dot_products

    {{ without_hidden('dot_products', 'consumer_id') }}
),

best_tweets as (
    select
        recipes.candidate_type,
        candidate_scores.consumer_id,
        candidate_scores.tweet_id,
        {{ rank_per(
            ['candidate_scores.recipe_number', 'candidate_scores.consumer_id'], 'candidate_scores.candidate_score',
            'candidate_scores.tweet_id'
        ) }} as candidate_rank,
        case
            when candidate_scores.squared_norm is null then {{ rounded_score('candidate_scores.dot_product') }}
            else candidate_scores.dot_product
        end as dot_product,
        candidate_scores.squared_norm

    from candidate_scores

    inner join recipes on candidate_scores.recipe_number = recipes.recipe_number

    qualify candidate_rank <= recipes.tweets_per_consumer
)

select * from best_tweets

{{ stored_in_order(['consumer_id', 'candidate_type', 'candidate_rank']) }}
