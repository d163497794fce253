with

{{ ann_lists(
    which_configs = asked_config("'tweet'", table_argument('with_config')),
    which_sources = 'source_id = ' ~ table_argument('to_tweet_id'),
    of_kind = 'tweet'
) }},

{{ ann_search() }}

select tweet_id, candidate_rank, cluster_count, dot_product, ann_score from candidates
