{#
    The inputs. For each table:
        is_required   whether the pipeline needs the table
        keys          columns that it cannot do without
        columns       its columns with their types
        event_time    column that says when a row happened
        unique_key    column whose value may stand in one row only
        known_values  values that text columns may have
        synonyms      other names of these values
        broken_rows   further conditions under which a row is left out, with the reason
#}
{% macro input_tables() %}
    {{ return({
        'follows': {
            'is_required': true,
            'keys': ['consumer_id', 'producer_id'],
            'columns': {'consumer_id': 'int64', 'producer_id': 'int64'},
            'broken_rows': {'consumer_id = producer_id': 'follows itself'},
        },
        'engagements': {
            'keys': ['user_id', 'tweet_id', 'engagement_type', 'engaged_at'],
            'columns': {'user_id': 'int64', 'tweet_id': 'int64', 'engagement_type': 'string', 'engaged_at': 'timestamp'},
            'event_time': 'engaged_at',
            'known_values': {'engagement_type': engagement_type_names()},
            'synonyms': {'engagement_type': engagement_type_synonyms()},
        },
        'tweets': {
            'keys': ['tweet_id'],
            'columns': {
                'tweet_id': 'int64', 'author_id': 'int64', 'created_at': 'timestamp', 'has_video': 'bool', 'is_sensitive': 'bool',
                'is_evergreen': 'bool',
            },
            'unique_key': 'tweet_id',
        },
        'users': {
            'keys': ['user_id'],
            'columns': {
                'user_id': 'int64', 'screen_name': 'string', 'is_active': 'bool', 'language': 'string', 'country': 'string',
            },
            'unique_key': 'user_id',
            'broken_rows': {"language = 'all' or country = 'all'": 'language or country is all, which stands for everybody'},
        },
        'user_languages': {
            'keys': ['user_id', 'language'],
            'columns': {'user_id': 'int64', 'language': 'string', 'language_weight': 'float64'},
            'broken_rows': {
                'not (language_weight > 0 and language_weight <= 1)': 'language_weight is not above 0 and at most 1',
                "language = 'all'": 'language is all, which stands for everybody',
            },
        },
        'tweet_topics': {
            'keys': ['tweet_id', 'topic_id'],
            'columns': {'tweet_id': 'int64', 'topic_id': 'int64'},
        },
        'topics': {
            'keys': ['topic_id'],
            'columns': {'topic_id': 'int64', 'topic_name': 'string'},
            'unique_key': 'topic_id',
        },
        'topic_follows': {
            'keys': ['consumer_id', 'topic_id'],
            'columns': {'consumer_id': 'int64', 'topic_id': 'int64'},
        },
        'opt_outs': {
            'keys': ['user_id', 'topic_id', 'opt_out_kind'],
            'columns': {'user_id': 'int64', 'topic_id': 'int64', 'opt_out_kind': 'string'},
            'known_values': {'opt_out_kind': ['interested_in', 'known_for']},
        },
        'blocks': {
            'keys': ['user_id', 'blocked_user_id'],
            'columns': {'user_id': 'int64', 'blocked_user_id': 'int64'},
            'broken_rows': {'user_id = blocked_user_id': 'blocks itself'},
        },
    }) }}
{% endmacro %}
