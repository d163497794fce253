with

consumer_scores as (select consumer_score, cluster_id, interested_in_score from {{ ref('consumer_scores') }}),

ordered_scores as (
    select
        consumer_score,
        cluster_id,
        interested_in_score,
        row_number() over (partition by consumer_score, cluster_id order by interested_in_score) - 1 as score_position,
        count(*) over (partition by consumer_score, cluster_id) as consumer_count

    from consumer_scores
),

distributions as (
    select
        consumer_score,
        cluster_id,
        count(*) as consumer_count,
        avg(interested_in_score) as mean_score,
        {{ population_deviation('interested_in_score') }} as score_deviation,
        min(interested_in_score) as minimum_score,
        {%- for percent in [25, 50, 75, 95] %}
            {{ percentile_value('interested_in_score', 'score_position', 'consumer_count', percent) }} as percentile_{{ percent }}_score,
        {%- endfor %}
        max(interested_in_score) as maximum_score

    from ordered_scores

    group by consumer_score, cluster_id
)

select * from distributions
