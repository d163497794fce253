{# Each run writes its own rows, because today's tables cannot give yesterday's scores. #}
{% set percents = [5, 25, 50, 75, 95] %}

with

as_of as (select as_of from {{ ref('stg_as_of') }}),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'score_report'),

{# Scores are sorted by the number of their type. Its name would be compared for every row. #}
type_sizes as (
    select model_version, embedding_type, row_number() over (order by model_version, embedding_type) as type_number, count(*) as row_count
    from {{ ref('embeddings') }} group by model_version, embedding_type
),

{# Same entities each run. #}
drawn_scores as (
    select type_sizes.type_number, embeddings.entity_id, embeddings.embedding_score

    from {{ ref('embeddings') }} as embeddings

    inner join type_sizes on embeddings.embedding_type = type_sizes.embedding_type

    cross join limits

    where {{ pair_hash('embeddings.entity_id', 1) }} < 2147483647.0 * limits.items_per_group / type_sizes.row_count
),

ordered_scores as (
    select
        type_number,
        entity_id,
        embedding_score,
        row_number() over (partition by type_number order by embedding_score) - 1 as score_position,
        count(*) over (partition by type_number) as score_count

    from drawn_scores
),

distributions as (
    select
        type_number,
        count(*) as score_count,
        count(distinct entity_id) as entity_count,
        avg(embedding_score) as mean_score,
        {{ population_deviation('embedding_score') }} as score_deviation,
        min(embedding_score) as minimum_score,
        {%- for percent in percents %}
            {{ percentile_value('embedding_score', 'score_position', 'score_count', percent) }} as percentile_{{ percent }}_score,
        {%- endfor %}
        max(embedding_score) as maximum_score

    from ordered_scores

    group by type_number
),

dated_distributions as (
    select
        type_sizes.model_version,
        as_of.as_of,
        type_sizes.embedding_type,
        distributions.score_count,
        distributions.entity_count,
        distributions.mean_score,
        distributions.score_deviation,
        distributions.minimum_score,
        {%- for percent in percents %}
            distributions.percentile_{{ percent }}_score,
        {%- endfor %}
        distributions.maximum_score

    from distributions

    inner join type_sizes on distributions.type_number = type_sizes.type_number
    cross join as_of
)

select * from dated_distributions
