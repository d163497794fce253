{% set minimum_cap, time_factor, score_override = var('recipe_minimum_cap'), recipe_time_factor(), var('consumer_score') %}

with

as_of as (select as_of from {{ ref('stg_as_of') }}),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'int_fav_rate_counts'),

audiences as (
    select
        audience_name, window_hours, {{ recipe_consumer_score(score_override, ref('int_graph_settings')) }} as consumer_score,
        half_life_hours * {{ time_factor }} as half_life_hours, least(minimum_favs, {{ minimum_cap }}) as minimum_favs,
        least(minimum_impressions, {{ minimum_cap }}) as minimum_impressions, maximum_tweet_fav_rate,
        maximum_user_log_impressions, maximum_user_log_favs, maximum_user_fav_rate
    from {{ ref('fav_rate_audiences') }}
),

outcomes as (
    select window_hours, user_id, tweet_id, seen_at, case when is_faved then 1 else 0 end as fav_count, is_out_of_network
    from {{ ref('int_impression_outcomes') }}
),

ranked_interests as (
    select
        consumer_score, consumer_id, cluster_id, interested_in_score, interested_in_score_cluster_normalized,
        {{ rank_per(['consumer_score', 'consumer_id'], 'interested_in_score', 'cluster_id') }}
        <= (select limits.items_per_group from limits) as is_top_cluster
    from {{ ref('consumer_scores') }}
),

accepted_tweets as (
    select audiences.audience_name, outcomes.tweet_id

    from audiences

    inner join outcomes on audiences.window_hours = outcomes.window_hours

    group by
        audiences.audience_name,
        outcomes.tweet_id,
        audiences.minimum_favs,
        audiences.minimum_impressions,
        audiences.maximum_tweet_fav_rate

    having sum(outcomes.fav_count) >= audiences.minimum_favs
        and count(*) >= audiences.minimum_impressions
        and {{ rounded_score('sum(outcomes.fav_count) / count(*)') }} <= audiences.maximum_tweet_fav_rate
),

{# Users who see or fav like a machine, or fav nearly everything, say nothing about a tweet. #}
accepted_users as (
    select audiences.audience_name, outcomes.user_id

    from audiences

    inner join outcomes on audiences.window_hours = outcomes.window_hours

    group by
        audiences.audience_name, outcomes.user_id, audiences.maximum_user_log_impressions, audiences.maximum_user_log_favs,
        audiences.maximum_user_fav_rate

    having round(log10(count(*) + 1)) < audiences.maximum_user_log_impressions
        and round(log10(sum(outcomes.fav_count) + 1)) < audiences.maximum_user_log_favs
        and {{ rounded_score('sum(outcomes.fav_count) / count(*)') }} < audiences.maximum_user_fav_rate
),

counts as (
    select
        audiences.audience_name,
        outcomes.tweet_id,
        interests.cluster_id,
        sum(case when interests.is_top_cluster then 1 else 0 end) as impression_count,
        sum(case when interests.is_top_cluster then outcomes.fav_count else 0 end) as fav_count,
        sum(case when interests.is_top_cluster and outcomes.is_out_of_network then 1 else 0 end) as out_of_network_impression_count,
        sum(case when interests.is_top_cluster and outcomes.is_out_of_network then outcomes.fav_count else 0 end)
            as out_of_network_fav_count,
        sum(
            case when interests.is_top_cluster then outcomes.fav_count else 0 end
            * {{ half_life_decay('outcomes.seen_at', 'as_of.as_of', 'audiences.half_life_hours') }}
        ) as decayed_fav_count,
        sum(outcomes.fav_count * interests.interested_in_score) as faver_interest_sum,
        sum(
            outcomes.fav_count * interests.interested_in_score_cluster_normalized
            * {{ half_life_decay('outcomes.seen_at', 'as_of.as_of', 'audiences.half_life_hours') }}
        ) as decayed_interest_sum

    from audiences

    cross join as_of
    inner join outcomes on audiences.window_hours = outcomes.window_hours

    inner join accepted_tweets
        on audiences.audience_name = accepted_tweets.audience_name
            and outcomes.tweet_id = accepted_tweets.tweet_id

    inner join accepted_users
        on audiences.audience_name = accepted_users.audience_name
            and outcomes.user_id = accepted_users.user_id

    inner join ranked_interests as interests
        on audiences.consumer_score = interests.consumer_score
            and outcomes.user_id = interests.consumer_id

    group by audiences.audience_name, outcomes.tweet_id, interests.cluster_id
)

select * from counts
