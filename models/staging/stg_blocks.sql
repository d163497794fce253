with

accepted_blocks as (select user_id, blocked_user_id from {{ ref('base_blocks') }} where rejection_reason is null)

select * from accepted_blocks
