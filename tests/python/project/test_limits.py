"""Limits that belong to one table stand in the seed table_limits: each that a model reads, and no other."""

import csv
import re

from dbt_command import PROJECT

READ = re.compile(r"select ([\w, ]+)\s+from {{ ref\('table_limits'\) }} where table_name = '(\w+)'(?: and item_name = '(\w+)')?\)")
# Where both engines read a limit of their table.
READERS = {"co_followed_producers": "int_co_follow_list_lengths"}
LIMITED = re.compile(r"limited_table: (\w+)(?:, limited_item: (\w+))?")


def table_limits():
    with (PROJECT / "seeds" / "table_limits.csv").open(newline="") as file:
        return {(row["table_name"], row["item_name"]): row for row in csv.DictReader(file)}


def test_each_limit_that_a_model_reads_is_set():
    limits = table_limits()
    read = set()
    for model in (PROJECT / "models").rglob("*.sql"):
        text = model.read_text()
        reads = READ.findall(text)
        assert len(reads) == text.count("ref('table_limits')"), f"{model.name} reads table_limits in another way"
        for columns, table, item in reads:
            assert model.stem in (table, f"int_{table}", READERS.get(table))
            [key] = (key for key in limits if key[0] == table and item in ("", key[1]))
            read |= {(*key, column) for column in columns.split(", ")}
    values = {(*key, column) for key, row in limits.items() for column in list(row)[2:] if row[column]}
    assert read == values


def test_each_limit_that_a_test_names_is_set():
    """No number of rows is more than a limit that is not there."""
    named = [found for model in (PROJECT / "models").rglob("*.yml") for found in LIMITED.findall(model.read_text())]
    assert len(named) > 10
    for table, item in named:
        [row] = (row for key, row in table_limits().items() if key[0] == table and item in ("", key[1]))
        assert row["items_per_group"], table
