"""Vars are checked before anything is built: type, range, allowed words, unknown names and names that are gone."""

from __future__ import annotations

import json

import pytest
import yaml
from dbt_command import PROJECT, Warehouse

# Name, value, and what the message must say of it.
UNUSABLE = [
    ("fav_half_life_days", 0, "'0' is not a number above 0"),
    ("topic_fav_half_life_days", -5, "'-5' is not a number above 0"),
    ("clusters_per_consumer", -1, "'-1' is not a whole number from 1"),
    ("clusters_per_producer", 2.5, "'2.5' is not a whole number from 1"),
    ("communities_k", "many", "'many' is not auto or a whole number from 1"),
    ("neighbors_per_producer", True, "'True' is not a whole number from 1"),
    ("holdout_follow_share", 2, "'2' is not a number from 0 below 1"),
    ("rejected_share_limit", 1.01, "'1.01' is not a number from 0 to 1"),
    ("holdout_engagement_share", "some", "'some' is not a number from 0 below 1"),
    ("input_models", "my_follows", "'my_follows' is not a mapping like {name: value}"),
    ("stream_bucket_minutes", 0, "'0' is not a number above 0"),
    ("stream_window_hours", "a day", "'a day' is not a number above 0"),
    ("consumer_score", "favs", "'favs' is not empty or auto or log_fav or fav or follow"),
    ("recipe_time_factor", float("inf"), "'inf' is not auto or a number above 0"),
    ("similarity_floor", float("nan"), "'nan' is not a number from 0 to 1"),
    ("similarity_follower_cap", "some", "'some' is not auto or a whole number from 0"),
    ("community_edge_weight", "cubed", "'cubed' is not cosine or squared"),
    ("community_moves", "off", "'off' is not true or false"),
    ("stream_counts", "twice", "'twice' is not exact or every_fav"),
    ("versioned_embedding_types", "known_for", "'known_for' is not a list like [name, name]"),
    ("score_reference_as_of", "last week", "'last week' is not empty or a time in UTC like 2026-01-31 23:59:59"),
    ("engagement_types", {"clap": "favs"}, "'clap' stands for 'favs', which is no engagement type; these are: fav, unfav,"),
    ("communities_K", 30, "there is none; perhaps communities_k"),
    ("fav_halflife_days", 30, "there is none; perhaps fav_half_life_days"),
    ("mh_seed", 7, "there is none; perhaps "),
]


def evaluated(warehouse: Warehouse, expression: str):
    """The value of a Jinja expression."""
    outcome = warehouse.dbt("compile", "--inline", "VALUE{{ tojson(" + expression + ") }}VALUE")
    return json.loads(outcome.output.split("VALUE")[1])


@pytest.fixture(scope="module")
def message(tmp_path_factory):
    """What a run with all of these vars ends with, parsed with them as on a command line. The vars that have no row here are text."""
    warehouse = Warehouse(tmp_path_factory.mktemp("unusable"))
    names = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
    # dbt decides while it parses which engine a project has.
    variables = {name: "some" for name in names if name not in ("engine", "engines")}
    variables |= {name: value for name, value, _ in UNUSABLE}
    warehouse.build("parse", variables=variables)
    outcome = warehouse.dbt("run", "--select", "stg_follows", variables=variables)
    assert not outcome.success
    return outcome.error


@pytest.mark.parametrize(("name", "value", "complaint"), UNUSABLE)
def test_a_var_that_cannot_be_used_is_named_with_its_rule(message, name, value, complaint):
    assert f"- var {name}: {complaint}" in message


def test_the_search_for_k_needs_community_moves(parsed_warehouse):
    """The sampler alone has one resolution, which must be given; and what then asks for nothing is named."""
    outcome = parsed_warehouse.dbt("run", "--select", "stg_follows", variables={"community_moves": False})
    assert "var true_positive_weight: 0 searches for communities_k by community moves, and community_moves is false" in outcome.error


def test_nothing_is_built_or_loaded_then(parsed_warehouse, message):
    assert "no table was replaced" in message
    assert parsed_warehouse.query("select table_name from duckdb_tables()") == []


def test_each_var_has_a_rule_and_its_default_keeps_it(parsed_warehouse):
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
    rules = evaluated(parsed_warehouse, "var_rules()")
    assert set(rules) == set(project)
    defaults = project | yaml.safe_load((PROJECT / "production_vars.yml").read_text())
    checks = ", ".join(f"{json.dumps(name)}: fits_rule(var({json.dumps(name)}), var_rules()[{json.dumps(name)}])" for name in project)
    for variables in ({}, defaults):
        parsed_warehouse.variables = variables
        assert [name for name, fits in evaluated(parsed_warehouse, "{" + checks + "}").items() if not fits] == []
    parsed_warehouse.variables = {}


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (1, "a number from 0 to 1"),
        (0, "a number from 0 below 1"),
        (1e-9, "a number above 0"),
        ("auto", "auto or a whole number from 0"),
        (12, "auto or a whole number from 0"),
        ("", "empty or a time in UTC like 2026-01-31 23:59:59"),
        ("2026-01-31", "empty or a time in UTC like 2026-01-31 23:59:59"),
        ("2026-01-31T23:59:59.5", "empty or a time in UTC like 2026-01-31 23:59:59"),
        ("it's {{ a }} \\ text;", "text"),
        ([], "a list like [name, name]"),
        ({}, "a mapping like {name: value}"),
    ],
)
def test_a_value_inside_its_bounds_is_taken(parsed_warehouse, value, rule):
    expression = f"fits_rule(fromjson({json.dumps(json.dumps(value))}), {json.dumps(rule)})"
    if "{{" in str(value):
        expression = expression.replace("{{", "{' ~ '{").replace("}}", "}' ~ '}")
    assert evaluated(parsed_warehouse, expression) is True


def test_names_of_dbt_project_yml_are_checked_too(parsed_warehouse):
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
    assert set(evaluated(parsed_warehouse, "given_vars()")) == set(project)
