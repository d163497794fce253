{{ ann_function("'topic'", table_argument('of_topic_id')) }}
