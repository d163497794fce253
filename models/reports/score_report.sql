{# Each run writes its own rows, because today's tables cannot give yesterday's scores. #}
{% set percents = [5, 25, 50, 75, 95] %}

with

as_of as (select as_of from {{ ref('stg_as_of') }}),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'score_report'),

type_sizes as (select embedding_type, count(*) as row_count from {{ ref('embeddings') }} group by embedding_type),

{# Same entities each run. #}
drawn_scores as (
    select embeddings.model_version, embeddings.embedding_type, embeddings.entity_id, embeddings.embedding_score

    from {{ ref('embeddings') }} as embeddings

    inner join type_sizes on embeddings.embedding_type = type_sizes.embedding_type

    cross join limits

    where abs({{ pair_hash('embeddings.entity_id', 1) }}) < 2147483647.0 * limits.items_per_group / type_sizes.row_count
),

ordered_scores as (
    select
        model_version,
        embedding_type,
        entity_id,
        embedding_score,
        row_number() over (partition by embedding_type order by embedding_score) - 1 as score_position,
        count(*) over (partition by embedding_type) as score_count

    from drawn_scores
),

distributions as (
    select
        model_version,
        embedding_type,
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

    group by model_version, embedding_type
),

dated_distributions as (
    select
        distributions.model_version,
        as_of.as_of,
        distributions.embedding_type,
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

    cross join as_of
)

select * from dated_distributions
