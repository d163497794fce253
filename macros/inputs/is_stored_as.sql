{# Whether every value of a stored type, in the words of either adapter, is a value of the type that the pipeline expects. #}
{% macro is_stored_as(column_type, stored_type) %}
    {{ return(stored_type in {
        'int64': ['int64', 'bigint', 'integer', 'smallint', 'tinyint', 'uinteger', 'usmallint', 'utinyint'],
        'string': ['string', 'varchar'],
        'bool': ['bool', 'boolean'],
        'timestamp': ['timestamp'],
    }[column_type]) }}
{% endmacro %}
