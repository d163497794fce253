with

consumer_scores as (

    select
        consumer_score,
        cluster_id,
        interested_in_score

    from {{ ref('consumer_scores') }}

),

ordered_scores as (

    select
        consumer_score,
        cluster_id,
        interested_in_score,
        row_number() over (partition by consumer_score, cluster_id order by interested_in_score) - 1 as score_position,
        count(*) over (partition by consumer_score, cluster_id) as consumer_count

    from consumer_scores

),

{# Percentile p is the score at position round(n * p), as in the original; n * p is never a half for long, so both adapters agree. #}
distributions as (

    select
        consumer_score,
        cluster_id,
        count(*) as consumer_count,
        avg(interested_in_score) as mean_score,
        sqrt(greatest(avg(interested_in_score * interested_in_score) - avg(interested_in_score) * avg(interested_in_score), 0.0))
            as score_deviation,
        min(interested_in_score) as minimum_score,
        {%- for percent in [25, 50, 75, 95] %}
        max(
            case
                when score_position = least(cast(floor(consumer_count * {{ percent }} / 100 + 0.5) as int64), consumer_count - 1)
                    then interested_in_score
            end
        ) as percentile_{{ percent }}_score,
        {%- endfor %}
        max(interested_in_score) as maximum_score

    from ordered_scores

    group by
        consumer_score,
        cluster_id

)

select * from distributions
