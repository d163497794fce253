with

as_of as (select as_of from {{ ref('stg_as_of') }}),
engagements as (select user_id, engaged_at from {{ ref('stg_engagements') }} where engagement_type = 'fav'),
languages as (select user_id, language from {{ ref('stg_users') }} where language is not null),
interested_in as (select consumer_id, cluster_id, log_fav_score from {{ ref('interested_in') }} where log_fav_score > 0),
limits as (select items_per_group, window_days from {{ ref('table_limits') }} where table_name = 'language_embeddings'),

{# Events, not standing favs: a user counts once per fav, undone or not. #}
fav_counts as (
    select
        engagements.user_id,
        count(*) as fav_count

    from engagements

    cross join limits
    inner join as_of on {{ unix_millis('engagements.engaged_at') }} > {{ unix_millis('as_of.as_of') }} - limits.window_days * 86400000

    group by engagements.user_id
),

{# All users of the language, also those without favs. #}
user_counts as (select language, count(*) as user_count from languages group by language),

fav_sums as (
    select
        languages.language,
        interested_in.cluster_id,
        sum(fav_counts.fav_count * interested_in.log_fav_score) as log_fav_score_sum

    from fav_counts

    inner join languages on fav_counts.user_id = languages.user_id
    inner join interested_in on fav_counts.user_id = interested_in.consumer_id

    group by languages.language, interested_in.cluster_id
),

language_scores as (
    select
        fav_sums.language,
        fav_sums.cluster_id,
        cast(fav_sums.log_fav_score_sum / user_counts.user_count as float64) as language_score

    from fav_sums

    inner join user_counts on fav_sums.language = user_counts.language
),

kept_clusters as (
    select
        language,
        cluster_id,
        {{ rank_per('language', 'language_score', 'cluster_id') }} as cluster_rank,
        language_score

    from language_scores

    qualify cluster_rank <= (select limits.items_per_group from limits)
)

select * from kept_clusters
