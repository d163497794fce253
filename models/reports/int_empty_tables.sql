{{ config(materialized = 'view') }}

{#
    What each public table is about; a table of a kind lacks rows for the reasons of that kind. An empty input_report or stream_problems
    is good news, integers need no dictionary, and not all inputs name things.
#}
{% set tables_by_kind = {
    'graph': ['producers', 'user_user_graph', 'settings'],
    'favs': ['user_producer_favs'],
    'similarity': ['producer_similarity_edges', 'similarity_report', 'co_followed_producers', 'co_follow_trials', 'fit_trials'],
    'communities': [
        'known_for_before_opt_outs', 'known_for_history', 'known_for', 'clusters', 'bipartite_cluster_quality', 'cluster_neighbors',
        'cluster_quality', 'cluster_quality_summary', 'cluster_score_distributions', 'cluster_history', 'cluster_metric_distributions',
        'cluster_map', 'fine_known_for', 'fine_clusters', 'fitted_interests',
    ],
    'members': ['cluster_member_shares'],
    'interests': [
        'interested_in', 'consumer_scores', 'interested_in_variants', 'producer_embeddings', 'cluster_top_producers', 'similar_producers',
        'embeddings', 'embedding_versions', 'producer_candidates', 'producer_candidate_explanations', 'run_report', 'score_report',
    ],
    'neighbors': ['multi_embedding_members', 'multi_embeddings'],
    'entities': ['cluster_topics', 'cluster_top_entities', 'entity_embeddings', 'inferred_topics'],
    'topics': ['topic_embeddings', 'topic_top_producers', 'producer_top_topics', 'user_topic_embeddings'],
    'followed_topics': ['similar_topics'],
    'opt_outs': ['opted_out_clusters'],
    'languages': ['language_embeddings'],
    'countries': ['country_top_topics'],
    'tweets': ['tweet_embeddings', 'cluster_top_tweets', 'tweet_candidates', 'tweet_candidate_explanations', 'ann_candidates'],
    'live': ['live_cluster_top_tweets', 'live_tweet_embeddings', 'persistent_tweet_embeddings'],
    'changes': ['known_for_changes', 'known_for_stability'],
    'versions': ['model_version_agreement', 'model_version_comparison'],
    'held_out': ['candidate_recall'],
} %}
{#
    Views that a look for one row would compute whole. A recommendation has its explanations, which assert_every_recommendation_is_explained
    proves; without known_for no embedding has a community.
#}
{% set asked_instead = {
    'tweet_candidate_explanations': 'tweet_candidates',
    'producer_candidate_explanations': 'producer_candidates',
    'embeddings': 'known_for',
    'user_producer_favs': 'int_user_producer_edges',
} %}
{# embedding_versions is read by its partitions only. #}
{% set filters = {
    'embedding_versions': " where as_of >= cast('1970-01-01 00:00:00' as timestamp)",
    'user_producer_favs': ' where fav_score > 0',
} %}

with

single_row as (select 1 as one),

empty_tables as (
    {% for table_kind, table_names in tables_by_kind.items() %}
        {% set is_last_kind = loop.last %}
        {% for table_name in table_names %}
            select
                '{{ table_name }}' as table_name,
                '{{ table_kind }}' as table_kind

            from single_row

            where not exists (select 1 as one from {{ ref(asked_instead.get(table_name, table_name)) }}{{ filters.get(table_name, '') }})
            {{ 'union all' if not (loop.last and is_last_kind) }}
        {% endfor %}
    {% endfor %}
)

select * from empty_tables
