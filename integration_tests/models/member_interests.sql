{# Both `clusters`: theirs without a project, ours with it. #}
select
    interests.consumer_id as member,
    communities.cluster_name as interest,
    machines.cluster_name as served_by

from {{ ref('simclusters', 'interested_in') }} as interests

inner join {{ ref('simclusters', 'clusters') }} as communities
    on interests.cluster_id = communities.cluster_id

cross join {{ ref('clusters') }} as machines
