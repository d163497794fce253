{{ ann_function('topic', 'of_topic_id') }}
