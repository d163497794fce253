{% set minimum_cap, time_factor, score_override = var('recipe_minimum_cap'), recipe_time_factor(), var('consumer_score') %}
{# More than there are. #}
{% set all_clusters = 1000000000 %}

with

as_of as (select as_of from {{ ref('stg_as_of') }}),

recipes as (
    select
        index_name, row_number() over (order by index_name) as recipe_number, pair_name, fav_pair_name,
        case
            when consumer_score = 'stream' then consumer_score
            else {{ recipe_consumer_score(score_override, ref('int_graph_settings')) }}
        end as consumer_score,
        half_life_hours * {{ time_factor }} as half_life_hours,
        least(minimum_users, {{ minimum_cap }}) as minimum_users,
        least(minimum_favs, {{ minimum_cap }}) as minimum_favs,
        least(minimum_engagements_per_cluster, {{ minimum_cap }}) as minimum_engagements_per_cluster,
        coalesce(clusters_per_tweet, {{ all_clusters }}) as clusters_per_tweet, coalesce(minimum_tweet_score, -1.0) as minimum_tweet_score,
        requires_new_tweet, requires_safe_video
    from {{ ref('engagement_index_recipes') }}
),

engagement_pairs as (select pair_name, user_id, tweet_id, engaged_at, is_new_tweet from {{ ref('int_engagement_pairs') }}),
safe_videos as (select tweet_id from {{ ref('stg_tweets') }} where has_video and not is_sensitive),
consumer_scores as (
    select consumer_score, consumer_id, cluster_id, interested_in_score_cluster_normalized
    from {{ ref('consumer_scores') }}
    union all
    select 'stream' as consumer_score, consumer_id, cluster_id, interest as interested_in_score_cluster_normalized
    from {{ ref('int_stream_interests') }}
),

{# The count comes before any other filter, so users without interests count. #}
engaged_tweets as (
    select recipes.recipe_number, engagement_pairs.tweet_id

    from recipes

    inner join engagement_pairs on recipes.pair_name = engagement_pairs.pair_name

    where engagement_pairs.is_new_tweet or not recipes.requires_new_tweet

    group by recipes.recipe_number, engagement_pairs.tweet_id, recipes.minimum_users

    having count(distinct engagement_pairs.user_id) >= recipes.minimum_users
),

{# Favs of the same window, on tweets of any age. #}
fav_counts as (select pair_name, tweet_id, count(distinct user_id) as fav_count from engagement_pairs group by pair_name, tweet_id),

accepted_tweets as (
    select engaged_tweets.recipe_number, engaged_tweets.tweet_id

    from engaged_tweets

    inner join recipes on engaged_tweets.recipe_number = recipes.recipe_number

    left join fav_counts
        on recipes.fav_pair_name = fav_counts.pair_name
            and engaged_tweets.tweet_id = fav_counts.tweet_id

    left join safe_videos on engaged_tweets.tweet_id = safe_videos.tweet_id

    where coalesce(fav_counts.fav_count, 0) >= recipes.minimum_favs
        and (safe_videos.tweet_id is not null or not recipes.requires_safe_video)
),

{{ faded_tweet_scores() }},

{# As in the original, thin communities go after the cut to the best ones, and nothing moves up in their place. #}
kept_clusters as (
    select
        recipes.index_name, tweet_scores.tweet_id, tweet_scores.cluster_id, tweet_scores.engagement_count, tweet_scores.tweet_score

    from tweet_scores

    inner join recipes on tweet_scores.recipe_number = recipes.recipe_number

    where {{ rounded_score('tweet_scores.tweet_score') }} > recipes.minimum_tweet_score

    qualify {{ top_k_per(
        ['tweet_scores.recipe_number', 'tweet_scores.tweet_id'], 'tweet_scores.tweet_score', 'tweet_scores.cluster_id',
        'recipes.clusters_per_tweet'
    ) }}
        and tweet_scores.engagement_count >= recipes.minimum_engagements_per_cluster
)

select * from kept_clusters
