select distinct
    2 * leader + post as tweet_id,
    leader as author_id,
    timestamp '2026-03-01 04:00:00' as created_at

from {{ ref('stg_memberships') }}

cross join range(2) as posts(post)
