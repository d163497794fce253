{{ ann_function("'producer'", table_argument('of_producer_id')) }}
