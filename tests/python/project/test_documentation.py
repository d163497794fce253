"""The promises that the documentation makes, checked against the parsed project."""

import re
import tomllib

import pytest
import yaml

from simclusters.commands import report


@pytest.fixture(scope="module")
def models(manifest):
    return {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}


# One row in all, and events that can stand more than once.
GRAINLESS = {"stg_as_of", "int_stream_events", "int_stream_inbox"}


# The picture of the README: what stands above its folders, and where its notes begin.
INPUTS = "your tables"
PICTURE_COLUMNS = 44


def folder_of(model):
    return model["fqn"][1]


def connections(rows, boxes):
    """Pairs of boxes with a line from below the first to above the second; a line is what touches of the characters | + and -."""
    line_of = {}
    for row, text in enumerate(rows):
        for column, character in enumerate(text):
            if character in "|+-":
                touching = {line_of.get((row - 1, column)), line_of.get((row, column - 1))} - {None}
                line = min(touching, default=(row, column))
                line_of |= {cell: line for cell, other in line_of.items() if other in touching}
                line_of[row, column] = line

    def lines(row, box):
        return {line_of[row, column] for column in range(*box.span()) if (row, column) in line_of}

    return {
        (above[0], below[0])
        for row, above in boxes
        for other_row, below in boxes
        if lines(row + 1, above) & lines(other_row - 1, below)
    }


def is_public(model):
    return model["config"].get("access") == "public"


def shown_by(name):
    """Names that the view of a step with two engines may have: it shows the rows of one of them."""
    step = re.sub("_(sql|kernel)$", "", name)
    return {step, step.removeprefix("int_")} - {name}


def test_every_model_starts_from_its_grain(manifest, models):
    tested = {
        test["attached_node"].rsplit(".", 1)[1]
        for test in manifest["nodes"].values()
        if test["resource_type"] == "test" and (test.get("test_metadata") or {}).get("name") == "unique_grain"
    }
    for name, model in models.items():
        assert model["description"].startswith("One row"), name
        is_function = model["config"]["materialized"] == "typed_table_function"
        # A view of the good rows of its base table, whose grain is tested.
        is_good_part = name.replace("stg_", "base_", 1) in tested
        is_tested = name in tested or is_good_part or shown_by(name) & tested
        assert is_tested or is_function or name in GRAINLESS, f"{name} has no unique_grain"


def test_types_have_the_names_that_both_warehouses_know(models):
    named = {entry["data_type"] for model in models.values() for entry in model["columns"].values() if entry["data_type"]}
    assert {name.removeprefix("array<").removesuffix(">") for name in named} <= {"bool", "float64", "int64", "string", "timestamp"}


def test_every_column_is_described(models):
    for name, model in models.items():
        assert model["columns"], f"{name} lists no columns"
        undescribed = [column for column, entry in model["columns"].items() if not entry["description"].strip()]
        assert not undescribed, f"{name}: {undescribed}"


def test_public_models_have_a_contract_and_a_unit_test(manifest, models):
    # The SQL of a step whose kernel is the default has its tests, which this project as it is parsed disables.
    disabled = [test for tests in manifest["disabled"].values() for test in tests if test["resource_type"] == "unit_test"]
    unit_tested = {test["model"] for test in [*manifest["unit_tests"].values(), *disabled]}
    for name, model in models.items():
        if is_public(model):
            assert model["config"]["contract"]["enforced"], name
            # What hooks write has no formula; tests/python/pipeline/test_runs.py is for it.
            is_written_by_hooks = model["config"]["materialized"] == "hook_table"
            assert is_written_by_hooks or {name, f"int_{name}", f"int_{name}_sql"} & unit_tested, f"{name} has no unit test"


def test_each_unit_test_has_a_name_of_its_own(manifest):
    """dbt selects unit tests by name, and the emulator runs some of them."""
    names = [test["name"] for test in manifest["unit_tests"].values()]
    assert {name for name in names if names.count(name) > 1} == set()


def test_only_public_models_go_without_a_prefix(models):
    for name, model in models.items():
        assert is_public(model) == (not name.startswith(("base_", "int_", "stg_"))), name


def test_the_same_column_is_described_the_same_way(models):
    seen = {}
    for name, model in models.items():
        for column, entry in model["columns"].items():
            if column.endswith("_id") or column in ("as_of", "embedding_type", "index_name", "consumer_score"):
                first = seen.setdefault(column, (name, entry["description"]))
                assert first[1] == entry["description"], f"{column} differs between {first[0]} and {name}"


def test_what_two_models_say_of_a_column_is_written_once(project_folder):
    """As a block of `_columns.md`, named like the column unless the column has several meanings."""
    first_model = {}
    for file in sorted((project_folder / "models").rglob("*.yml")):
        for model in (yaml.safe_load(file.read_text()) or {}).get("models", []):
            for column in model.get("columns", []):
                text = " ".join(column["description"].split())
                if "doc(" not in text:
                    first = first_model.setdefault((column["name"], text), model["name"])
                    assert first == model["name"], f"{column['name']}: {first} and {model['name']} both say: {text}"


def test_every_singular_test_says_which_law_it_holds(manifest):
    for test in manifest["nodes"].values():
        if test["resource_type"] == "test" and not test.get("test_metadata"):
            assert test["description"].strip(), test["name"]


def test_every_macro_says_what_it_is_for(manifest, project_folder):
    """A materialization does in the first lines of its file; any other macro, and its arguments, on the docs site."""
    for macro in manifest["macros"].values():
        name = macro["name"]
        if macro["package_name"] != "simclusters" or "__" in name or name.startswith("test_"):
            continue
        if name.startswith("materialization_"):
            assert (project_folder / macro["original_file_path"]).read_text().startswith("{#"), name
            continue
        assert macro["description"].strip(), f"{name} has no description"
        signature = re.search(rf"macro {name}\((.*?)\)", macro["macro_sql"])[1]
        arguments = [argument.split("=")[0].strip() for argument in signature.split(",") if argument.strip()]
        described = [argument["name"] for argument in macro["arguments"] if argument["description"].strip()]
        assert described in ([], arguments), f"{name} has the arguments {arguments}"


def test_the_page_of_tables_names_every_public_table_under_its_folder(project_folder, models):
    page = (project_folder / "docs" / "tables.md").read_text()
    named = {}
    for section in page.split("\n## ")[1:]:
        rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
        named |= {name: section.split("\n")[0] for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == {name: folder_of(model) for name, model in models.items() if is_public(model)}


def faults_of_picture(picture, folders, reads):
    """Folders stand in the order of the data, those side by side do not read each other, and each line is a reference."""
    rows = [line[:PICTURE_COLUMNS].ljust(PICTURE_COLUMNS) for line in picture.splitlines()]
    boxes = [(row, box) for row, line in enumerate(rows) for box in re.finditer(r"[a-z]+(?: [a-z]+)*", line)]
    order = {box[0]: row for row, box in boxes if box[0] != INPUTS}
    drawn = connections(rows, boxes)
    return [
        *(f"{name} is not in both" for name in sorted(set(order) ^ folders)),
        *(f"no line leads to {name}" for name in sorted(set(order) - {below for _, below in drawn})),
        *(f"{below} stands above {above}" for above, below in sorted(reads) if order.get(above, -1) >= order.get(below, 99)),
        *(f"{below} reads nothing of {above}" for above, below in sorted(drawn) if above != INPUTS and (above, below) not in reads),
    ]


def test_the_picture_of_the_readme_is_true(project_folder, manifest, models):
    picture = (project_folder / "README.md").read_text().split("```")[1]
    pairs = {
        (folder_of(manifest["nodes"][parent]), folder_of(model))
        for model in models.values()
        for parent in model["depends_on"]["nodes"]
        if parent.startswith("model.")
    }
    folders = {folder_of(model) for model in models.values()}
    assert faults_of_picture(picture, folders, {pair for pair in pairs if pair[0] != pair[1]}) == []


def test_a_picture_that_is_false_is_found():
    picture = """
    your tables
         |
       graph
    +----+----+
    |         |
  indexes   live
"""
    folders = {"graph", "indexes", "live"}
    assert faults_of_picture(picture, folders, {("graph", "indexes"), ("graph", "live")}) == []
    assert faults_of_picture(picture, folders, {("graph", "indexes"), ("indexes", "live")}) == [
        "live stands above indexes",
        "live reads nothing of graph",
    ]
    assert faults_of_picture(picture.replace("|\n  indexes", " \n  indexes"), folders | {"reports"}, set())[:2] == [
        "reports is not in both",
        "no line leads to live",
    ]


def test_the_page_on_bigquery_names_the_tables_that_have_a_design(project_folder, manifest, models):
    page = (project_folder / "docs" / "bigquery.md").read_text()
    rows = re.findall(r"^\| (`.*?) \|", page.split("## How tables are stored")[1].split("\n## ")[0], re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    designed = {name for name, model in models.items() if model["config"].get("cluster_by")}
    public = {name for name, model in models.items() if is_public(model)}
    looked_up = {
        name
        for name in designed
        if name in public or shown_by(name) & public or models[name]["config"]["materialized"] == "incremental"
    }
    disabled = {unique_id.rsplit(".", 1)[1] for unique_id in manifest["disabled"]}
    assert named <= designed | disabled
    assert looked_up <= named


@pytest.mark.parametrize(
    ("exposure", "files"),
    {
        "report": ["python_udfs/simclusters/commands/report.py"],
        "explorer": ["python_udfs/simclusters/explorer/sections.py", "python_udfs/simclusters/explorer/pages.py"],
        "notebook": ["docs/tables.md", "examples/questions.ipynb"],
    }.items(),
)
def test_an_exposure_has_all_that_its_reader_asks_for(project_folder, manifest, models, exposure, files):
    """`dbt build --select +exposure:report` is enough for the report."""
    text = "".join((project_folder / file).read_text() for file in files)
    asked = {name for name in re.findall(r"\b(?:from|join) (\w+)", text) if name in models and f"{name} as (" not in text}
    wanted, found = [f"exposure.simclusters.{exposure}"], set()
    while wanted:
        parents = manifest["parent_map"].get(wanted.pop(), [])
        wanted += [parent for parent in parents if parent not in found]
        found.update(parents)
    assert asked
    assert asked <= {parent.rsplit(".", 1)[1] for parent in found}


def test_the_version_is_the_same_everywhere(project_folder):
    project = yaml.safe_load((project_folder / "dbt_project.yml").read_text())["version"]
    package = tomllib.loads((project_folder / "pyproject.toml").read_text())["project"]["version"]
    headings = re.findall(r"^## (.*)$", (project_folder / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == "Unreleased"
    dated = [re.fullmatch(r"([0-9.]+) - (20\d\d-\d\d-\d\d)", heading) for heading in headings[1:]]
    assert all(dated)
    assert project == package == dated[0][1]


def test_the_readme_shows_what_make_run_prints(project_folder, built_warehouse, monkeypatch, capsys):
    """Some of its lines: in the README a column may be narrower."""
    monkeypatch.setenv("SIMCLUSTERS_DATABASE", str(built_warehouse.database))
    monkeypatch.setenv("DBT_TARGET_PATH", str(built_warehouse.folder / "target"))
    report.main([])
    printed = {" ".join(line.split()) for line in capsys.readouterr().out.splitlines()}
    [shown] = re.findall(r"```\n(Largest communities\n.*?)```", (project_folder / "README.md").read_text(), re.DOTALL)
    assert {" ".join(line.split()) for line in shown.splitlines()} <= printed
    assert report.main(["999999999999"]) == 1
    assert "No id in the inputs is 999999999999." in capsys.readouterr().out


# Parts of queries that find what is wrong, so nothing on the sample.
FINDS_PROBLEMS = ("newer_table is not null", "having count(case when run_state = 'done' or", "from stream_problems")


def test_the_queries_of_the_pages_run(project_folder, built_warehouse):
    """All but those that ask BigQuery about itself, another database or a company's schema."""
    pages = "".join(page.read_text() for page in [project_folder / "README.md", *project_folder.glob("docs/*.md")])
    blocks = re.findall(r"```sql\n(.*?)```", pages, re.DOTALL) + re.findall(r"`(select [^`]*)`", pages)
    elsewhere = ("attach ", "analytics_simclusters.")
    blocks = [block for block in blocks if not any(word in block for word in elsewhere)]
    queries = [query for block in blocks for query in block.split(";") if query.strip()]
    queries = [query for query in queries if "INFORMATION_SCHEMA" not in query]
    assert len(queries) >= 7
    for query in queries:
        rows = built_warehouse.query(query)
        if any(part in query for part in FINDS_PROBLEMS):
            assert rows == [], query
            continue
        # This one compares with an earlier run, and the sample has none; tests/python/reports asks it again with one.
        assert rows or "known_for_changes" in query, query
