"""dbt with what it does once (simclusters/quick_dbt.py) and dbt as it is do the same."""

import json
import re
import subprocess
import sys

import jsonschema
import pytest
from dbt.artifacts.resources import TestConfig
from dbt_command import PROJECT, run_dbt
from dbt_common.clients.jinja import get_template
from hypothesis import given
from hypothesis import strategies as st

from simclusters.quick_dbt import KNOWN_VERSIONS, SURE_TYPES, MadeWhenAsked, PlainTexts, is_certainly_valid

MODEL = """
-- Begins with a remark, so that fixtures follow it.
with

numbers as (select number from {{ ref('numbers') }} where number < {{ limit() }})

select
    number,
    {{ factorial(4) }} as factorial,
    '{{ var("plain") }}' as plain,
    '{{ var("rendered") }}' as rendered,
    '{{ modules.re.sub("a", "b", "banana") }}' as replaced,
    {{ string_literal('own') }} as own,
    {{ dbt.string_literal('of dbt') }} as of_dbt

from numbers
"""
MACROS = """
{% macro limit() %}{{ return(3) }}{% endmacro %}
{% macro factorial(n) %}{{ return(1 if n < 2 else n * factorial(n - 1)) }}{% endmacro %}
{% macro string_literal(text) %}{{ return("'<" ~ text ~ ">'") }}{% endmacro %}
"""


def unit_test(name, model, expected, **overrides):
    given = [{"input": "ref('numbers')", "rows": [{"number": 1}, {"number": 5}]}]
    return {"name": name, "model": model, "given": given, "expect": {"rows": expected}, "overrides": overrides}


ACCEPTED = {"accepted_values": {"arguments": {"values": [1, 2]}, "config": {"severity": "warn"}}}
PROPERTIES = {
    "models": [{"name": "numbers", "columns": [{"name": "number", "data_tests": ["not_null", ACCEPTED]}]}],
    "unit_tests": [
        unit_test("passes", "described", [{"number": 1, "factorial": 24, "plain": "text"}]),
        unit_test("knows_another_macro", "described", [{"number": 1}, {"number": 5}], macros={"limit": 9}),
        unit_test("knows_another_var", "described", [{"number": 1, "plain": "other"}], vars={"plain": "other"}),
        unit_test("fails", "twice", [{"number": 2}]),
    ],
}
FILES = {
    "dbt_project.yml": json.dumps({"name": "small", "profile": "small", "vars": {"plain": "text", "rendered": "{{ 1 + 1 }}"}}),
    "profiles.yml": json.dumps({"small": {"target": "x", "outputs": {"x": {"type": "duckdb", "path": "x.duckdb"}}}}),
    "models/numbers.sql": "select unnest([1, 2, 3]) as number",
    "models/described.sql": MODEL,
    "models/twice.sql": "select 2 * number as number from {{ ref('numbers') }}",
    "models/broken.sql": "{{ exceptions.raise_compiler_error('a mistake') if execute }}",
    "models/properties.yml": json.dumps(PROPERTIES),
    "macros/macros.sql": MACROS,
}


def without_times(entries):
    """Parts of a manifest without what depends on when dbt read it."""
    return {
        name: {key: value for key, value in entry.items() if key != "created_at"} if isinstance(entry, dict) else entry
        for name, entry in entries.items()
    }


def test_statements_statuses_and_messages_are_those_of_dbt_as_it_is(tmp_path, monkeypatch):
    monkeypatch.delenv("DBT_TARGET_PATH", raising=False)
    for name in ("plain", "quick"):
        for path, text in FILES.items():
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_text(text)
    arguments = ["--log-level-file", "none", "build", "--no-use-colors"]
    command = [sys.executable, "-m", "dbt.cli.main", *arguments]
    plain = subprocess.Popen(command, cwd=tmp_path / "plain", stdout=subprocess.PIPE, text=True)
    quick = run_dbt(arguments, tmp_path / "quick", {"DBT_WRITE_JSON": "true"})
    printed = plain.communicate()[0]

    def results(name):
        found = json.loads((tmp_path / name / "target" / "run_results.json").read_text())["results"]
        kept = ("status", "message", "compiled_code", "failures", "relation_name")
        return {one["unique_id"]: {key: one[key] for key in kept} for one in found}

    def nodes(name):
        found = json.loads((tmp_path / name / "target" / "manifest.json").read_text())
        return {kind: without_times(found[kind]) for kind in ("nodes", "unit_tests", "macros", "disabled")}

    assert results("quick") == results("plain")
    assert nodes("quick") == nodes("plain")
    by_name = {name.split(".")[-1]: one["status"] for name, one in results("quick").items()}
    assert [by_name[name] for name in ("broken", "fails", "passes", "knows_another_macro", "knows_another_var")] == [
        *("error", "fail", "pass", "pass", "pass")
    ], quick.output
    assert "a mistake" in printed
    assert "a mistake" in quick.output


def test_the_versions_that_are_installed_are_known():
    """Else dbt runs as it is, and all tests take half as long again."""
    for lock in ("requirements.lock", "tests/bigquery/requirements.txt"):
        pins = dict(re.findall(r"^([\w-]+)==([\w.]+)", (PROJECT / lock).read_text(), re.MULTILINE))
        assert {name: pins.get(name) for name in KNOWN_VERSIONS} == KNOWN_VERSIONS, lock


def test_other_versions_of_dbt_run_as_they_are():
    code = (
        "from dbt.context.macros import MacroNamespaceBuilder as builder; from simclusters import quick_dbt\n"
        "before = builder.build_namespace; quick_dbt.KNOWN_VERSIONS['jinja2'] = '0'; quick_dbt.quicken_dbt()\n"
        "assert builder.build_namespace is before"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("look", [dict, list, len, lambda made: dict(**made), lambda made: made.copy(), lambda made: {} | dict(made)])
def test_who_looks_at_all_values_gets_all(look):
    waiting = {"a": 1, "b": 2}
    assert look(MadeWhenAsked(waiting, lambda value: value)) == look(waiting)


def test_a_value_is_made_once_and_only_when_asked_for():
    made = []
    values = MadeWhenAsked({"a": 1, "b": 2}, lambda value: made.append(value) or value)
    assert "b" in values
    assert "c" not in values
    assert (values["a"], values.get("a"), values.get("c", 7), made) == (1, 1, 7, [1])
    values["b"] = 5
    assert dict(values) == {"a": 1, "b": 5}
    with pytest.raises(KeyError):
        values["c"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats(-1, 1) | st.sampled_from(["a", "b", "ab", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
    max_leaves=6,
)
PLAIN_SCHEMAS = st.sampled_from(
    [{}, {"enum": ["a", None, 1]}, {"const": "a"}, {"pattern": "^a"}, *({"type": kind} for kind in SURE_TYPES)]
)
SCHEMAS = st.recursive(
    PLAIN_SCHEMAS,
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(sorted(SURE_TYPES)),
            "anyOf": st.lists(inner, min_size=1, max_size=3),
            "items": inner,
            "propertyNames": inner,
            "properties": st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
            "additionalProperties": st.booleans() | inner,
            "required": st.lists(st.sampled_from(["a", "b"]), max_size=2, unique=True),
            "minItems": st.integers(0, 2),
            "default": st.none(),
        },
    ),
    max_leaves=4,
)


@given(schema=SCHEMAS, value=JSON)
def test_laws_what_is_certainly_valid_is_valid(schema, value):
    assert not is_certainly_valid(schema)(value) or jsonschema.Draft7Validator(schema).is_valid(value)


def test_configs_of_data_tests_are_certainly_valid(manifest):
    """So none of these, of which there are most, takes the long way. They are as dbt writes them, which is how it reads them."""
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test":
            assert is_certainly_valid(TestConfig.json_schema())(node["config"]), node["name"]


@given(st.text(alphabet="ab{}%#'\"1 \n\r", max_size=8))
def test_laws_a_text_without_anything_to_render_stays_as_it_is(text):
    """As dbt finds when it renders it: of one line it is itself."""
    if not re.search(r"({[{%#]|[#}%]})", text):
        known = PlainTexts()
        rendered = get_template(text, {}, native=True).render({})
        assert text not in known or known[text] == rendered
