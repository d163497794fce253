{{ config(materialized = 'view') }}

{% set consumer_score = var('consumer_score') or 'log_fav' %}
{% set minimum_fav_score = 0 if consumer_score == 'follow' else var('stream_minimum_fav_score') %}

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

{# As in the original, the gate is on the raw fav score and the sum on the normalised log favs. Follows alone have no fav score. #}
counted_interests as (

    select
        consumer_id,
        cluster_id,
        interest

    from interested_in

    where interested_in_score > 0
        and {{ rounded_score('fav_score') }} >= {{ minimum_fav_score }}

)

select * from counted_interests
