{#
    The text of a table function that answers for one source, by SimClusters-ANN; its arguments are the source and `with_config`.

    source_kind, source_id : SQL of the two
    A `call` block gives the steps `as_of` and `top_tweets` of another index; without one they are those of the batch.
#}
{% macro ann_function(source_kind, source_id) %}
{%- set time_factor = var('recipe_time_factor') -%}

with

configs as (
    select
        source_kind, config_name, source_embedding_type, index_name, algorithm, clusters_scanned, tweets_per_cluster, maximum_results,
        minimum_score, minimum_age_hours, maximum_age_hours
    from {{ ref('ann_configs') }} where source_kind = {{ source_kind }} and config_name = {{ table_argument('with_config') }}
),

source_vectors as (
    select source_kind, source_embedding_type, source_id, cluster_id, source_score
    from {{ ref('int_ann_source_vectors') }} where source_kind = {{ source_kind }} and source_id = {{ source_id }}
),

{% if caller is defined -%}
{{ caller() }}
{%- else -%}
as_of as (select as_of from {{ ref('stg_as_of') }}),
top_tweets as (
    select index_name, cluster_id, tweet_id, tweet_rank, created_at, tweet_score
    from {{ ref('cluster_top_tweets') }} where tweet_score > 0
),
{%- endif %}

{{ ann_search(time_factor) }}

kept_tweets as (

    select
        tweet_id,
        candidate_rank,
        cluster_count,
        dot_product,
        ann_score

    from ranked_tweets

    where candidate_rank <= maximum_results

)

select * from kept_tweets
{% endmacro %}
