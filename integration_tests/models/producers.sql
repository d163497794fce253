{# Nothing that simclusters means: who makes what the company sells. #}
select 'Acme Anvils' as producer_name
