{#
    For a model that has a CTE `as_of` (as_of). Norms and ranks are over the full vector of the source. A limit holds for the configurations
    of its search only. A topic has a vector per language and country; other sources have one, of `all`.
#}
{% macro ann_queries(which_configs, which_sources, time_factor, of_language="'all'", of_country="'all'") %}
limits as (select search_name, tweets_per_cluster, maximum_results from {{ ref('ann_limits') }}),
configs as (
    select
        source_kind, config_name, search_name, source_embedding_type, index_name, algorithm, scored_over, clusters_scanned,
        tweets_per_cluster, maximum_results, minimum_score, minimum_age_hours, maximum_age_hours
    from {{ ref('ann_configs') }} where {{ which_configs }}
),
source_vectors as (
    select source_kind, source_embedding_type, source_id, cluster_id, source_score
    from {{ ref('int_ann_source_vectors') }}
    where {{ which_sources }} and source_language = {{ of_language }} and source_country = {{ of_country }}
),

queries as (
    select
        configs.source_kind,
        configs.config_name,
        source_vectors.source_id,
        source_vectors.cluster_id,
        source_vectors.source_score,
        configs.index_name,
        configs.algorithm,
        configs.scored_over,
        least(configs.tweets_per_cluster, coalesce(limits.tweets_per_cluster, configs.tweets_per_cluster)) as tweets_per_cluster,
        least(configs.maximum_results, coalesce(limits.maximum_results, configs.maximum_results)) as maximum_results,
        configs.minimum_score,
        {{ unix_millis('as_of.as_of') }} - cast(configs.maximum_age_hours * {{ time_factor }} * 3600000 as int64) as created_from_millis,
        {{ unix_millis('as_of.as_of') }} - cast(configs.minimum_age_hours * {{ time_factor }} * 3600000 as int64) as created_to_millis,
        sum(source_vectors.source_score * source_vectors.source_score)
            over (partition by configs.source_kind, configs.config_name, source_vectors.source_id) as source_squared_norm

    from configs

    cross join as_of

    inner join source_vectors
        on configs.source_kind = source_vectors.source_kind
            and configs.source_embedding_type = source_vectors.source_embedding_type

    left join limits on configs.search_name = limits.search_name

    qualify {{ top_k_per(
        ['configs.source_kind', 'configs.config_name', 'source_vectors.source_id'],
        'source_vectors.source_score', 'source_vectors.cluster_id', 'configs.clusters_scanned'
    ) }}
)
{%- endmacro %}


{#
    For a model that has CTEs `queries` (see ann_queries) and `top_tweets` (index_name, cluster_id, tweet_id, tweet_rank, created_at,
    tweet_score).

    The search finds the tweets that stand in the first places of a list. Ages count after that cut. The dot product and the norm of a tweet
    are over the places in which it was found, as in the original. So a tweet found in one community has the same cosine whatever its
    score. `scored_over: whole` scores what was found again, over all communities scanned, with the norm of the whole tweet; the live
    indexes know no such norm. A larger dot product wins a tie, then a smaller tweet id. Hidden tweets go before the ranking, so ranks have
    no gaps. `users` is a condition on user_id that the consumers among the sources meet; `since_batch` see hidden_tweets.

    The second read of the index is no CTE: DuckDB would keep all rows of a CTE that is read twice.
#}
{% macro ann_search(users='false', since_batch=none, has_whole_norms=true) %}
{%- set of_source = ['source_kind', 'config_name', 'source_id'] -%}
{%- set of_query = of_source + ['algorithm', 'maximum_results', 'minimum_score', 'source_squared_norm'] -%}
{{ hidden_tweets(users, since_batch) }},

found_tweets as (
    select
        queries.{{ of_query | join(',\n        queries.') }},
        queries.scored_over,
        top_tweets.tweet_id,
        count(*) as cluster_count,
        sum(queries.source_score * top_tweets.tweet_score) as dot_product,
        sum(top_tweets.tweet_score * top_tweets.tweet_score) as tweet_squared_norm

    from queries

    inner join top_tweets
        on queries.index_name = top_tweets.index_name
            and queries.cluster_id = top_tweets.cluster_id
            and queries.tweets_per_cluster >= top_tweets.tweet_rank

    where (queries.source_kind <> 'tweet' or queries.source_id <> top_tweets.tweet_id)
        and (
            top_tweets.created_at is null
            or {{ unix_millis('top_tweets.created_at') }} between queries.created_from_millis and queries.created_to_millis
        )

    group by queries.{{ of_query | join(', queries.') }}, queries.scored_over, top_tweets.tweet_id
),

{% if has_whole_norms %}
{# The norm of a tweet is the same in each of its rows. #}
whole_tweets as (
    select
        queries.{{ of_query | join(',\n        queries.') }},
        entries.tweet_id,
        count(*) as cluster_count,
        sum(queries.source_score * entries.tweet_score) as dot_product,
        max(entries.tweet_squared_norm) as tweet_squared_norm

    from found_tweets

    inner join queries
        on found_tweets.{{ of_source[0] }} = queries.{{ of_source[0] }}
            and found_tweets.{{ of_source[1] }} = queries.{{ of_source[1] }}
            and found_tweets.{{ of_source[2] }} = queries.{{ of_source[2] }}

    inner join {{ ref('cluster_top_tweets') }} as entries
        on queries.index_name = entries.index_name
            and queries.cluster_id = entries.cluster_id
            and found_tweets.tweet_id = entries.tweet_id

    where found_tweets.scored_over = 'whole'

    group by queries.{{ of_query | join(', queries.') }}, entries.tweet_id
),
{% endif %}

summed_tweets as (
    select {{ of_query | join(', ') }}, tweet_id, cluster_count, dot_product, tweet_squared_norm
    from found_tweets where scored_over = 'scanned'
    {% if has_whole_norms %}
    union all
    select {{ of_query | join(', ') }}, tweet_id, cluster_count, dot_product, tweet_squared_norm
    from whole_tweets
    {% endif %}
),

shown_tweets as (
    select
        summed_tweets.{{ of_query | join(',\n        summed_tweets.') }},
        summed_tweets.tweet_id,
        summed_tweets.cluster_count,
        summed_tweets.dot_product,
        summed_tweets.tweet_squared_norm

    from summed_tweets

    {{ without_hidden('summed_tweets', 'source_id', "summed_tweets.source_kind = 'consumer'") }}
),

scored_tweets as (
    select
        source_kind,
        config_name,
        source_id,
        tweet_id,
        maximum_results,
        minimum_score,
        cluster_count,
        cast(dot_product as float64) as dot_product,
        cast({{ ann_score('algorithm', 'dot_product', 'source_squared_norm', 'tweet_squared_norm') }} as float64) as ann_score

    from shown_tweets
),

candidates as (
    select
        source_kind,
        config_name,
        source_id,
        tweet_id,
        {{ rank_per(of_source, ['ann_score', 'dot_product'], 'tweet_id') }} as candidate_rank,
        cluster_count,
        dot_product,
        ann_score

    from scored_tweets

    where {{ rounded_score('ann_score') }} >= minimum_score

    qualify candidate_rank <= maximum_results
)
{%- endmacro %}


{#
    For a table function, after ann_search. A name that no configuration of the kind has, or one without a source, is an error that lists
    the names that would do. The check is a branch of its own, because no rows of a source would leave a join unread. A null name is none.
#}
{% macro ann_answer(source_kind, with_config, indexes) %}
known_configs as (
    select config_name, config_name = {{ with_config }} as is_asked

    from {{ ref('ann_configs') }}

    where source_kind = {{ source_kind }}
        and source_embedding_type is not null
        and index_name {{ 'in' if indexes == 'live' else 'not in' }} (
            select live_recipes.index_name from {{ ref('live_index_recipes') }} as live_recipes
        )
),

config_names as (
    select
        count(case when is_asked then 1 end) as asked_count,
        coalesce(string_agg(config_name, ', ' order by config_name), 'none') as names

    from known_configs
),

config_check as (
    select
        case
            when {{ with_config }} is null or {{ source_kind }} is null or asked_count > 0 then true
            else error(concat(
                {{ quoted_text("no configuration '") }}, {{ with_config }}, {{ quoted_text("' for a ") }}, {{ source_kind }},
                ' can answer here; there are: ', names
            ))
        end as is_known

    from config_names
),

answer as (
    select tweet_id, candidate_rank, cluster_count, dot_product, ann_score from candidates

    union all

    select
        cast(null as int64) as tweet_id,
        cast(null as int64) as candidate_rank,
        cast(null as int64) as cluster_count,
        cast(null as float64) as dot_product,
        cast(null as float64) as ann_score

    from config_check

    where not is_known
)
{%- endmacro %}
