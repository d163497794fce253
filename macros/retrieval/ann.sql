{#
    For a model that has a CTE `as_of` (as_of). Norms and ranks are over the full vector of the source. A topic has a vector per language and
    country; other sources have one, of `all`.
#}
{% macro ann_queries(which_configs, which_sources, of_language="'all'", of_country="'all'") %}
configs as (
    select
        configs.config_id,
        configs.source_kind,
        configs.config_name,
        configs.source_embedding_type,
        configs.index_name,
        configs.algorithm,
        configs.scored_over,
        configs.clusters_scanned,
        configs.tweets_per_cluster,
        configs.maximum_results,
        configs.minimum_score,
        {{ unix_millis('as_of.as_of') }} - configs.maximum_age_millis as created_from_millis,
        {{ unix_millis('as_of.as_of') }} - configs.minimum_age_millis as created_to_millis

    from {{ ref('int_ann_configs') }} as configs

    cross join as_of

    where {{ which_configs }}
),
source_vectors as (
    select source_kind, source_embedding_type, source_id, cluster_id, source_score
    from {{ ref('int_ann_source_vectors') }}
    where {{ which_sources }} and source_language = {{ of_language }} and source_country = {{ of_country }}
),

queries as (
    select
        configs.config_id,
        configs.source_kind,
        source_vectors.source_id,
        source_vectors.cluster_id,
        source_vectors.source_score,
        configs.index_name,
        configs.scored_over,
        configs.clusters_scanned,
        configs.tweets_per_cluster,
        configs.created_from_millis,
        configs.created_to_millis,
        sum(source_vectors.source_score * source_vectors.source_score)
            over (partition by configs.config_id, source_vectors.source_id) as source_squared_norm

    from configs

    inner join source_vectors
        on configs.source_kind = source_vectors.source_kind
            and configs.source_embedding_type = source_vectors.source_embedding_type

    qualify {{ top_k_per(
        ['configs.config_id', 'source_vectors.source_id'],
        'source_vectors.source_score', 'source_vectors.cluster_id', 'configs.clusters_scanned'
    ) }}
)
{%- endmacro %}


{#
    For a model that has CTEs `queries` (see ann_queries) and `top_tweets` (index_name, cluster_id, tweet_id, tweet_rank, created_at,
    tweet_squared_norm, tweet_score).

    The search finds the tweets that stand in the first places of a list. Ages count after that cut. The dot product and the norm of a tweet
    are over the places in which it was found, as in the original. So a tweet found in one community has the same cosine whatever its
    score. `scored_over: whole` scores what was found over all places in the communities scanned, with the norm of the whole tweet. The live
    indexes know no such norm. A larger dot product wins a tie, then a smaller tweet id. Hidden tweets go before the ranking, so ranks have
    no gaps. `users` is a condition on user_id that the consumers among the sources meet; `since_batch` see hidden_tweets.

    An index by direction has lists of its own. The search reads the `clusters_scanned` lists whose directions are nearest to the source.

    One read of each index, few columns in the grouping, each norm in one place. A function is planned at each call, which is most of its
    time, and the rest is the grouping.
#}
{% macro ann_search(users='false', since_batch=none, has_whole_norms=true) %}
{%- set keys = ['config_id', 'source_id', 'tweet_id'] + (['tweet_squared_norm'] if has_whole_norms else []) -%}
{{ hidden_tweets(users, since_batch) }},

{% if has_whole_norms -%}
lists as (select index_name, direction_id, cluster_id, direction_score from {{ ref('int_direction_lists') }}),
list_tweets as (
    select direction_id, tweet_id, tweet_rank, cluster_id, created_at, tweet_squared_norm, tweet_score
    from {{ ref('int_direction_list_tweets') }}
),

list_scores as (
    select
        queries.config_id,
        queries.source_id,
        queries.clusters_scanned,
        lists.direction_id,
        sum(queries.source_score * lists.direction_score) as list_score

    from queries

    inner join lists
        on queries.index_name = lists.index_name
            and queries.cluster_id = lists.cluster_id

    group by queries.config_id, queries.source_id, queries.clusters_scanned, lists.direction_id
),

nearest_lists as (
    select config_id, source_id, direction_id

    from list_scores

    qualify {{ top_k_per(['config_id', 'source_id'], 'list_score', 'direction_id', 'clusters_scanned') }}
),

{% endif -%}
places as (
    {% for entries in (['top_tweets', 'list_tweets'] if has_whole_norms else ['top_tweets']) -%}
    select
        queries.config_id,
        queries.source_id,
        queries.source_squared_norm,
        queries.scored_over,
        queries.source_score,
        {{ entries }}.tweet_id,
        {{ entries ~ '.tweet_squared_norm,' if has_whole_norms }}
        {{ entries }}.tweet_score,
        queries.tweets_per_cluster >= {{ entries }}.tweet_rank and (
            {{ entries }}.created_at is null
            or {{ unix_millis(entries ~ '.created_at') }} between queries.created_from_millis and queries.created_to_millis
        ) as is_found

    from queries

    {% if entries == 'top_tweets' -%}
    inner join top_tweets
        on queries.index_name = top_tweets.index_name
            and queries.cluster_id = top_tweets.cluster_id
    {%- else -%}
    inner join nearest_lists
        on queries.config_id = nearest_lists.config_id
            and queries.source_id = nearest_lists.source_id

    inner join list_tweets
        on nearest_lists.direction_id = list_tweets.direction_id
            and queries.cluster_id = list_tweets.cluster_id
    {%- endif %}

    where queries.source_kind <> 'tweet' or queries.source_id <> {{ entries }}.tweet_id
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}
),

{# The stored norm of a tweet is one per group, and a key is cheaper than an aggregate. #}
summed_tweets as (
    select
        {{ keys | join(',\n        ') }},
        max(source_squared_norm) as source_squared_norm,
        count(*) as cluster_count,
        sum(source_score * tweet_score) as dot_product,
        sum(tweet_score * tweet_score) as scanned_squared_norm

    from places

    where is_found{{ " or scored_over = 'whole'" if has_whole_norms }}

    group by {{ keys | join(', ') }}

    having count(case when is_found then 1 end) > 0
),

shown_tweets as (
    select
        configs.source_kind,
        configs.config_name,
        configs.algorithm,
        configs.maximum_results,
        configs.minimum_score,
        summed_tweets.source_id,
        summed_tweets.source_squared_norm,
        summed_tweets.tweet_id,
        {% if has_whole_norms -%}
        case when configs.scored_over = 'whole' then summed_tweets.tweet_squared_norm else summed_tweets.scanned_squared_norm end
            as tweet_squared_norm,
        {%- else -%}
        summed_tweets.scanned_squared_norm as tweet_squared_norm,
        {%- endif %}
        summed_tweets.cluster_count,
        summed_tweets.dot_product

    from summed_tweets

    inner join configs on summed_tweets.config_id = configs.config_id

    {{ without_hidden('summed_tweets', 'source_id', "configs.source_kind = 'consumer'") }}
),

tweet_norms as (
    select
        source_kind,
        config_name,
        source_id,
        tweet_id,
        maximum_results,
        minimum_score,
        cluster_count,
        cast(dot_product as float64) as dot_product,
        {{ ann_norms('algorithm', 'source_squared_norm', 'tweet_squared_norm') }} as norms

    from shown_tweets
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
        dot_product,
        cast(dot_product / nullif(norms, 0) as float64) as ann_score

    from tweet_norms
),

{# After the ranking, because DuckDB would otherwise compute a score once more to filter by it. #}
candidates as (
    select
        source_kind,
        config_name,
        source_id,
        tweet_id,
        {{ rank_per(['source_kind', 'config_name', 'source_id'], ['ann_score', 'dot_product'], 'tweet_id') }} as candidate_rank,
        cluster_count,
        dot_product,
        ann_score

    from scored_tweets

    qualify candidate_rank <= maximum_results
        and {{ rounded_score('ann_score') }} >= minimum_score
)
{%- endmacro %}


{#
    For a table function, after ann_search. A name that no configuration of the kind has, or one without a source, is an error that lists
    the names that would do. The check is a branch of its own, because no rows of a source would leave a join unread. A null name is none.
#}
{% macro ann_answer(source_kind, with_config, indexes) %}
known_configs as (
    select
        count(case when config_name = {{ with_config }} then 1 end) as asked_count,
        coalesce(max(config_names), 'none') as config_names

    from {{ ref('int_ann_configs') }}

    where source_kind = {{ source_kind }}
        and {{ 'is_live' if indexes == 'live' else 'not is_live' }}
),

config_check as (
    select
        case
            when {{ with_config }} is null or {{ source_kind }} is null or asked_count > 0 then true
            else error(concat(
                {{ quoted_text("no configuration '") }}, {{ with_config }}, {{ quoted_text("' for a ") }}, {{ source_kind }},
                ' can answer here; there are: ', config_names
            ))
        end as is_known

    from known_configs
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
