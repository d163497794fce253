"""Comparing all public tables of two databases, as the two warehouses are compared."""

from __future__ import annotations

import sys

import duckdb
from dbt_command import PROJECT, Warehouse

sys.path.insert(0, str(PROJECT / "tests" / "bigquery"))

import parity  # noqa: E402  the folder of the harness is no package


def public_tables(manifest: dict) -> dict[str, parity.Table]:
    """The public tables and views, by name."""
    public = {node["name"] for node in manifest["nodes"].values() if node["config"].get("access") == "public"}
    return {name: table for name, table in parity.compared_tables(manifest).items() if name in public}


def assert_equal_tables(left: Warehouse, right: Warehouse, tables: dict[str, parity.Table]) -> None:
    """All tables hold the same rows; floats may differ in their last digits, because sums depend on the order of rows."""
    for name, table in tables.items():
        rows = []
        for warehouse in (left, right):
            with duckdb.connect(str(warehouse.database), read_only=True) as connection:
                rows.append(connection.sql(f"from {name}").to_arrow_table())
        assert parity.differences(table, *rows) == [], name
