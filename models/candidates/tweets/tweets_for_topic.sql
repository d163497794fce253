with

{{ ann_lists(
    which_configs = asked_config("'topic'", table_argument('with_config')),
    of_kind = 'topic',
    of_id = table_argument('of_topic_id'),
    of_language = table_argument('in_language'),
    of_country = table_argument('in_country')
) }},

{{ ann_search() }}

select tweet_id, candidate_rank, cluster_count, dot_product, ann_score from candidates
