{{ config(severity = 'warn') }}

{{ large_producer_changes(['moved'], 'moved_share') }}
