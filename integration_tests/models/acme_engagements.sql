{# Times are text with a zone, as an export has them. Each leader wrote two posts, and a member favs one of them. #}
select
    member as user_id,
    2 * leader + member % 2 as tweet_id,
    'fav' as engagement_type,
    strftime(timestamp '2026-03-01 08:00:00' + to_minutes(7 * member + choice), '%Y-%m-%d %H:%M:%S+02:00') as engaged_at

from {{ ref('stg_memberships') }}
