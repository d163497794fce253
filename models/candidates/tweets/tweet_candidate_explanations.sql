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
tweets as (
    select entity_id as tweet_id, entity_key as tweet_key, author_id
    from {{ ref('entity_names') }} where entity_kind = 'tweet'
),
users as (
    select entity_id as user_id, coalesce(entity_name, entity_key) as user_name
    from {{ ref('entity_names') }} where entity_kind = 'user'
),

{# The user is the author who is followed, or that of the tweet that was faved. #}
named_lookups as (
    select
        lookups.candidate_type,
        lookups.consumer_id,
        lookups.list_kind,
        lookups.list_group,
        lookups.list_id,
        lookups.lookup_weight,
        clusters.cluster_name,
        case
            when lookups.list_kind = 'cluster' then clusters.cluster_name
            when lookups.list_kind = 'author'
                then {{ dbt.concat(["'you follow '", "coalesce(users.user_name, cast(lookups.list_id as string))"]) }}
            when tweets.author_id is null
                then {{ dbt.concat(["'you faved tweet '", "coalesce(tweets.tweet_key, cast(lookups.list_id as string))"]) }}
            else {{ dbt.concat(["'you faved '", "coalesce(users.user_name, cast(tweets.author_id as string))"]) }}
        end as because_of

    from lookups

    left join clusters
        on lookups.list_id = clusters.cluster_id
            and lookups.list_kind = 'cluster'

    left join tweets
        on lookups.list_id = tweets.tweet_id
            and lookups.list_kind = 'tweet'

    left join users on case lookups.list_kind when 'author' then lookups.list_id else tweets.author_id end = users.user_id
),

{{ candidate_explanations('tweet_id', 'dot_product', lookup_weight='interested_in_score', item_weight='tweet_score') }}

select * from explanations
