{{ config(
    materialized = 'incremental',
    full_refresh = false,
    on_schema_change = 'fail',
    cluster_by = 'topic_key'
) }}
{# Never rebuilt, because a number that changes would make another topic of it in every table that keeps rows. #}
{{ numbered_ids('topic') }}
