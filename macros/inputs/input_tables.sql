{# The inputs: for each table its columns with their types, the columns it cannot do without (`keys`), and whether the pipeline needs the table. #}
{% macro input_tables() %}
    {{ return({
        'follows': {
            'is_required': true,
            'keys': ['consumer_id', 'producer_id'],
            'columns': {'consumer_id': 'int64', 'producer_id': 'int64'},
        },
        'engagements': {
            'keys': ['user_id', 'tweet_id', 'engagement_type', 'engaged_at'],
            'columns': {'user_id': 'int64', 'tweet_id': 'int64', 'engagement_type': 'string', 'engaged_at': 'timestamp'},
        },
        'tweets': {
            'keys': ['tweet_id'],
            'columns': {
                'tweet_id': 'int64', 'author_id': 'int64', 'created_at': 'timestamp', 'has_video': 'bool', 'is_sensitive': 'bool',
            },
        },
        'users': {
            'keys': ['user_id'],
            'columns': {
                'user_id': 'int64', 'screen_name': 'string', 'is_active': 'bool', 'language': 'string', 'country': 'string',
            },
        },
        'tweet_topics': {
            'keys': ['tweet_id', 'topic_id'],
            'columns': {'tweet_id': 'int64', 'topic_id': 'int64'},
        },
        'topics': {
            'keys': ['topic_id'],
            'columns': {'topic_id': 'int64', 'topic_name': 'string'},
        },
        'topic_follows': {
            'keys': ['consumer_id', 'topic_id'],
            'columns': {'consumer_id': 'int64', 'topic_id': 'int64'},
        },
        'opt_outs': {
            'keys': ['user_id', 'topic_id', 'opt_out_kind'],
            'columns': {'user_id': 'int64', 'topic_id': 'int64', 'opt_out_kind': 'string'},
        },
    }) }}
{% endmacro %}
