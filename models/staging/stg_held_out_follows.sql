{% set held_out_share = var('holdout_follow_share') | float %}
{% set held_out_file = var('holdout_follows_file') %}
-- depends_on: {{ ref('user_ids') if model.resource_type != 'unit_test' }}

with

accepted_follows as (select consumer_id, producer_id from {{ ref('base_follows') }} where rejection_reason is null),

{% if held_out_file %}
named_follows as (
    {% if has_text_ids('user') %}
    select distinct consumers.user_id as consumer_id, producers.user_id as producer_id

    from {{ read_file(held_out_file, ['consumer_id', 'producer_id']) }} as named

    inner join {{ ref('user_ids') }} as consumers on {{ id_key('named.consumer_id', 'string') }} = consumers.user_key
    inner join {{ ref('user_ids') }} as producers on {{ id_key('named.producer_id', 'string') }} = producers.user_key
    {% else %}
    select distinct cast(consumer_id as int64) as consumer_id, cast(producer_id as int64) as producer_id

    from {{ read_file(held_out_file, ['consumer_id', 'producer_id']) }}
    {% endif %}
),
{% endif %}

held_out_follows as (
    select accepted_follows.consumer_id, accepted_follows.producer_id

    from accepted_follows

    {% if held_out_file %}
        inner join named_follows
            on accepted_follows.consumer_id = named_follows.consumer_id
                and accepted_follows.producer_id = named_follows.producer_id
    {% elif held_out_share > 0 %}
        where {{ pair_hash('accepted_follows.consumer_id', 'accepted_follows.producer_id') }} < {{ held_out_share }} * 2147483647
    {% else %}
        where false
    {% endif %}
)

select * from held_out_follows
