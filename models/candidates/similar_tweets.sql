{{ ann_function('tweet', 'to_tweet_id') }}
