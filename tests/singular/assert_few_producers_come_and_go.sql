{{ config(severity = 'warn') }}

{# It happens on a day with other ids, or with half of the input. #}
{{ large_producer_changes(['joined', 'left'], var('warn_turnover_share')) }}
