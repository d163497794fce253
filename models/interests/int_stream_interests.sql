{{ config(materialized = 'view') }}

{% set consumer_score = var('consumer_score') %}
{% set settings = ref('int_graph_settings') %}
{# SQL for whether follows count, and the column of the score that does. #}
{% set is_follow = resolved_number('auto', 'consumer_score', settings) ~ ' = 1' %}
{% set is_by_follow = is_follow if consumer_score == 'auto' else consumer_score == 'follow' %}
{% set score = 'log_fav' if consumer_score in ['', 'auto', 'follow'] else consumer_score %}

with

limits as (select minimum_score from {{ ref('table_limits') }} where table_name = 'int_stream_interests'),
interested_in as (
    select
        consumer_id, cluster_id, fav_score,
        case when {{ is_by_follow }} then follow_score else {{ score }}_score end as interested_in_score,
        case when {{ is_by_follow }} then follow_score_cluster_normalized else {{ score }}_score_cluster_normalized end as interest
    from {{ ref('interested_in') }}
),

{# As in the original, the gate is on the raw fav score and the sum on the normalised log favs. Follows alone have no fav score. #}
counted_interests as (
    select consumer_id, cluster_id, interest

    from interested_in

    where interested_in_score > 0
        and (
            {{ is_by_follow }}
            or {{ rounded_score('fav_score') }} >= (select limits.minimum_score from limits)
        )
)

select * from counted_interests
