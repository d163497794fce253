{{ config(materialized = 'view') }}
{# A view, because people ask for one explanation at a time. #}

with

candidates as (select candidate_type, consumer_id, tweet_id, candidate_rank, dot_product from {{ ref('tweet_candidates') }}),
lookups as (
    select candidate_type, consumer_id, list_kind, list_group, list_id, lookup_weight
    from {{ ref('int_tweet_candidate_lookups') }}
),
lists as (select list_group, list_id, tweet_id, tweet_score from {{ ref('int_tweet_candidate_lists') }}),
clusters as (select cluster_id, cluster_name from {{ ref('clusters') }}),
tweets as (select tweet_id, author_id from {{ ref('stg_tweets') }} where author_id is not null),
users as (select user_id, screen_name from {{ ref('stg_users') }} where screen_name is not null),

named_lists as (
    select
        'author' as list_kind,
        user_id as list_id,
        {{ dbt.concat(["'you follow '", 'screen_name']) }} as list_name

    from users

    union all

    select
        'tweet' as list_kind,
        tweets.tweet_id as list_id,
        {{ dbt.concat(["'you faved '", "coalesce(users.screen_name, cast(tweets.author_id as string))"]) }} as list_name

    from tweets

    left join users on tweets.author_id = users.user_id
),

{{ candidate_explanations(
    'tweet_id', 'dot_product', lookup_weight='interested_in_score', item_weight='tweet_score', named_lists='named_lists',
    default_name="concat(case when lookups.list_kind = 'author' then 'you follow ' else 'you faved tweet ' end, cast(lookups.list_id as string))"
) }}

select * from explanations
