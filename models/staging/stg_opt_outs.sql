with

accepted_opt_outs as (select user_id, topic_id, opt_out_kind from {{ ref('base_opt_outs') }} where rejection_reason is null)

select * from accepted_opt_outs
