with

communities as (

    select
        as_of,
        producer_id,
        cluster_id

    from {{ ref('int_communities') }}

)

select * from communities
