{{ ann_function("'consumer'", table_argument('of_consumer_id')) }}
