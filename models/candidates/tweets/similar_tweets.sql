{{ ann_function("'tweet'", table_argument('to_tweet_id')) }}
