with

{{ ann_lists(
    which_configs = asked_config("'tweet'", table_argument('with_config')),
    of_kind = 'tweet',
    of_id = table_argument('to_tweet_id')
) }},

{{ ann_search(other_than_source='summed_tweets.tweet_id <> ' ~ table_argument('to_tweet_id')) }}

select tweet_id, candidate_rank, cluster_count, dot_product, ann_score from candidates
