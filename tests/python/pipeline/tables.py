"""Comparing all public tables of two databases."""

import json
import math

TOLERANCE = 1e-9


def public_tables(warehouse):
    """Public table -> the columns of its grain, from the manifest."""
    manifest = json.loads((warehouse.folder / "target" / "manifest.json").read_text())
    grains = {
        test["attached_node"]: test["test_metadata"]["kwargs"]["columns"]
        for test in manifest["nodes"].values()
        if test["resource_type"] == "test" and (test.get("test_metadata") or {}).get("name") == "unique_grain"
    }
    return {
        node["name"]: grains[unique_id]
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
        and node["config"].get("access") == "public"
        and node["config"]["materialized"] != "table_function"
    }


def read_table(warehouse, table, grain):
    """Rows in the order of the grain, and the names of the columns."""
    columns = [row[0] for row in warehouse.query(f"describe {table}")]
    return columns, warehouse.query(f"select * from {table} order by {', '.join(grain)}")


def assert_equal_tables(left, right, tables):
    """All tables hold the same rows; floats may differ in their last digits, because sums depend on the order of rows."""
    for table, grain in tables.items():
        columns, left_rows = read_table(left, table, grain)
        _, right_rows = read_table(right, table, grain)
        assert len(left_rows) == len(right_rows), f"{table}: {len(left_rows)} and {len(right_rows)} rows"
        for left_row, right_row in zip(left_rows, right_rows, strict=True):
            for column, left_value, right_value in zip(columns, left_row, right_row, strict=True):
                same = left_value == right_value or (
                    isinstance(left_value, float)
                    and isinstance(right_value, float)
                    and math.isclose(left_value, right_value, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
                )
                assert same, f"{table}.{column}: {left_value!r} and {right_value!r} in {left_row}"
