{{ config(severity = 'warn') }}

{# A good run, if it is named, shows a slow drift. The run before does not. #}
{% set compared = ['mean_score', 'percentile_25_score', 'percentile_50_score', 'percentile_75_score', 'percentile_95_score'] %}

with

thresholds as (select score_factor, minimum_count from {{ ref('warning_thresholds') }}),

reports as (
    select
        as_of,
        embedding_type,
        score_count,
        {{ compared | join(',
        ') }}

    from {{ ref('score_report') }}

    where model_version = {{ quoted_text(var('model_version')) }}
),

newest_run as (select max(as_of) as as_of from reports),

reference_run as (
    select max(reports.as_of) as as_of

    from reports

    inner join newest_run on reports.as_of < newest_run.as_of
    {%- if var('score_reference_as_of') %}

    where reports.as_of = cast({{ quoted_text(var('score_reference_as_of')) }} as timestamp)
    {%- endif %}
),

newest_reports as (
    select
        {%- for column_name in compared %}
            reports.{{ column_name }},
        {%- endfor %}
        reports.embedding_type

    from reports

    inner join newest_run on reports.as_of = newest_run.as_of
),

reference_reports as (
    select
        {%- for column_name in compared %}
            reports.{{ column_name }},
        {%- endfor %}
        reports.score_count,
        reports.embedding_type

    from reports

    inner join reference_run on reports.as_of = reference_run.as_of
),

{# A type without scores is as far as can be. #}
far_scores as (
    select
        {%- for column_name in compared %}
            reference_reports.{{ column_name }} as reference_{{ column_name }},
            newest_reports.{{ column_name }},
        {%- endfor %}
        reference_reports.embedding_type

    from reference_reports

    cross join thresholds
    left join newest_reports on reference_reports.embedding_type = newest_reports.embedding_type

    where reference_reports.score_count >= thresholds.minimum_count
        and (
            newest_reports.mean_score is null
            {%- for column_name in compared %}
                or newest_reports.{{ column_name }} > reference_reports.{{ column_name }} * thresholds.score_factor
                or newest_reports.{{ column_name }} < reference_reports.{{ column_name }} / thresholds.score_factor
            {%- endfor %}
        )
)

select * from far_scores
