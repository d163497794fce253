with

accepted_users as (
    select user_id, screen_name, coalesce(is_active, true) as is_active, language, country
    from {{ ref('base_users') }} where rejection_reason is null
)

select * from accepted_users
