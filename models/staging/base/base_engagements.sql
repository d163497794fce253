{{ config(cluster_by = ['tweet_id']) }}
{# A table, because the input is read once, and its good rows stay when a file changes. In the order of tweets, as buckets read it. #}
{{ checked_rows('engagements', as_of=var('as_of')) }}

{{ stored_in_order(['tweet_id']) }}
