{{ config(severity = 'warn') }}

{# A day with other ids, or half of the input. #}
{{ large_producer_changes(['joined', 'left'], 'turnover_share') }}
