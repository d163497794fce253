{{ config(materialized = 'view') }}

{% set consumer_score = var('consumer_score') or 'log_fav' %}

with

limits as (select minimum_score from {{ ref('table_limits') }} where table_name = 'int_stream_interests'),
interested_in as (
    select
        consumer_id, cluster_id, {{ consumer_score }}_score as interested_in_score,
        {{ consumer_score }}_score_cluster_normalized as interest, fav_score
    from {{ ref('interested_in') }}
),

{# As in the original, the gate is on the raw fav score and the sum on the normalised log favs. Follows alone have no fav score. #}
counted_interests as (
    select consumer_id, cluster_id, interest

    from interested_in

    where interested_in_score > 0
        {%- if consumer_score != 'follow' %}
        and {{ rounded_score('fav_score') }} >= (select limits.minimum_score from limits)
        {%- endif %}
)

select * from counted_interests
