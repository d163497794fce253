{# Nothing that simclusters means: the machines of the company. #}
select 'west' as cluster_name, 3 as machine_count
