{# What recommendations can be asked for: where its vectors are, with the score of each embedding type. #}
{% macro ann_source_models() -%}
    {{ return([
        {'kind': 'consumer', 'model': 'interested_in', 'id': 'consumer_id',
            'scores': {"'log_fav'": 'log_fav_score', "'fav'": 'fav_score', "'follow'": 'follow_score'}},
        {'kind': 'consumer', 'model': 'interested_in_variants', 'id': 'consumer_id',
            'scores': {'interest_type': 'log_fav_score', "concat('follow_', interest_type)": 'follow_score'}},
        {'kind': 'producer', 'model': 'producer_embeddings', 'id': 'producer_id', 'scores': {'embedding_type': 'producer_score'}},
        {'kind': 'tweet', 'model': 'tweet_embeddings', 'id': 'tweet_id', 'scores': {'embedding_type': 'tweet_score'}},
        {'kind': 'tweet', 'model': 'persistent_tweet_embeddings', 'id': 'tweet_id',
            'scores': {"concat('log_fav_', snapshot_name)": 'tweet_score'}, 'where': "snapshot_name in ('latest', 'longest_l2')"},
        {'kind': 'topic', 'model': 'topic_embeddings', 'id': 'topic_id', 'scores': {'embedding_type': 'topic_score'}},
    ]) }}
{%- endmacro %}


{#
    For a table function: the condition of the configuration asked for. A name that no configuration of the kind has, or one without a source,
    is an error that lists the names that would do. A null name is none. One expression, because the parts of a condition have no order.
#}
{% macro asked_config(source_kind, with_config, is_live=false) -%}
    {%- set kinds = ann_source_models() | map(attribute='kind') | unique -%}
    case
        when {{ 'not configs.is_live' if is_live else 'configs.is_live' }} or {{ with_config }} is null then false
        when configs.source_kind = {{ source_kind }} then case
            when configs.config_name = {{ with_config }} then true
            when strpos(concat(', ', configs.config_names, ','), concat(', ', replace({{ with_config }}, ',', ' '), ',')) > 0 then false
            else {{ no_such_config(source_kind, with_config, 'configs.config_names') }}
        end
        {%- if is_live %}
        when {{ source_kind }} is not null and {{ source_kind }} not in ({{ quoted_texts(kinds) }}) then {{ no_such_config(source_kind, with_config, "'none'") }}
        {%- endif %}
        else false
    end
{%- endmacro %}


{% macro no_such_config(source_kind, with_config, config_names) -%}
    error(concat(
        {{ quoted_text("no configuration '") }}, {{ with_config }}, {{ quoted_text("' for a ") }}, {{ source_kind }},
        ' can answer here; there are: ', {{ config_names }}
    ))
{%- endmacro %}


{#
    The lists that are read for each source. An index has a list for each community, or lists by direction. The search reads those that point
    most to the source, at most `clusters_scanned`. The live indexes have a list for each community. `which_configs` is a condition on
    configs. A function names one kind of source and its id, others give a condition on vectors. `as_of` is the instant of the live indexes.

    A batch has many configurations and sources, a function one of each. So the rows of a function carry no keys. Norms and ranks are over the
    full vector of the source. A topic has a vector per language and country; other sources have one, of `all`. Whole tweets are scored over
    all places that a list keeps.
#}
{% macro ann_lists(which_configs, which_sources='', of_kind='', of_id='', of_language="'all'", of_country="'all'", as_of='', is_batch=false) %}
{# More places than a list has. #}
{%- set all_places = 1000000000 -%}
configs as (
    select
        {{ 'configs.config_id, configs.config_name,' if is_batch }}
        configs.source_kind,
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

    where {{ which_configs }}
),

source_vectors as (
    {%- for source in ann_source_models() if source.kind == of_kind %}
    select
        configs.index_name,
        vectors.cluster_id,
        case configs.source_embedding_type
            {%- for embedding_type, score in source.scores.items() %}
            when {{ embedding_type }} then vectors.{{ score }}
            {%- endfor %}
        end as source_score

    from {{ ref(source.model) }} as vectors

    cross join configs

    where vectors.{{ source.id }} = {{ of_id }}
        {%- if source.where %}
        and {{ source.where }}
        {%- endif %}
        {%- if of_kind == 'topic' %}
        and vectors.consumer_language = {{ of_language }}
        and vectors.consumer_country = {{ of_country }}
        {%- endif %}
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- else %}
    select
        {{ 'configs.config_id, vectors.source_id,' if is_batch }}
        configs.index_name,
        vectors.cluster_id,
        vectors.source_score

    from {{ ref('int_ann_source_vectors') }} as vectors

    inner join configs
        on vectors.source_kind = configs.source_kind
            and vectors.source_embedding_type = configs.source_embedding_type

    where {{ which_sources }}
        and vectors.source_language = {{ of_language }}
        and vectors.source_country = {{ of_country }}
    {%- endfor %}
),

queries as (
    select
        {{ ann_keys(is_batch) }}
        index_name,
        cluster_id,
        source_score,
        sum(source_score * source_score) over ({{ 'partition by config_id, source_id' if is_batch }}) as source_squared_norm

    from source_vectors

    where source_score > 0
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
        {{ ann_keys(is_batch, 'queries.') }}
        lists.index_list_id,
        sum(queries.source_score * lists.direction_score) as list_score

    from queries

    inner join lists
        on queries.index_name = lists.index_name
            and queries.cluster_id = lists.cluster_id

    group by {{ ann_keys(is_batch, 'queries.') }} lists.index_list_id
),

nearest_lists as (
    select
        {{ ann_keys(is_batch, 'list_scores.') }}
        list_scores.index_list_id,
        configs.tweets_per_cluster,
        case configs.scored_over when 'whole' then {{ all_places }} else configs.tweets_per_cluster end as last_place,
        configs.created_from_millis,
        configs.created_to_millis

    from list_scores

    {{ 'inner join configs on list_scores.config_id = configs.config_id' if is_batch else 'cross join configs' }}

    qualify {{ top_k_per(
        ['list_scores.config_id', 'list_scores.source_id'] if is_batch else [],
        'list_scores.list_score', 'list_scores.index_list_id', 'configs.clusters_scanned'
    ) }}
)
{%- endmacro %}


{# What tells the searches of a batch apart, at the beginning of a list of columns. #}
{% macro ann_keys(is_batch, prefix='') -%}
    {%- if is_batch -%} {{ prefix }}config_id, {{ prefix }}source_id, {%- endif -%}
{%- endmacro %}


{# The places of a list that are scored. Ages count after the cut of a list, and a tweet without one is of any age. #}
{% macro ann_is_scored(place) -%}
    {{ place }}.tweet_rank <= nearest_lists.last_place
        and (
            {{ place }}.created_at is null
            or {{ unix_millis(place ~ '.created_at') }} between nearest_lists.created_from_millis and nearest_lists.created_to_millis
        )
{%- endmacro %}


{#
    For a model that has the CTEs of ann_lists and, where the index is live, `top_tweets` (index_name, cluster_id, tweet_id, tweet_rank,
    created_at, tweet_score).

    The search finds the tweets that stand in the first places of a list. The dot product and the norm of a tweet are over the places in which
    it was found, as in the original. So a tweet found in one community has the same cosine whatever its score. `scored_over: whole` scores
    what was found over all places in the lists that are read, with the norm of the whole tweet. The live indexes know no such norm. A larger
    dot product wins a tie, then a smaller tweet id. Hidden tweets go before the ranking, so ranks have no gaps. `users` is a condition on
    user_id: of all sources in a batch, else of the one source if it is a consumer. `since_batch` is a relation of pairs (user_id, tweet_id)
    that are hidden since then. `other_than_source` is a condition on summed_tweets.

    A function is planned at each call, which is most of its time: few steps, few columns, each formula once. It opens the vectors of the
    lists that it reads. A batch opens all of them, because many sources read a list.
#}
{% macro ann_search(users='false', other_than_source='true', since_batch=none, is_live=false, is_batch=false) %}
{%- set place_columns = ['tweet_id', 'tweet_squared_norm', 'tweet_rank', 'created_at'] -%}
{%- set vector = {'cluster_id': 'cluster_ids', 'tweet_score': 'tweet_scores'} -%}
{% if is_batch -%}
{{ hidden_tweets(users) }},

entries as (
    select index_list_id, {{ place_columns | join(', ') }}, cluster_id, tweet_score
    from {{ ref('cluster_top_tweets') }} where tweet_score > 0
    union all
    {{ select_unnested(['index_list_id'] + place_columns, vector, ref('int_direction_list_tweets')) }}
),

places as (
    select
        queries.config_id,
        queries.source_id,
        queries.source_squared_norm,
        queries.source_score,
        entries.tweet_id,
        entries.tweet_squared_norm,
        entries.tweet_score,
        entries.tweet_rank - nearest_lists.tweets_per_cluster as places_below

    from queries

    inner join nearest_lists
        on queries.config_id = nearest_lists.config_id
            and queries.source_id = nearest_lists.source_id

    inner join entries
        on nearest_lists.index_list_id = entries.index_list_id
            and queries.cluster_id = entries.cluster_id

    where {{ ann_is_scored('entries') }}
),
{%- else -%}
hidden as (
    select tweet_id from {{ ref('int_hidden_tweets') }} where user_id is null or ({{ users }})
    {%- if since_batch %}
    union all
    select tweet_id from {{ since_batch }} where {{ users }}
    {%- endif %}
),

list_tweets as (
    {% if is_live -%}
    select
        top_tweets.cluster_id as index_list_id, top_tweets.tweet_id, cast(null as float64) as tweet_squared_norm, top_tweets.tweet_rank,
        top_tweets.created_at, [top_tweets.cluster_id] as cluster_ids, [top_tweets.tweet_score] as tweet_scores
    from top_tweets
    inner join configs on top_tweets.index_name = configs.index_name
    {%- else -%}
    select index_list_id, {{ place_columns | join(', ') }}, [cluster_id] as cluster_ids, [tweet_score] as tweet_scores
    from {{ ref('cluster_top_tweets') }} where tweet_score > 0
    union all
    select index_list_id, {{ place_columns | join(', ') }}, cluster_ids, tweet_scores
    from {{ ref('int_direction_list_tweets') }}
    {%- endif %}
),

found_tweets as (
    select
        list_tweets.tweet_id,
        list_tweets.tweet_squared_norm,
        list_tweets.tweet_rank - nearest_lists.tweets_per_cluster as places_below,
        list_tweets.cluster_ids,
        list_tweets.tweet_scores

    from list_tweets

    inner join nearest_lists on list_tweets.index_list_id = nearest_lists.index_list_id

    where {{ ann_is_scored('list_tweets') }}
),

entries as (
    {{ select_unnested(['tweet_id', 'tweet_squared_norm', 'places_below'], vector, 'found_tweets') }}
),

places as (
    select
        queries.source_squared_norm,
        queries.source_score,
        entries.tweet_id,
        entries.tweet_squared_norm,
        entries.tweet_score,
        entries.places_below

    from entries

    inner join queries on entries.cluster_id = queries.cluster_id
),
{%- endif %}

{# The stored norm of a tweet is one per group, and a key is cheaper than an aggregate. #}
summed_tweets as (
    select
        {{ ann_keys(is_batch) }}
        tweet_id,
        tweet_squared_norm,
        max(source_squared_norm) as source_squared_norm,
        count(*) as cluster_count,
        sum(source_score * tweet_score) as dot_product,
        sum(tweet_score * tweet_score) as scanned_squared_norm

    from places

    group by {{ ann_keys(is_batch) }} tweet_id, tweet_squared_norm

    having min(places_below) <= 0
),

shown_tweets as (
    select
        {{ ann_keys(is_batch, 'summed_tweets.') }}
        {{ 'configs.source_kind, configs.config_name,' if is_batch }}
        configs.algorithm,
        configs.maximum_results,
        configs.minimum_score,
        summed_tweets.tweet_id,
        summed_tweets.source_squared_norm,
        coalesce(case when configs.scored_over = 'whole' then summed_tweets.tweet_squared_norm end, summed_tweets.scanned_squared_norm)
            as tweet_squared_norm,
        summed_tweets.cluster_count,
        cast(summed_tweets.dot_product as float64) as dot_product

    from summed_tweets

    {% if is_batch -%}
    inner join configs on summed_tweets.config_id = configs.config_id

    {{ without_hidden('summed_tweets', 'source_id', "configs.source_kind = 'consumer'") }}
        and (configs.source_kind <> 'tweet' or summed_tweets.source_id <> summed_tweets.tweet_id)
    {%- else -%}
    cross join configs

    left join hidden on summed_tweets.tweet_id = hidden.tweet_id

    where hidden.tweet_id is null
        and {{ other_than_source }}
    {%- endif %}
),

{# A batch stores scores as they rank. The many that are equal then have the same digits, and take a sixth of the room. #}
{%- set product = rounded_score('dot_product') if is_batch else 'dot_product' %}
{%- set score = "dot_product / nullif(" ~ ann_norms('algorithm', 'source_squared_norm', 'tweet_squared_norm') ~ ", 0)" %}
scored_tweets as (
    select
        {{ ann_keys(is_batch) }}
        {{ 'source_kind, config_name,' if is_batch }}
        tweet_id,
        maximum_results,
        minimum_score,
        cluster_count,
        {{ product }} as dot_product,
        cast({{ rounded_score(score) if is_batch else score }} as float64) as ann_score

    from shown_tweets
),

{# After the ranking, because DuckDB would otherwise compute a score once more to filter by it. #}
candidates as (
    select
        {{ 'source_kind, config_name, source_id,' if is_batch }}
        tweet_id,
        {{ rank_per(['config_id', 'source_id'] if is_batch else [], ['ann_score', 'dot_product'], 'tweet_id') }} as candidate_rank,
        cluster_count,
        dot_product,
        ann_score

    from scored_tweets

    qualify candidate_rank <= maximum_results
        and {{ rounded_score('ann_score') }} >= minimum_score
)
{%- endmacro %}
