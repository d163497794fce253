"""Text of vars reaches SQL as text, whatever it holds."""

from __future__ import annotations

import ast
import json
import re

import duckdb
import pytest
import yaml
from dbt_command import PROJECT

TEXTS = {
    "quotes": "it's \"quoted\" ''twice''",
    "a statement": "x'; drop table known_for; --",
    "comments": "-- /* # */",
    "backslashes": "C:\\new\\' \\\\ \\",
    # dbt itself renders what stands in pairs of braces, in any var.
    "braces": "{one} {a: {b: c}} }} %} ${x}",
    "line ends": "one\ntwo\r\nthree\ttabbed",
    "emoji": "🦆 naïve 名前",
    "patterns": "100 % _ $1 ${HOME} :name ?",
}
# Jinja makes one line end of a carriage return and a line feed.
EVERYTHING = " ".join(TEXTS.values()).replace("\r", "")
# Vars that are text, and reach a literal of SQL. Others are paths, names or words of a list, which the check of the vars knows.
IN_LITERALS = {"model_version", "versioned_embedding_types", "as_of", "score_reference_as_of", "consumer_score", "engagement_types"}
# What run_report counts, all with all columns that it asks for.
COUNTED = (
    *("stg_follows", "stg_engagements", "stg_tweets", "stg_users", "stg_tweet_topics", "stg_topic_follows", "stg_opt_outs"),
    *("producers", "producer_similarity_edges", "known_for", "clusters", "interested_in"),
    *("cluster_top_tweets", "tweet_candidates", "input_report"),
)
COUNTED_COLUMNS = ("consumer_id", "producer_id", "user_id", "tweet_id", "author_id", "engagement_type", "is_eligible", "row_count")


@pytest.mark.parametrize("kind", TEXTS)
def test_both_warehouses_read_a_text_back_as_it_is(parsed_warehouse, kind):
    """It comes to the macro by a var, as users' texts do."""
    macros = ("quoted_text", "simclusters.bigquery__quoted_text")
    expression = "VALUE".join(["", *("{{ tojson(" + macro + "(var('model_version'))) }}" for macro in macros), ""])
    outcome = parsed_warehouse.dbt("compile", "--inline", expression, variables={"model_version": TEXTS[kind]})
    on_duckdb, on_bigquery = map(json.loads, outcome.output.split("VALUE")[1:3])
    assert duckdb.sql(f"select {on_duckdb}").fetchall() == [(TEXTS[kind],)]
    assert "\n" not in on_bigquery
    assert "\r" not in on_bigquery
    # Python and BigQuery read these escapes alike.
    assert ast.literal_eval(on_bigquery) == TEXTS[kind]


def test_a_version_of_any_name_is_stored_and_replaced(new_warehouse):
    warehouse = new_warehouse()
    warehouse.execute("create table stg_as_of as select timestamp '2026-01-01' as as_of")
    for name in COUNTED:
        warehouse.execute(f"create table {name} as select {', '.join(f'1 as {column}' for column in COUNTED_COLUMNS)} limit 0")
    warehouse.execute(
        """
        create table candidate_recall as select 'tweets' as item_kind, 'any' as candidate_type, 10 as cutoff, 0.5::double as recall;
        create table cluster_metric_distributions (metric_name varchar, mean_value double);
        create table known_for_changes (as_of timestamp, change_kind varchar, producer_share double);
        create table cluster_quality_summary (
            largest_cluster_share double, unweighted_recall double, weighted_recall double, modularity double,
            relative_precision double, weight_score_correlation double
        )
        """
    )
    warehouse.execute("insert into known_for (producer_id) values (1)")
    for _ in range(2):
        warehouse.build("run", "--select", "run_report", variables={"model_version": EVERYTHING})
        rows = warehouse.query("select model_version, metric_value from run_report where metric_value > 0 order by metric_value")
        assert rows == [(EVERYTHING, 0.5), (EVERYTHING, 1.0)]
    assert warehouse.query("select count(*) from known_for") == [(1,)]


def test_kept_embedding_types_may_have_any_name(new_warehouse):
    warehouse = new_warehouse()
    warehouse.execute("create table stg_as_of as select timestamp '2026-01-01' as as_of")
    quoted = "'" + EVERYTHING.replace("'", "''") + "'"
    warehouse.execute(
        f"""
        create table embeddings as
        select
            'v' as model_version, embedding_type, 'consumer' as entity_kind, 1::bigint as entity_id, '' as consumer_language,
            '' as consumer_country,
            1::bigint as cluster_id, 1::bigint as cluster_rank, 1::double as embedding_score
        from (values ('other'), ({quoted})) as types (embedding_type)
        """
    )
    warehouse.build("run", "--select", "embedding_versions", variables={"versioned_embedding_types": [EVERYTHING]})
    assert warehouse.query("select embedding_type from embedding_versions") == [(EVERYTHING,)]
    warehouse.build("run", "--select", "embedding_versions", variables={"versioned_embedding_types": []})


@pytest.mark.parametrize("name", ["it's", 'sche"ma', "back`tick", "back\\slash", "two\nlines"])
def test_a_schema_that_cannot_be_named_stops_the_run(parsed_warehouse, name):
    outcome = parsed_warehouse.dbt("run", "--select", "stg_follows", variables={"input_schema": name})
    assert "is not a name without quotes and backslashes" in outcome.error


def test_no_text_var_stands_between_quotes_of_its_own():
    """It goes through quoted_text, also under another name."""
    assert set(yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]) > IN_LITERALS
    found = []
    for path in [path for folder in ("models", "macros", "tests") for path in (PROJECT / folder).rglob("*.sql")]:
        sql = path.read_text()
        names = "|".join(IN_LITERALS)
        sets = re.findall(rf"set (\w+) = var\('(?:{names})'\)", sql)
        for expression in re.findall(r"'\{\{(.*?)\}\}", sql):
            if re.search(rf"var\('(?:{names})'\)", expression) or expression.strip().split(" ")[0] in sets:
                found.append(f"{path.relative_to(PROJECT)}: {expression}")
    assert found == []


def test_no_table_function_makes_sql_of_its_arguments(built_warehouse):
    """They are values in it. DuckDB has functions that take SQL, or the name of a table or file, as a text."""
    functions = built_warehouse.query(
        "select function_name, macro_definition from duckdb_functions() where function_type = 'table_macro' and not internal"
    )
    assert len(functions) > 5
    makers = re.compile(r"\b(query|query_table|getvariable|glob|read_\w+)\s*\(", re.IGNORECASE)
    assert [name for name, definition in functions if makers.search(definition)] == []
    assert makers.search("select * from query('select 1')")
