{# A table of what a function would otherwise work out at each call. #}
with

times as (select {{ recipe_time_factor() }} as time_factor, {{ unix_millis('as_of') }} as as_of_millis from {{ ref('stg_as_of') }}),
limits as (select search_name, tweets_per_cluster, maximum_results from {{ ref('ann_limits') }}),
live_indexes as (select index_name from {{ ref('live_index_recipes') }}),

limited_configs as (
    select
        configs.source_kind,
        configs.config_name,
        configs.source_embedding_type,
        configs.index_name,
        live_indexes.index_name is not null as is_live,
        configs.algorithm,
        configs.scored_over,
        configs.clusters_scanned,
        least(configs.tweets_per_cluster, coalesce(limits.tweets_per_cluster, configs.tweets_per_cluster)) as tweets_per_cluster,
        least(configs.maximum_results, coalesce(limits.maximum_results, configs.maximum_results)) as maximum_results,
        configs.minimum_score,
        cast(configs.minimum_age_hours * times.time_factor * 3600000 as int64) as minimum_age_millis,
        cast(configs.maximum_age_hours * times.time_factor * 3600000 as int64) as maximum_age_millis,
        times.as_of_millis,
        configs.is_in_batch

    from {{ ref('ann_configs') }} as configs

    cross join times

    left join limits on configs.search_name = limits.search_name

    left join live_indexes on configs.index_name = live_indexes.index_name

    where configs.source_embedding_type is not null
),

names as (
    select source_kind, is_live, string_agg(config_name, ', ' order by config_name) as config_names

    from limited_configs

    group by source_kind, is_live
),

ann_configs as (
    select
        row_number() over (order by limited_configs.source_kind, limited_configs.config_name) as config_id,
        limited_configs.source_kind,
        limited_configs.config_name,
        limited_configs.source_embedding_type,
        limited_configs.index_name,
        limited_configs.is_live,
        limited_configs.algorithm,
        limited_configs.scored_over,
        limited_configs.clusters_scanned,
        limited_configs.tweets_per_cluster,
        limited_configs.maximum_results,
        limited_configs.minimum_score,
        limited_configs.minimum_age_millis,
        limited_configs.maximum_age_millis,
        limited_configs.as_of_millis - limited_configs.maximum_age_millis as created_from_millis,
        limited_configs.as_of_millis - limited_configs.minimum_age_millis as created_to_millis,
        limited_configs.is_in_batch,
        names.config_names

    from limited_configs

    inner join names
        on limited_configs.source_kind = names.source_kind
            and limited_configs.is_live = names.is_live
)

select * from ann_configs
