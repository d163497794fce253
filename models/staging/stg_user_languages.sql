with

accepted_languages as (select user_id, language, language_weight from {{ ref('base_user_languages') }} where rejection_reason is null),
users as (select user_id, language from {{ ref('stg_users') }} where language is not null),

weighted_languages as (
    select user_id, language, max(coalesce(language_weight, 1.0)) as language_weight

    from accepted_languages

    group by user_id, language
),

user_languages as (
    select user_id, language, language_weight from weighted_languages

    union all

    select users.user_id, users.language, 1.0 as language_weight

    from users

    left join weighted_languages on users.user_id = weighted_languages.user_id

    where weighted_languages.user_id is null
)

select * from user_languages
