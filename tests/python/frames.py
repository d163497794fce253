"""The tables of a built database as polars frames, for what is computed again without the project's code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import yaml
from dbt_command import PROJECT, Warehouse


class Tables:
    """Frames by name, read once when asked for, and the vars of the build: those of dbt_project.yml but for the warehouse's own."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.database = str(warehouse.database)
        self.variables: dict[str, Any] = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
        self.variables |= warehouse.variables
        self._frames: dict[str, pl.DataFrame] = {}
        self._take_resolved_settings()

    def _take_resolved_settings(self) -> None:
        """In the place of `auto` comes what the build resolved."""
        resolved = dict(self.query("select setting_name, used_number from int_graph_settings").iter_rows())
        for name, number in resolved.items():
            if self.variables[name] == "auto":
                self.variables[name] = ("follow" if number else "") if name == "consumer_score" else int(number)

    def __getitem__(self, name: str) -> pl.DataFrame:
        if name not in self._frames:
            self._frames[name] = self.query(f"select * from {name}")
        return self._frames[name]

    def limit(self, table: str, column: str = "items_per_group", item: str | None = None) -> Any:
        """What table_limits says of a table, or of one kind of item in it."""
        is_asked = (pl.col("table_name") == table) & (pl.col("item_name") == item if item else pl.lit(True))
        [value] = self["table_limits"].filter(is_asked)[column]
        return value

    def input(self, table: str) -> pl.DataFrame:
        """An input table as it came, before the pipeline looked at it."""
        folder = self.variables.get("input_dir")
        return pl.read_parquet(Path(folder) / f"{table}.parquet") if folder else self[f"raw_{table}"]

    def query(self, sql: str) -> pl.DataFrame:
        with duckdb.connect(self.database, read_only=True) as connection:
            return pl.from_arrow(connection.sql(sql).to_arrow_table())
