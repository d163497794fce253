with

known_for as (select producer_id, cluster_id from {{ ref('known_for') }}),
users as (select user_id, language, country from {{ ref('stg_users') }}),

members as (
    select
        known_for.cluster_id,
        coalesce(users.language, '') as language,
        coalesce(users.country, '') as country

    from known_for

    inner join users on known_for.producer_id = users.user_id
),

member_values as (
    {% for attribute in ['language', 'country'] %}
        select
            cluster_id,
            '{{ attribute }}' as attribute_name,
            {{ attribute }} as attribute_value

        from members
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

value_counts as (
    select
        cluster_id,
        attribute_name,
        attribute_value,
        count(*) as producer_count

    from member_values

    group by cluster_id, attribute_name, attribute_value
),

member_shares as (
    select
        cluster_id,
        attribute_name,
        attribute_value,
        producer_count,
        producer_count / sum(producer_count) over (partition by cluster_id, attribute_name) as producer_share

    from value_counts
)

select * from member_shares
