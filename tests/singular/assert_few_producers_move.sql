{{ config(severity = 'warn') }}

{{ large_producer_changes(['moved'], var('warn_moved_share')) }}
