{#
    dbt takes any value of a var, and a name that nobody reads. So this runs before anything is built, and says everything in one message.
    A command of a project around this one that builds none of its models is left alone.
#}
{% macro check_vars() %}
    {% if not execute or flags.WHICH not in ['run', 'build'] or not is_selected() %}
        {{ return('') }}
    {% endif %}

    {% set problems, rules = [], var_rules() %}
    {% for name, rule in rules.items() if not fits_rule(var(name), rule) %}
        {% do problems.append('var ' ~ name ~ ": '" ~ var(name) ~ "' is not " ~ rule) %}
    {% endfor %}
    {% if var('engagement_types') is mapping %}
        {% for name, engagement_type in var('engagement_types').items() if engagement_type not in engagement_type_names() %}
            {% do problems.append(
                "var engagement_types: '" ~ name ~ "' stands for '" ~ engagement_type ~ "', which is no engagement type; these are: "
                ~ engagement_type_names() | join(', ')
            ) %}
        {% endfor %}
    {% endif %}
    {% for name in given_vars() if name not in rules %}
        {% do problems.append('var ' ~ name ~ ': there is none; perhaps ' ~ nearest_var(name)) %}
    {% endfor %}

    {% if var('community_moves') is false and var('true_positive_weight') == 0 %}
        {% do problems.append(
            'var true_positive_weight: 0 searches for communities_k by community moves, and community_moves is false; published, 10'
        ) %}
    {% endif %}

    {# Twice as much for each half-life: beyond this the numbers have no more room. #}
    {% if not problems and var('stream_window_hours') > 500 * var('stream_half_life_hours') %}
        {% do problems.append('var stream_window_hours: ' ~ var('stream_window_hours') ~ ' is more than 500 times stream_half_life_hours') %}
    {% endif %}

    {% if problems %}
        {{ exceptions.raise_compiler_error('The vars cannot be used; no table was replaced.\n- ' ~ problems | join('\n- ')) }}
    {% endif %}
    {% if var('true_positive_weight') > 0 and 'communities_k' in (invocation_args_dict.vars or {}) %}
        {{ log('var communities_k asks for nothing: true_positive_weight ' ~ var('true_positive_weight') ~ ' says how fine communities are', info=true) }}
    {% endif %}
{% endmacro %}


{# Jinja takes true and false for numbers. #}
{% macro fits_rule(value, rule) %}
    {% for alternative in rule.split(' or ') %}
        {% set bounds = {} %}
        {% for word, bound in modules.re.findall('(from|above|to|below) ([0-9.]+)', alternative) %}
            {% do bounds.update({word: bound | float}) %}
        {% endfor %}
        {% set kind = modules.re.match('a whole number|a number|a name|a time|a list|a mapping|text$|empty$|', alternative).group() %}

        {% if kind in ['a number', 'a whole number'] %}
            {% set is_number = value is number and value is not boolean and -1e300 < value < 1e300 %}
            {% if is_number and (kind == 'a number' or value is integer)
                and bounds.get('from', value) <= value <= bounds.get('to', value)
                and bounds.get('above', value - 1) < value < bounds.get('below', value + 1) %}
                {{ return(true) }}
            {% endif %}
        {% elif kind == 'text' and value is string
            or kind == 'a name' and value is string and not modules.re.search('[\"`\'\\\\\n\r]', value)
            or kind == 'a list' and value is sequence and value is not string and value is not mapping
            or kind == 'a mapping' and value is mapping
            or kind == 'a time' and is_written_time(value)
            or kind == 'empty' and (value is none or value == '')
            or not kind and (value == alternative or value is boolean and value | lower == alternative) %}
            {{ return(true) }}
        {% endif %}
    {% endfor %}
    {{ return(false) }}
{% endmacro %}


{# In UTC, because the pipeline's cast would drop a zone without a word. YAML makes a date of what looks like one. #}
{% macro is_written_time(value) %}
    {{ return(
        modules.re.match(
            '^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?)?$', value | string
        ) is not none
    ) }}
{% endmacro %}


{#
    Names of the command line and of dbt_project.yml. In a project around this one, those that dbt_project.yml does not give to simclusters
    may be for others.
#}
{% macro given_vars() %}
    {% set of_project = (fromyaml(project_file_text()) or {}).get('vars') or {} %}
    {% set names = [] %}
    {% if project_name == 'simclusters' %}
        {% do names.extend(invocation_args_dict.vars or {}) %}
        {% do names.extend(of_project) %}
    {% endif %}
    {% do names.extend(of_project.get('simclusters') or {}) %}
    {{ return(names | unique | reject('equalto', 'simclusters') | list) }}
{% endmacro %}


{# The name with the most pairs of letters in common, in relation to its length. #}
{% macro nearest_var(name) %}
    {% set best = {'score': -1, 'name': none} %}
    {% set pairs = letter_pairs(name) %}
    {% for candidate in var_rules() %}
        {% set candidate_pairs = letter_pairs(candidate) %}
        {% set score = (candidate_pairs | select('in', pairs) | list | length) / (candidate_pairs | length + pairs | length) %}
        {% if score > best['score'] %}
            {% do best.update({'score': score, 'name': candidate}) %}
        {% endif %}
    {% endfor %}
    {{ return(best['name']) }}
{% endmacro %}


{% macro letter_pairs(name) %}
    {% set letters = '^' ~ name | lower ~ '$' %}
    {% set pairs = [] %}
    {% for place in range(letters | length - 1) %}
        {% do pairs.append(letters[place:place + 2]) %}
    {% endfor %}
    {{ return(pairs) }}
{% endmacro %}
