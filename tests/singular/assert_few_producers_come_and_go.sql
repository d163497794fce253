{{ config(severity = 'warn') }}

{# It happens on a day with other ids, or with half of the input. #}
{{ large_producer_changes(['joined', 'left'], 'turnover_share') }}
