{# The vectors of everything that recommendations can be asked for, or of one kind. Fewer tables are planned sooner. #}
{% macro ann_source_vectors(of_kind=none) -%}
{%- set vectors = [
    ('consumer', 'consumer_scores', 'consumer_score', 'consumer_id', 'interested_in_score', none),
    ('consumer', 'interested_in_variants', 'interest_type', 'consumer_id', 'log_fav_score', 'log_fav_score > 0'),
    ('consumer', 'interested_in_variants', "concat('follow_', interest_type)", 'consumer_id', 'follow_score', 'follow_score > 0'),
    ('producer', 'producer_embeddings', 'embedding_type', 'producer_id', 'producer_score', none),
    ('tweet', 'tweet_embeddings', 'embedding_type', 'tweet_id', 'tweet_score', none),
    ('tweet', 'persistent_tweet_embeddings', "concat('log_fav_', snapshot_name)", 'tweet_id', 'tweet_score',
        "snapshot_name in ('latest', 'longest_l2')"),
    ('topic', 'topic_embeddings', 'embedding_type', 'topic_id', 'topic_score', none),
] -%}
    {%- for kind, model, embedding_type, id, score, condition in vectors if of_kind in (none, kind) %}
    select
        '{{ kind }}' as source_kind,
        {{ embedding_type }} as source_embedding_type,
        {{ id }} as source_id,
        {{ 'consumer_language' if kind == 'topic' else "'all'" }} as source_language,
        {{ 'consumer_country' if kind == 'topic' else "'all'" }} as source_country,
        cluster_id,
        {{ score }} as source_score

    from {{ ref(model) }}
    {%- if condition %}

    where {{ condition }}
    {%- endif %}
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
{%- endmacro %}


{#
    For a table function: where and qualify of the configuration asked for. A name that no configuration of the kind has, or one without a
    source, is an error that lists the names that would do. A null name is none.
#}
{% macro asked_config(source_kind, with_config, is_live=false) -%}
    {%- set is_asked = 'configs.source_kind = ' ~ source_kind ~ ' and configs.config_name = ' ~ with_config -%}
    where {{ 'configs.is_live' if is_live else 'not configs.is_live' }}

    qualify case
        when {{ is_asked }} then true
        when {{ source_kind }} is null or {{ with_config }} is null or count(case when {{ is_asked }} then 1 end) over () > 0 then false
        else error(concat(
            {{ quoted_text("no configuration '") }}, {{ with_config }}, {{ quoted_text("' for a ") }}, {{ source_kind }},
            ' can answer here; there are: ',
            coalesce(max(case when configs.source_kind = {{ source_kind }} then configs.config_names end) over (), 'none')
        ))
    end
{%- endmacro %}


{#
    The lists that are read for each source. An index has a list for each community, or lists by direction. The search reads those that point
    most to the source, at most `clusters_scanned`. The live indexes have a list for each community. `which_configs` ends the query of
    configs, `of_kind` reads the vectors of one kind alone, and `as_of` is the instant of the live indexes.

    Norms and ranks are over the full vector of the source. A topic has a vector per language and country; other sources have one, of `all`.
#}
{% macro ann_lists(which_configs, which_sources, of_kind=none, of_language="'all'", of_country="'all'", as_of=none) %}
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
        {% if as_of -%}
        {{ unix_millis(as_of ~ '.as_of') }} - configs.maximum_age_millis as created_from_millis,
        {{ unix_millis(as_of ~ '.as_of') }} - configs.minimum_age_millis as created_to_millis
        {%- else -%}
        configs.created_from_millis,
        configs.created_to_millis
        {%- endif %}

    from {{ ref('int_ann_configs') }} as configs
    {%- if as_of %}

    cross join {{ as_of }}
    {%- endif %}

    {{ which_configs }}
),

{% if of_kind -%}
vectors as (
    {{- ann_source_vectors(of_kind) }}
),
{%- endif %}
source_vectors as (
    select source_kind, source_embedding_type, source_id, cluster_id, source_score
    from {{ 'vectors' if of_kind else ref('int_ann_source_vectors') }}
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
),

lists as (
    {% if as_of -%}
    select distinct index_name, cluster_id, cluster_id as index_list_id, 1.0 as direction_score from queries
    {%- else -%}
    select index_name, cluster_id, index_list_id, direction_score from {{ ref('int_index_lists') }}
    {%- endif %}
),

list_scores as (
    select
        queries.config_id,
        queries.source_id,
        queries.clusters_scanned,
        lists.index_list_id,
        sum(queries.source_score * lists.direction_score) as list_score

    from queries

    inner join lists
        on queries.index_name = lists.index_name
            and queries.cluster_id = lists.cluster_id

    group by queries.config_id, queries.source_id, queries.clusters_scanned, lists.index_list_id
),

nearest_lists as (
    select config_id, source_id, index_list_id

    from list_scores

    qualify {{ top_k_per(['config_id', 'source_id'], 'list_score', 'index_list_id', 'clusters_scanned') }}
)
{%- endmacro %}


{#
    For a model that has the CTEs of ann_lists and, where the index is live, `top_tweets` (index_name, cluster_id, tweet_id, tweet_rank,
    created_at, tweet_score).

    The search finds the tweets that stand in the first places of a list. Ages count after that cut. The dot product and the norm of a tweet
    are over the places in which it was found, as in the original. So a tweet found in one community has the same cosine whatever its
    score. `scored_over: whole` scores what was found over all places in the lists that are read, with the norm of the whole tweet. The live
    indexes know no such norm. A larger dot product wins a tie, then a smaller tweet id. Hidden tweets go before the ranking, so ranks have
    no gaps. `users` is a condition on user_id: of all sources in a batch, else of the one source if it is a consumer. `since_batch` see
    hidden_tweets.

    One join for both kinds of lists, few columns in the grouping, each norm in one place. A function is planned at each call, which is most
    of its time, and the rest is the grouping.
#}
{% macro ann_search(users='false', since_batch=none, is_live=false, is_batch=false) %}
{%- set keys = ['config_id', 'source_id', 'tweet_id'] + ([] if is_live else ['tweet_squared_norm']) -%}
{% if is_batch -%}
{{ hidden_tweets(users) }},
{%- else -%}
hidden as (
    select tweet_id from {{ ref('int_hidden_tweets') }} where user_id is null or ({{ users }})
    {%- if since_batch %}
    union all
    select tweet_id from {{ since_batch }} where {{ users }}
    {%- endif %}
),
{%- endif %}

list_tweets as (
    {% if is_live -%}
    select
        top_tweets.cluster_id as index_list_id, top_tweets.cluster_id, top_tweets.tweet_id, top_tweets.tweet_rank, top_tweets.created_at,
        top_tweets.tweet_score
    from top_tweets
    inner join configs on top_tweets.index_name = configs.index_name
    {%- else -%}
    select index_list_id, cluster_id, tweet_id, tweet_rank, created_at, tweet_squared_norm, tweet_score
    from {{ ref('cluster_top_tweets') }} where tweet_score > 0
    union all
    select index_list_id, cluster_id, tweet_id, tweet_rank, created_at, tweet_squared_norm, tweet_score
    from {{ ref('int_direction_list_tweets') }}
    {%- endif %}
),

places as (
    select
        queries.config_id,
        queries.source_id,
        queries.source_squared_norm,
        queries.scored_over,
        queries.source_score,
        list_tweets.tweet_id,
        {{ '' if is_live else 'list_tweets.tweet_squared_norm,' }}
        list_tweets.tweet_score,
        queries.tweets_per_cluster >= list_tweets.tweet_rank and (
            list_tweets.created_at is null
            or {{ unix_millis('list_tweets.created_at') }} between queries.created_from_millis and queries.created_to_millis
        ) as is_found

    from queries

    inner join nearest_lists
        on queries.config_id = nearest_lists.config_id
            and queries.source_id = nearest_lists.source_id

    inner join list_tweets
        on nearest_lists.index_list_id = list_tweets.index_list_id
            and queries.cluster_id = list_tweets.cluster_id

    where queries.source_kind <> 'tweet' or queries.source_id <> list_tweets.tweet_id
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

    where is_found{{ '' if is_live else " or scored_over = 'whole'" }}

    group by {{ keys | join(', ') }}

    having count(case when is_found then 1 end) > 0
),

shown_tweets as (
    select
        configs.config_id,
        configs.source_kind,
        configs.config_name,
        configs.algorithm,
        configs.maximum_results,
        configs.minimum_score,
        summed_tweets.source_id,
        summed_tweets.source_squared_norm,
        summed_tweets.tweet_id,
        {% if is_live -%}
        summed_tweets.scanned_squared_norm as tweet_squared_norm,
        {%- else -%}
        case when configs.scored_over = 'whole' then summed_tweets.tweet_squared_norm else summed_tweets.scanned_squared_norm end
            as tweet_squared_norm,
        {%- endif %}
        summed_tweets.cluster_count,
        summed_tweets.dot_product

    from summed_tweets

    inner join configs on summed_tweets.config_id = configs.config_id

    {% if is_batch -%}
    {{ without_hidden('summed_tweets', 'source_id', "configs.source_kind = 'consumer'") }}
    {%- else -%}
    left join hidden on summed_tweets.tweet_id = hidden.tweet_id

    where hidden.tweet_id is null
    {%- endif %}
),

tweet_norms as (
    select
        config_id,
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
        config_id,
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
        {{ rank_per(['config_id', 'source_id'], ['ann_score', 'dot_product'], 'tweet_id') }} as candidate_rank,
        cluster_count,
        dot_product,
        ann_score

    from scored_tweets

    qualify candidate_rank <= maximum_results
        and {{ rounded_score('ann_score') }} >= minimum_score
)
{%- endmacro %}
