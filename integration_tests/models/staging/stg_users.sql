{# Their own staging, with a name that simclusters has too. Ids are text, and there is a column that nobody else knows. #}
select
    cast(member as varchar) as user_id,
    'member_' || member as screen_name,
    case when member % 2 = 0 then 'NL' else 'BE' end as country,
    date '2026-01-01' + cast(member as int) as joined_on

from range(1, 101) as members(member)
