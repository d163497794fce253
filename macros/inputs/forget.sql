{#
    dbt run-operation forget --args '{user_id: 17}'        {user_id: [17, 42]} or, where ids are text, {user_id: did:plc:ada}

    It takes people out of every table of this project, with the tweets that they wrote. The inputs are their owner's, and stay.
    The list of hashes comes first and the dictionaries last, so that it can be called again after a kill. Its own texts name nobody, because
    dbt writes a log.
#}
{% macro forget(user_id) %}
    {%- if not execute -%}
        {{ return('') }}
    {%- endif -%}
    {%- set keys = [] -%}
    {%- for one in ([user_id] if user_id is string or user_id is number else user_id) -%}
        {%- do keys.append(one | string | trim) -%}
    {%- endfor -%}
    {%- set numbers = numbers_of_users(keys) -%}
    {%- if not has_dictionary_rows('user') -%}
        {#- Inputs are compared as numbers: 0017 is 17. -#}
        {%- set keys = numbers | map('string') | list -%}
    {%- endif -%}
    {%- do clear_leftovers() -%}

    {%- set erased_ids = model_relation('erased_ids') -%}
    {%- if load_relation(erased_ids) is none -%}
        {%- do adapter.create_schema(erased_ids) -%}
        {%- do run_query(create_hook_table_sql(erased_ids, graph.nodes['model.simclusters.erased_ids'].columns)) -%}
    {%- endif -%}
    {%- set tweets = scratch_relation(erased_ids, 'tweets') -%}
    {%- do create_scratch_table_as(tweets, tweets_of_users(numbers)) -%}
    {%- do run_query(list_erased_ids_sql(erased_ids, keys, tweets)) -%}

    {%- set parts = parts_of_people(numbers, tweets) -%}
    {%- do forget_in_texts(keys, numbers) -%}
    {%- do read_tweets_again(numbers) -%}
    {%- do forget_keys('tweet', 'select ids.tweet_id from ' ~ tweets ~ ' as ids') -%}

    {%- set counts_sql -%}
    {%- for part in parts %}
    select {{ loop.index0 }} as part_number, count(*) as row_count from {{ part.relation }} as kept_rows where {{ part.condition }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    {%- endset -%}
    {%- set found = namespace(tables=0, rows=0) -%}
    {%- for part_number, row_count in run_query(counts_sql ~ ' order by part_number').rows if row_count > 0 -%}
        {%- do run_query('delete from ' ~ parts[part_number | int].relation ~ ' as kept_rows where ' ~ parts[part_number | int].condition) -%}
        {%- set found.tables, found.rows = found.tables + 1, found.rows + row_count | int -%}
    {%- endfor -%}
    {%- do forget_keys('user', numbers | join(', ')) -%}
    {%- do drop_scratch_tables([tweets]) -%}
    {%- do adapter.commit() -%}

    {{ print(
        'Erased: ' ~ keys | length ~ (' user' if keys | length == 1 else ' users') ~ ', in ' ~ found.rows ~ ' rows of ' ~ found.tables ~ ' tables. '
        ~ ('' if found.rows else 'No table here named them. ')
        ~ 'Later runs leave them out. Sums and counts are made again by the next `dbt build`. '
        ~ 'Not touched: the inputs, published snapshots, explorer.html, copies of the database, and files in logs/ and target/, which may name them.'
    ) }}
{% endmacro %}


{# All columns that hold a person, or a tweet of one. A test finds the columns that are missing here. #}
{% macro subject_columns() %}
    {{ return({
        'user': [
            'consumer_id', 'producer_id', 'user_id', 'author_id', 'neighbor_producer_id', 'similar_producer_id', 'co_followed_producer_id',
            'blocked_user_id', 'component_id',
        ],
        'tweet': ['tweet_id', 'co_faved_tweet_id'],
        'kind': {
            'entity_id': 'entity_kind', 'source_id': 'source_kind', 'list_id': 'list_kind',
            'item_id': 'item_kind', 'neighbor_item_id': 'item_kind',
        },
    }) }}
{% endmacro %}


{# Tables that one engine alone has. dbt does not know a model that is switched off; the table of an earlier run stands. #}
{% macro tables_of_one_engine() %}
    {{ return([
        'int_producer_pairs', 'int_regression_pairs', 'int_regression_equations', 'int_regression_lists', 'int_ann_lookups',
        'int_topic_producer_followers', 'int_multi_embedding_components',
    ]) }}
{% endmacro %}


{#
    Tables, also of the engine that was used before, each with the condition on its rows. Dictionaries keep a row, so that nobody gets the
    number again. base_tweets is the last, because it tells which tweets are theirs.
#}
{% macro parts_of_people(numbers, tweets) %}
    {%- set parts, last = {}, [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.package_name == 'simclusters' -%}
        {%- set others = tables_of_one_engine() if node.name == 'base_tweets' else [] -%}
        {%- for name in [node.alias] + others if name not in ['user_ids', 'tweet_ids'] -%}
            {%- set relation = load_relation(api.Relation.create(database=node.database, schema=node.schema, identifier=name)) -%}
            {%- if relation and relation.is_table and relation | string not in parts -%}
                {%- set condition = names_users(relation, numbers, tweets) -%}
                {%- if condition and name == 'base_tweets' -%}
                    {%- do last.append({'relation': relation, 'condition': condition}) -%}
                {%- elif condition -%}
                    {%- do parts.update({relation | string: {'relation': relation, 'condition': condition}}) -%}
                {%- endif -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(parts.values() | list + last) }}
{% endmacro %}


{# SQL on `kept_rows`. BigQuery reads a table that wants its partitions named only with a condition on them. #}
{% macro names_users(relation, numbers, tweets) %}
    {%- set columns = [] -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
        {%- do columns.append(column.name | lower) -%}
    {%- endfor -%}
    {%- set users, own_tweets = 'in (' ~ (numbers or ['null']) | join(', ') ~ ')', 'in (select ids.tweet_id from ' ~ tweets ~ ' as ids)' -%}
    {%- set conditions = [] -%}
    {%- for column in subject_columns()['user'] if column in columns -%}
        {%- do conditions.append('kept_rows.' ~ column ~ ' ' ~ users) -%}
    {%- endfor -%}
    {%- for column in subject_columns()['tweet'] if column in columns -%}
        {%- do conditions.append('kept_rows.' ~ column ~ ' ' ~ own_tweets) -%}
    {%- endfor -%}
    {%- for column, kind in subject_columns()['kind'].items() if column in columns and kind in columns -%}
        {%- do conditions.append('kept_rows.' ~ kind ~ " in ('user', 'consumer', 'producer', 'producers', 'follower', 'author') and kept_rows." ~ column ~ ' ' ~ users) -%}
        {%- do conditions.append('kept_rows.' ~ kind ~ " in ('tweet', 'tweets') and kept_rows." ~ column ~ ' ' ~ own_tweets) -%}
    {%- endfor -%}
    {%- if not conditions -%}
        {{ return('') }}
    {%- endif -%}
    {%- set any_partition = "kept_rows.as_of >= cast('1970-01-01 00:00:00' as timestamp) and " if relation.identifier == 'embedding_versions' else '' -%}
    {{ return(any_partition ~ '(' ~ conditions | join(' or ') ~ ')') }}
{% endmacro %}


{# Of text ids those that the dictionary knows. #}
{% macro numbers_of_users(keys) %}
    {%- set numbers = [] -%}
    {%- if has_dictionary_rows('user') -%}
        {%- for row in run_query('select user_id from ' ~ id_dictionary('user') ~ ' where user_key in (' ~ quoted_texts(keys) ~ ')').rows -%}
            {%- do numbers.append(row[0] | int) -%}
        {%- endfor -%}
    {%- else -%}
        {%- for key in keys -%}
            {%- if not modules.re.fullmatch('[0-9]{1,19}', key) -%}
                {{ exceptions.raise_compiler_error('forget: user_id is no number, and user ids are numbers here; nobody was erased') }}
            {%- endif -%}
            {%- do numbers.append(key | int) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if '' in keys or not keys -%}
        {{ exceptions.raise_compiler_error('forget: user_id is empty; nobody was erased') }}
    {%- endif -%}
    {{ return(numbers) }}
{% endmacro %}


{# Their numbers, and their ids as the inputs write them. #}
{% macro tweets_of_users(numbers) %}
    {%- set base_tweets = stored_model('base_tweets') -%}
    {%- if not base_tweets or not numbers -%}
        {{ return('select cast(null as int64) as tweet_id, cast(null as string) as tweet_key from (select 1 as one) as no_rows where false') }}
    {%- elif has_dictionary_rows('tweet') -%}
        {{ return(
            'select distinct tweets.tweet_id, ids.tweet_key from ' ~ base_tweets ~ ' as tweets inner join ' ~ id_dictionary('tweet')
            ~ ' as ids on tweets.tweet_id = ids.tweet_id where tweets.author_id in (' ~ numbers | join(', ') ~ ')'
        ) }}
    {%- endif -%}
    {{ return(
        'select distinct tweets.tweet_id, cast(tweets.tweet_id as string) as tweet_key from ' ~ base_tweets
        ~ ' as tweets where tweets.author_id in (' ~ numbers | join(', ') ~ ')'
    ) }}
{% endmacro %}


{% macro list_erased_ids_sql(erased_ids, keys, tweets) %}
insert into {{ erased_ids }} (id_hash, erased_at)

select new_ids.id_hash, {{ timestamp_literal(run_started_at) }}

from (
    {% for key in keys %}
    select {{ id_hash('user', quoted_text(key)) }} as id_hash
    union distinct
    {% endfor %}
    select {{ id_hash('tweet', 'tweets.tweet_key') }} as id_hash from {{ tweets }} as tweets
) as new_ids

where new_ids.id_hash not in (select known_ids.id_hash from {{ erased_ids }} as known_ids)
{% endmacro %}


{#
    Texts of a table that no run makes again, or that shows before the next one. Communities without a topic are called by a member, and a
    member had perhaps another name then. Examples of rejected rows go altogether.
#}
{% macro forget_in_texts(keys, numbers) %}
    {%- set relations = {} -%}
    {%- for name in ['clusters', 'fine_clusters', 'cluster_history', 'known_for_history', 'base_users', 'input_report', 'int_stream_files'] -%}
        {%- do relations.update({name: stored_model(name)}) -%}
    {%- endfor -%}
    {%- for name in ['input_report', 'int_stream_files'] if relations[name] -%}
        {%- do run_query('update ' ~ relations[name] ~ ' set example_row = null where example_row is not null') -%}
    {%- endfor -%}
    {%- if relations['int_stream_files'] -%}
        {#- Their problems may quote a row. The stream reads them again. -#}
        {%- do run_query('delete from ' ~ relations['int_stream_files'] ~ " where outcome in ('failed', 'waits')") -%}
    {%- endif -%}
    {%- if not numbers -%}
        {{ return('') }}
    {%- endif -%}
    {%- set users = '(' ~ numbers | join(', ') ~ ')' -%}

    {%- if relations['cluster_history'] and relations['known_for_history'] -%}
        {%- do run_query(
            'update ' ~ relations['cluster_history'] ~ " as kept_rows set cluster_name = 'around an erased user' where starts_with(cluster_name, 'around ')"
            ~ ' and exists (select 1 as one from ' ~ relations['known_for_history'] ~ ' as members where members.as_of = kept_rows.as_of'
            ~ ' and members.cluster_id = kept_rows.cluster_id and members.producer_id in ' ~ users ~ ')'
        ) -%}
    {%- endif -%}
    {%- if relations['clusters'] -%}
        {%- set names = keys + numbers | map('string') | list -%}
        {%- if relations['base_users'] -%}
            {%- for row in run_query('select screen_name from ' ~ relations['base_users'] ~ ' where screen_name is not null and user_id in ' ~ users).rows -%}
                {%- do names.append(row[0]) -%}
            {%- endfor -%}
        {%- endif -%}
        {#- Each name stands between commas, once, however many go. -#}
        {%- set wrapped = "case when starts_with(top_producers, ', ') then top_producers else concat(', ', top_producers, ', ') end" -%}
        {%- for name in names | unique(case_sensitive=true) -%}
            {%- set listed = quoted_text(', ' ~ name ~ ', ') -%}
            {%- do run_query(
                'update ' ~ relations['clusters'] ~ ' set cluster_name = case when cluster_name = ' ~ quoted_text('around ' ~ name)
                ~ " then 'around an erased user' else cluster_name end, top_producers = replace(" ~ wrapped ~ ', ' ~ listed
                ~ ", ', an erased user, ') where strpos(" ~ wrapped ~ ', ' ~ listed ~ ') > 0 or cluster_name = '
                ~ quoted_text('around ' ~ name)
            ) -%}
            {%- for column in ['cluster_name', 'parent_cluster_name'] if relations['fine_clusters'] -%}
                {%- do run_query(
                    'update ' ~ relations['fine_clusters'] ~ ' set ' ~ column ~ " = 'around an erased user' where " ~ column ~ ' = '
                    ~ quoted_text('around ' ~ name)
                ) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- do run_query(
            'update ' ~ relations['clusters'] ~ " set top_producers = substr(top_producers, 3, length(top_producers) - 4) where starts_with(top_producers, ', ')"
        ) -%}
    {%- endif -%}
{% endmacro %}


{# Of what they faved. The cells go, and no pair counts as summed. So the next pass makes them from the pairs that are left. #}
{% macro read_tweets_again(numbers) %}
    {%- set relations = {} -%}
    {%- for name in ['int_stream_pairs', 'int_tweet_cluster_partials'] -%}
        {%- do relations.update({name: stored_model(name)}) -%}
    {%- endfor -%}
    {%- if numbers and relations['int_stream_pairs'] and relations['int_tweet_cluster_partials'] -%}
        {%- set faved = 'tweet_id in (select faved.tweet_id from ' ~ relations['int_stream_pairs'] ~ ' as faved where faved.user_id in (' ~ numbers | join(', ') ~ '))' -%}
        {%- do run_query('update ' ~ relations['int_stream_pairs'] ~ ' set folded_event = null where ' ~ faved) -%}
        {%- do run_query('delete from ' ~ relations['int_tweet_cluster_partials'] ~ ' where ' ~ faved) -%}
    {%- endif -%}
{% endmacro %}


{# A key that begins with a space is none of the inputs. #}
{% macro forget_keys(kind, numbers) %}
    {%- if numbers and has_dictionary_rows(kind) -%}
        {%- do run_query(
            'update ' ~ id_dictionary(kind) ~ ' set ' ~ kind ~ "_key = concat(' erased ', cast(" ~ kind ~ '_id as string)) where ' ~ kind ~ '_id in ('
            ~ numbers ~ ')'
        ) -%}
    {%- endif -%}
{% endmacro %}
