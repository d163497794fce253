{{ config(materialized = 'view') }}

{% set consumer_score = var('consumer_score') or 'log_fav' %}

with

interested_in as (

    select
        consumer_id,
        cluster_id,
        {{ consumer_score }}_score as interested_in_score,
        {{ consumer_score }}_score_cluster_normalized as interest,
        fav_score

    from {{ ref('interested_in') }}

),

{# The gate is on the raw fav score and the sum on the normalised log favs, as in the original. Follows alone have no fav score to ask for. #}
counted_interests as (

    select
        consumer_id,
        cluster_id,
        interest

    from interested_in

    where interested_in_score > 0
    {%- if consumer_score != 'follow' %}
        and {{ rounded_score('fav_score') }} >= {{ var('stream_minimum_fav_score') }}
    {%- endif %}

)

select * from counted_interests
