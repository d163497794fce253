with

{{ ann_lists(
    which_configs = asked_config("'producer'", table_argument('with_config')),
    of_kind = 'producer',
    of_id = table_argument('of_producer_id')
) }},

{{ ann_search() }}

select tweet_id, candidate_rank, cluster_count, dot_product, ann_score from candidates
