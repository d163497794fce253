{#
    Each step joins the one before once, so the text says it once too. The row of the diagonal brings what is known of the coefficient.
    It stops at the first step that leads nowhere, as the kernel does: samples need not be those of any followers.
#}
{% macro conjugate_gradient_steps(steps, equations='equations', prefix='') -%}
{%- set list = 'preference, fold_number, producer_position' -%}
{%- for step in range(1, steps + 1) -%}
    {{ prefix }}images_{{ step }} as (
        select
            earlier.preference,
            equations.fold_number,
            equations.producer_position,
            equations.known_position,
            {% for name in ['penalty', 'scale', 'coefficient', 'residual', 'direction', 'size'] -%}
                max(case when equations.known_position = equations.other_position then earlier.{{ name }} end) as {{ name }},
            {% endfor -%}
            sum(
                (equations.follower_weight + case when equations.known_position = equations.other_position then earlier.penalty else 0.0 end)
                * earlier.direction
            ) as image

        from {{ prefix }}step_{{ step - 1 }} as earlier

        inner join {{ equations }} as equations
            on earlier.fold_number = equations.fold_number
                and earlier.producer_position = equations.producer_position
                and earlier.known_position = equations.other_position

        group by earlier.preference, equations.fold_number, equations.producer_position, equations.known_position
    ),

    {{ prefix }}lengths_{{ step }} as (
        select *, case when curvature > 0 and size > 0 then size / curvature else 0.0 end as step_length
        from (select *, sum(image * direction) over (partition by {{ list }}) as curvature from {{ prefix }}images_{{ step }}) as curvatures
    ),

    {{ prefix }}moves_{{ step }} as (
        select *, residual - step_length * image as new_residual from {{ prefix }}lengths_{{ step }}
    ),

    {{ prefix }}step_{{ step }} as (
        select
            {{ list }},
            known_position,
            penalty,
            scale,
            coefficient + step_length * direction as coefficient,
            new_residual as residual,
            case when step_length > 0 then scale * new_residual + new_size / size * direction else direction end as direction,
            new_size as size

        from (select *, sum(scale * new_residual * new_residual) over (partition by {{ list }}) as new_size from {{ prefix }}moves_{{ step }}) as sizes
    )
    {{- ',' if not loop.last }}

{% endfor -%}
{%- endmacro %}
