{{ config(materialized = 'view') }}
{# A view, because storing a score under its name would store it twice. #}

with

interested_in as (
    select
        consumer_id, cluster_id, follow_score, follow_score_cluster_normalized, fav_score, fav_score_cluster_normalized, log_fav_score,
        log_fav_score_cluster_normalized
    from {{ ref('interested_in') }}
),

scores_by_name as (
    {% for score in ['follow', 'fav', 'log_fav'] %}
        select
            '{{ score }}' as consumer_score,
            consumer_id,
            cluster_id,
            {{ score }}_score as interested_in_score,
            {{ score }}_score_cluster_normalized as interested_in_score_cluster_normalized

        from interested_in

        where {{ score }}_score > 0
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from scores_by_name
