{{ config(materialized = 'view') }}

{% set model_version = var('model_version') %}

{# One line per listed table, with its names for embedding type, entity and score. #}
{% set sources = [
    {'model': 'known_for', 'type': "'known_for'", 'kind': 'producer', 'id': 'producer_id', 'score': 'known_for_score', 'ranked_by': ['producer_id']},
    {'model': 'producer_embeddings', 'type': 'embedding_type', 'kind': 'producer', 'id': 'producer_id', 'score': 'producer_score'},
    {'model': 'tweet_embeddings', 'type': 'embedding_type', 'kind': 'tweet', 'id': 'tweet_id', 'score': 'tweet_score'},
    {'model': 'topic_embeddings', 'type': 'embedding_type', 'kind': 'topic', 'id': 'topic_id', 'score': 'topic_score',
        'language': 'consumer_language'},
    {'model': 'entity_embeddings', 'type': 'embedding_type', 'kind': 'entity', 'id': 'entity_id', 'score': 'entity_score',
        'language': 'consumer_language'},
    {'model': 'language_embeddings', 'type': "'language'", 'kind': 'language', 'id': '0', 'score': 'language_score',
        'language': 'language'},
    {'model': 'user_topic_embeddings', 'type': "'user_topics'", 'kind': 'consumer', 'id': 'consumer_id', 'score': 'user_topic_score'},
] %}
{% for score in ['fav', 'follow', 'log_fav'] %}
    {% do sources.append({'model': 'interested_in', 'type': "'" ~ score ~ "_interested_in'", 'kind': 'consumer', 'id': 'consumer_id',
        'score': score ~ '_score', 'ranked_by': ['consumer_id'], 'where': 'interested_consumer_count < (select limits.items_per_group from limits)'}) %}
    {% do sources.append({'model': 'interested_in_variants', 'type': "concat('" ~ score ~ "_interested_in_', interest_type)",
        'kind': 'consumer', 'id': 'consumer_id', 'score': score ~ '_score', 'ranked_by': ['interest_type', 'consumer_id']}) %}
{% endfor %}

with

embedding_types as (select embedding_type, clusters_served from {{ ref('embedding_types') }} where clusters_served is not null),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'embeddings'),

{# The listed score ranks a table that has several scores, or no rank. #}
listed_embeddings as (
    {% for source in sources %}
    select
        {{ source.type }} as embedding_type,
        '{{ source.kind }}' as entity_kind,
        cast({{ source.id }} as int64) as entity_id,
        {{ source.language | default("'all'") }} as consumer_language,
        cluster_id,
        {% if source.ranked_by -%}
        {{ rank_per(source.ranked_by, source.score, 'cluster_id') }} as cluster_rank,
        {% else -%}
        cluster_rank,
        {% endif -%}
        {{ source.score }} as embedding_score

    from {{ ref(source.model) }}

    where {{ source.score }} > 0
        {{- '\n        and ' ~ source.where if source.where }}
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

served_embeddings as (
    select
        '{{ model_version }}' as model_version,
        listed_embeddings.embedding_type,
        listed_embeddings.entity_kind,
        listed_embeddings.entity_id,
        listed_embeddings.consumer_language,
        listed_embeddings.cluster_id,
        listed_embeddings.cluster_rank,
        listed_embeddings.embedding_score

    from listed_embeddings

    left join embedding_types on listed_embeddings.embedding_type = embedding_types.embedding_type

    where listed_embeddings.cluster_rank <= coalesce(embedding_types.clusters_served, listed_embeddings.cluster_rank)
)

select * from served_embeddings
