{{ config(materialized = 'view') }}
{# A view, because a query about one source reads only that source's rows of one table. #}

{% set vectors = [] %}
{% for source in ann_source_models() %}
    {% for embedding_type, score in source.scores.items() %}
        {% do vectors.append((source, embedding_type, score)) %}
    {% endfor %}
{% endfor %}

with

source_vectors as (
    {% for source, embedding_type, score in vectors %}
        select
            '{{ source.kind }}' as source_kind,
            {{ embedding_type }} as source_embedding_type,
            {{ source.id }} as source_id,
            {{ 'consumer_language' if source.kind == 'topic' else "'all'" }} as source_language,
            {{ 'consumer_country' if source.kind == 'topic' else "'all'" }} as source_country,
            cluster_id,
            {{ score }} as source_score

        from {{ ref(source.model) }}

        where {{ score }} > 0{{ ' and ' ~ source.where if source.where }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from source_vectors
