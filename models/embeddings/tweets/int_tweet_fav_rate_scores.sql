with

recipes as (
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

{# Popularity counts all favs, even in the out-of-network score, which ranks by the raw interests. #}
tweet_scores as (
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

    from recipes

    inner join fav_rate_counts as counts on recipes.audience_name = counts.audience_name
)

select * from tweet_scores
