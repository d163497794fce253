with

{{ ann_lists(
    which_configs = asked_config("'consumer'", table_argument('with_config')),
    of_kind = 'consumer',
    of_id = table_argument('of_consumer_id')
) }},

{{ ann_search(users='user_id = ' ~ table_argument('of_consumer_id')) }}

select tweet_id, candidate_rank, cluster_count, dot_product, ann_score from candidates
