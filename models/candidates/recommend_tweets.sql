{{ ann_function('consumer', 'of_consumer_id') }}
