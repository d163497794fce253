{# Kinds by what has to be there. The first need that is not met is the reason. #}
{% set of_interests = ['interests', 'neighbors', 'topics', 'languages', 'tweets', 'live'] %}
{% set of_communities = of_interests + ['communities', 'members', 'entities', 'opt_outs'] %}
{% set of_favs = ['favs', 'entities', 'opt_outs', 'neighbors', 'tweets', 'live'] %}
{% set of_authors = ['neighbors'] if var('consumer_score') in ['follow', 'auto'] else ['neighbors', 'tweets', 'live'] %}
{% set minimum_followers = 2 if var('minimum_active_followers') == 'auto' else var('minimum_active_followers') %}
{% set hours = 'cast(cast(windows.window_hours as int64) as string)' %}

with

empty_tables as (select table_name, table_kind from {{ ref('int_empty_tables') }}),
as_of as (select as_of from {{ ref('stg_as_of') }}),

{# The window and the minimum of the tweets, at their widest. #}
windows as (
    select
        max(pairs.window_hours) * {{ recipe_time_factor() }} as window_hours,
        min(least(recipes.minimum_favers, {{ var('recipe_minimum_cap') }})) as minimum_favers

    from {{ ref('tweet_embedding_recipes') }} as recipes

    inner join {{ ref('engagement_pair_recipes') }} as pairs on recipes.pair_name = pairs.pair_name
),

engagements as (
    select
        count(*) as engagement_count,
        count(case when engagement_type = 'fav' then 1 end) as fav_count,
        count(case when engagement_type = 'impression' then 1 end) as impression_count,
        max(case when engagement_type = 'fav' then engaged_at end) as newest_fav_at
    from {{ ref('stg_engagements') }}
),

recent_favs as (
    select tweet_id, max(case when is_new_tweet then 1 else 0 end) as is_new_tweet, count(distinct user_id) as faver_count
    from {{ ref('int_engagement_pairs') }}
    where pair_name in (select recipes.pair_name from {{ ref('tweet_embedding_recipes') }} as recipes)
    group by tweet_id
),

recent_tweets as (
    select
        count(*) as faved_count,
        coalesce(sum(is_new_tweet), 0) as new_count,
        coalesce(max(case when is_new_tweet = 1 then faver_count end), 0) as most_favers

    from recent_favs
),

users as (
    select
        count(*) as user_count, count(language) as language_count, count(country) as country_count
    from {{ ref('stg_users') }}
),
authors as (select count(author_id) as author_count from {{ ref('stg_tweets') }}),
tweet_topics as (select count(*) as row_count from {{ ref('stg_tweet_topics') }}),
topic_follows as (select count(*) as row_count from {{ ref('stg_topic_follows') }}),
opt_outs as (select count(*) as row_count from {{ ref('stg_opt_outs') }}),
producers as (select sum(case when is_eligible then 1 else 0 end) as eligible_count from {{ ref('producers') }}),
similar_producers as (select count(*) as row_count from {{ ref('producer_similarity_edges') }}),
interests as (select count(*) as row_count from {{ ref('interested_in') }}),

{% set needs = [
    (['favs', 'entities', 'opt_outs', 'neighbors', 'languages', 'countries', 'tweets', 'live'], 'engagements', 'engagement_count',
        "'the input engagements has no rows that can be used'"),
    (of_favs, 'engagements', 'fav_count', "'no engagement is a fav'"),
    (['favs'], 'authors', 'author_count', "'no tweet has an author'"),
    (of_authors, 'authors', 'author_count',
        "'no tweet has an author, so favs say nothing about producers; the var consumer_score: follow does without'"),
    (['countries'], 'engagements', 'impression_count', "'no engagement is an impression'"),
    (['members'], 'users', 'user_count', "'the input users has no rows that can be used'"),
    (['languages'], 'users', 'language_count', "'no user has a language'"),
    (['countries'], 'users', 'country_count', "'no user has a country'"),
    (['entities', 'opt_outs', 'countries'], 'tweet_topics', 'row_count', "'the input tweet_topics has no rows that can be used'"),
    (['followed_topics'], 'topic_follows', 'row_count', "'the input topic_follows has no rows that can be used'"),
    (['topics'], 'topic_follows cross join tweet_topics', 'topic_follows.row_count + tweet_topics.row_count',
        "'the inputs topic_follows and tweet_topics have no rows that can be used'"),
    (['opt_outs'], 'opt_outs', 'row_count', "'the input opt_outs has no rows that can be used'"),
    (of_communities + ['similarity'], 'producers', 'eligible_count',
        "'no producer has " ~ minimum_followers ~ " active followers (var minimum_active_followers)'"),
    (of_communities + ['similarity'], 'similar_producers', 'row_count',
        "'no two producers share enough followers; similarity_report counts the follows that are compared'"),
    (of_interests, 'interests', 'row_count',
        "'no consumer follows or favs " ~ (2 if var('minimum_social_proof') == 'auto' else var('minimum_social_proof')) ~ " producers of one community (var minimum_social_proof)'"),
    (['tweets'], 'recent_tweets cross join windows cross join engagements cross join as_of', 'faved_count',
        "concat('no fav within ', " ~ hours ~ ", ' hours before as_of; the newest is ', cast(cast(floor(("
        ~ unix_millis('as_of.as_of') ~ ' - ' ~ unix_millis('engagements.newest_fav_at') ~ ") / 3600000) as int64) as string), ' hours older')"),
    (['tweets'], 'recent_tweets cross join windows', 'new_count',
        "concat('the favs of the ', " ~ hours ~ ", ' hours before as_of are of older tweets')"),
    (['tweets'], 'recent_tweets cross join windows', 'case when most_favers >= minimum_favers then 1 else 0 end',
        "concat('no tweet of the ', " ~ hours ~ ", ' hours before as_of has ', cast(cast(minimum_favers as int64) as string),"
        ~ " ' favers, the most has ', cast(most_favers as string), ' (var recipe_minimum_cap)')"),
    (['live'], 'as_of', '0',
        "'no fav within " ~ var('stream_window_hours') ~ " hours by a user with interests (var stream_window_hours)'"),
    (['changes'], 'as_of', '0', "'there is no run before this one'"),
    (['versions'], 'as_of', '0', "'there is no run of another model_version'"),
    (['held_out'], 'as_of', ('1' if var('holdout_follow_share') or var('holdout_follows_file') or var('holdout_engagement_share') else '0'),
        "'nothing is held out (vars holdout_follow_share, holdout_follows_file and holdout_engagement_share)'"),
] %}

unmet_needs as (
    {% for table_kinds, relation, row_count, reason in needs %}
        select empty_tables.table_name, {{ loop.index }} as need_number, {{ reason }} as reason
        from empty_tables cross join {{ relation }}
        where empty_tables.table_kind in ({{ quoted_texts(table_kinds) }}) and coalesce({{ row_count }}, 0) = 0
        union all
    {% endfor %}
    select table_name, {{ needs | length + 1 }} as need_number, 'no row passes the limits that its description names' as reason
    from empty_tables
),

first_reasons as (
    select table_name, reason

    from unmet_needs

    qualify row_number() over (partition by table_name order by need_number) = 1
)

select * from first_reasons
