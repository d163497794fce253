{{ config(
    materialized = 'kernel_table' if runs_kernel('products') else 'bucketed_table',
    cluster_by = ['source_kind', 'config_name', 'source_id', 'candidate_rank'],
    hours_to_expiration = var('index_expiration_hours') or none
) }}
{{ read_by_kernel('products', ['int_ann_lookups', 'int_hidden_tweets']) }}

{# Each community of a source meets its list of tweets, or the lists that point to it. #}
{% set queries %}
(
    select source_vectors.source_id, source_vectors.cluster_id, configs.index_name

    from {{ ref('int_ann_configs') }} as configs

    inner join {{ ref('int_ann_source_vectors') }} as source_vectors
        on configs.source_kind = source_vectors.source_kind
            and configs.source_embedding_type = source_vectors.source_embedding_type

    where configs.is_in_batch
        and source_vectors.source_language = 'all'
        and source_vectors.source_country = 'all'
)
{% endset %}
{% set places %}
(
    select index_name, cluster_id from {{ ref('cluster_top_tweets') }}
    union all
    select index_name, first_cluster_id as cluster_id from {{ ref('int_direction_list_tweets') }}
    union all
    select index_name, second_cluster_id as cluster_id from {{ ref('int_direction_list_tweets') }} where second_share > 0
)
{% endset %}
{{ buckets_by_join(queries, 'source_id', places, on=['index_name', 'cluster_id']) }}

with

limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'ann_candidates'),

{{ ann_lists(
    which_configs = 'configs.is_in_batch',
    which_sources = bucket_filter('vectors.source_id'),
    is_batch = true
) }},

{{ ann_search(users=bucket_filter('user_id'), is_batch=true) }},

listed_candidates as (
    select source_kind, config_name, source_id, tweet_id, candidate_rank, cluster_count, dot_product, ann_score

    from candidates

    where candidate_rank <= (select limits.items_per_group from limits)
)

select * from listed_candidates
