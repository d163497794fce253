{# What simclusters reads by ref: the two columns that it knows, of whatever type, and others that it leaves alone. One row breaks a rule. #}
select
    choice as followed_from,
    cast(member as varchar) as "Consumer_ID",
    cast(leader as varchar) as producer_id

from {{ ref('stg_memberships') }}

union all

select
    0 as followed_from,
    '7' as "Consumer_ID",
    '7' as producer_id
