{# A function of simclusters, called as it is named: one member's posts. #}
select
    42 as member,
    tweet_id as post,
    candidate_rank as position

from {{ ref('simclusters', 'recommend_tweets') }}(42, 'default')
