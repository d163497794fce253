{# A table: the input is read and de-duplicated once, and its good rows stay when a file changes. For stg_users and input_report. #}

with

users as (

    select
        user_id,
        screen_name,
        is_active,
        language,
        country

    from {{ input_relation('users') }}

),

distinct_rows as (

    select
        user_id,
        screen_name,
        is_active,
        language,
        country,
        count(*) as row_count

    from users

    group by user_id, screen_name, is_active, language, country

),

checked_rows as (

    select
        user_id,
        screen_name,
        is_active,
        language,
        country,
        row_count,
        {{ rejection_reason('users') }} as rejection_reason

    from distinct_rows

),

rows_per_key as (

    select
        user_id,
        screen_name,
        is_active,
        language,
        country,
        row_count,
        rejection_reason,
        row_number() over (
            partition by user_id, rejection_reason
            order by screen_name nulls last, is_active nulls last, language nulls last, country nulls last
        ) as key_rank

    from checked_rows

),

one_row_per_key as (

    select
        user_id,
        screen_name,
        is_active,
        language,
        country,
        row_count,
        case
            when rejection_reason is null and key_rank > 1 then 'user_id repeats with other values'
            else rejection_reason
        end as rejection_reason

    from rows_per_key

)

select * from one_row_per_key
