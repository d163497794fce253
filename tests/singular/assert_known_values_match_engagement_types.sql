{# The check of the inputs runs before the first seed exists, so it knows the types from a macro. #}
with

described_types as (select engagement_type from {{ ref('engagement_types') }}),

known_types as (
    {% for engagement_type in engagement_type_names() %}
        select '{{ engagement_type }}' as engagement_type
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

in_only_one as (
    select coalesce(described_types.engagement_type, known_types.engagement_type) as engagement_type

    from described_types

    full outer join known_types
        on described_types.engagement_type = known_types.engagement_type

    where described_types.engagement_type is null
        or known_types.engagement_type is null
)

select * from in_only_one
