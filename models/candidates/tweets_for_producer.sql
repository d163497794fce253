{{ ann_function('producer', 'of_producer_id') }}
