{# A table, because the input is read once, and its good rows stay when a file changes. #}
{{ checked_rows('user_languages') }}
