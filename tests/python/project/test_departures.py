"""The register of departures is true: its values are those of vars and seeds, its published ones those of production_vars.yml."""

import csv
import re

import yaml
from dbt_command import PROJECT

PAGE_ROW = re.compile(r"^\| (.+?) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def rows_of(seed: str) -> list[dict[str, str]]:
    with (PROJECT / "seeds" / f"{seed}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def text_of(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def settings_of(file: str) -> dict[str, str]:
    settings = yaml.safe_load((PROJECT / file).read_text())
    return {name: text_of(value) for name, value in settings.get("vars", settings).items()}


REGISTER = rows_of("departures")
DEFAULTS, PUBLISHED = settings_of("dbt_project.yml"), settings_of("production_vars.yml")
OF_VARS = {row["set_by"].removeprefix("var "): row for row in REGISTER if row["set_by"].startswith("var ")}


def test_a_departure_in_a_var_has_its_default_and_its_published_value():
    for name, row in OF_VARS.items():
        assert row["here"] == DEFAULTS[name], name
        assert row["published"] == PUBLISHED.get(name, row["published"]), name


def test_each_published_var_that_differs_from_its_default_is_a_departure():
    differing = {name for name, value in PUBLISHED.items() if value != DEFAULTS[name]}
    assert differing == set(PUBLISHED), "a published value that is the default is said twice"
    assert differing <= set(OF_VARS)


def test_a_departure_in_a_seed_has_the_value_of_its_cell():
    of_seeds = [row for row in REGISTER if row["set_by"] and not row["set_by"].startswith("var ")]
    assert of_seeds
    for row in of_seeds:
        seed, key, column = row["set_by"].split()
        values = {entry[column] for entry in rows_of(seed) if key in entry.values()}
        assert values == {row["here"]}, row["set_by"]


def test_the_page_shows_the_register():
    shown = PAGE_ROW.findall((PROJECT / "docs" / "departures.md").read_text())
    assert shown[1:] == [tuple(row[column] for column in ("system", "rule", "published", "here", "reason")) for row in REGISTER]
