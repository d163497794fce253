{% set minimum_cap = var('recipe_minimum_cap') %}
{% set time_factor = recipe_time_factor() %}
{% set score_override = var('consumer_score') %}
{# More than there are. #}
{% set all_clusters = 1000000000 %}

with

as_of as (select as_of from {{ ref('stg_as_of') }}),

recipes as (
    select
        index_name, pair_name,
        case
            when consumer_score = 'stream' then consumer_score
            else {{ recipe_consumer_score(score_override, ref('int_graph_settings')) }}
        end as consumer_score,
        half_life_hours * {{ time_factor }} as half_life_hours,
        {{ recipe_minimum('minimum_engagements_per_cluster', minimum_cap) }} as minimum_engagements_per_cluster,
        coalesce(clusters_per_tweet, {{ all_clusters }}) as clusters_per_tweet, coalesce(minimum_tweet_score, -1.0) as minimum_tweet_score
    from {{ ref('engagement_index_recipes') }}
),

accepted_tweets as (select index_name, tweet_id from {{ ref('int_index_tweets') }}),
engagement_pairs as (select pair_name, user_id, tweet_id, engaged_at from {{ ref('int_engagement_pairs') }}),
consumer_scores as (
    select consumer_score, consumer_id, cluster_id, interested_in_score_cluster_normalized
    from {{ ref('consumer_scores') }}
    union all
    select 'stream' as consumer_score, consumer_id, cluster_id, interest as interested_in_score_cluster_normalized
    from {{ ref('int_stream_interests') }}
),

{{ faded_tweet_scores('index_name', recipe_columns=['minimum_engagements_per_cluster', 'clusters_per_tweet', 'minimum_tweet_score']) }},

{# As in the original, thin communities go after the cut to the best ones, and nothing moves up in their place. #}
kept_clusters as (
    select index_name, tweet_id, cluster_id, engagement_count, tweet_score

    from tweet_scores

    where {{ rounded_score('tweet_score') }} > minimum_tweet_score

    qualify {{ top_k_per(['index_name', 'tweet_id'], 'tweet_score', 'cluster_id', 'clusters_per_tweet') }}
        and engagement_count >= minimum_engagements_per_cluster
)

select * from kept_clusters
