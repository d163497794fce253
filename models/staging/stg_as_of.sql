{# A table, because every step asks for this row, and finding the newest engagement reads all of them. #}
{{ config(materialized = 'table') }}

{% set as_of = var('as_of') %}

with

engagements as (select engaged_at from {{ ref('stg_engagements') }}),

end_of_window as (
    select
        coalesce(
            {% if as_of -%}
            cast({{ quoted_text(as_of) }} as timestamp),
            {% endif -%}
            max(engaged_at),
            cast('1970-01-01 00:00:00' as timestamp)
        ) as as_of

    from engagements
)

select * from end_of_window
