{#
    Values that text columns may have. The seed engagement_types describes the same ones; it cannot be asked, because the check of the
    inputs runs before the first seed exists. A test keeps the two equal.
#}
{% macro known_values(column_name) %}
    {{ return({
        'engagement_type': [
            'fav', 'unfav', 'retweet', 'unretweet', 'reply', 'unreply', 'video_playback_50', 'video_playback_95',
            'notification_open', 'click', 'impression', 'ad_fav', 'ad_click',
        ],
        'opt_out_kind': ['interested_in', 'known_for'],
    }[column_name]) }}
{% endmacro %}
