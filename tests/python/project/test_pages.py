"""The pages for people: their length, their sentences, and whether what they name exists. No build is needed."""

import re
import shlex

import pytest
import yaml
from dbt_command import PROJECT

from .prose import long_sentences

PAGES = sorted(
    [
        *PROJECT.glob("*.md"),
        *PROJECT.glob("docs/*.md"),
        *PROJECT.glob("models/*.md"),
        *PROJECT.glob("benchmarks/**/*.md"),
        *PROJECT.glob("tests/*.md"),
    ]
)
PACKAGE = PROJECT / "python_udfs" / "simclusters"
README_LINES = 120
FOLDERS = ("docs", "models", "macros", "seeds", "tests", "benchmarks", "python_udfs")
CODE = re.compile(r"```[a-z]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)


def page_id(page):
    return str(page.relative_to(PROJECT))


pages = pytest.mark.parametrize("page", PAGES, ids=page_id)


def commands(page):
    """What a reader could type: lines of code blocks, lines indented as code, and code spans."""
    text = page.read_text()
    snippets = [block or span for block, span in CODE.findall(text)]
    snippets += re.findall(r"^    (\S.*)$", text, re.MULTILINE)
    return [line.split("#")[0].strip() for snippet in snippets for line in snippet.splitlines()]


@pages
def test_a_sentence_has_at_most_25_words(page):
    assert not long_sentences(page.read_text())


def test_the_readme_is_read_in_two_minutes():
    assert len((PROJECT / "README.md").read_text().splitlines()) <= README_LINES


def test_contributing_lists_the_folders_of_models_in_order():
    """As dbt_project.yml does, whose order tests/python/project/test_folders.py holds to the data."""
    section = (PROJECT / "CONTRIBUTING.md").read_text().split("## Where things are")[1].split("Beside them")[0]
    listed = re.findall(r"^\| `(.*?)` \|", section, re.MULTILINE)
    folders = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["models"]["simclusters"]
    assert [name for name in listed if "/" not in name] == [name for name in folders if not name.startswith("+")]


def test_the_index_of_docs_lists_every_page():
    index = (PROJECT / "docs" / "README.md").read_text()
    for page in PROJECT.glob("docs/*.md"):
        assert page.name == "README.md" or f"]({page.name})" in index, page.name


@pages
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        assert "://" in target or (page.parent / target).exists(), target


@pages
def test_files_of_the_project_exist(page):
    """A path from the root, or the bare name of a file in one of the folders. Placeholders and `data/` are not looked at."""
    text = page.read_text()
    for path in re.findall(rf"`((?:{'|'.join(FOLDERS)})/[\w./*-]+)`", text):
        assert list(PROJECT.glob(path.rstrip("/"))), path
    for name in re.findall(r"`(\w+\.(?:md|yml|py|toml|sql))`", text):
        assert any(list(folder.rglob(name)) for folder in map(PROJECT.joinpath, FOLDERS)) or (PROJECT / name).exists(), name


@pages
def test_make_targets_exist(page):
    makefile = (PROJECT / "Makefile").read_text()
    for command in commands(page):
        for target in re.findall(r"(?:^|&& )(?:[A-Z_]+=\S+ )*make ([a-z][a-z-]*)", command):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), command


@pages
def test_python_commands_exist(page):
    known = re.findall(r'^    "(\w+)": "', (PACKAGE / "__main__.py").read_text(), re.MULTILINE)
    for command in commands(page):
        for subcommand in re.findall(r"(?:^|-m )simclusters (\w+)", command):
            assert subcommand in known, command
        for module in re.findall(r"python -m simclusters\.([\w.]+)", command):
            path = PACKAGE / module.replace(".", "/")
            assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), command
        for script in re.findall(r"python ([\w/]+\.py)", command):
            assert (PROJECT / script).exists(), command


@pages
def test_dbt_commands_name_what_exists(page):
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
    selectors = {entry["name"] for entry in yaml.safe_load((PROJECT / "selectors.yml").read_text())["selectors"]}
    stems = {file.stem for folder in ("models", "seeds") for file in (PROJECT / folder).rglob("*.*")}
    for command in commands(page):
        for settings in re.findall(r"(?:--vars |VARS=)'({.*?})'", command):
            assert set(yaml.safe_load(settings)) <= set(project), command
        if not re.match(r"dbt (build|run|test|show|compile) ", command) or "$(" in command or "<" in command:
            continue
        words = shlex.split(command)
        for option, value in zip(words[:-1], words[1:], strict=True):
            if option == "--selector":
                assert value in selectors, command
        selected = re.search(r" (?:-s|--select) ([^-<]+)", command)
        for name in selected[1].split() if selected else []:
            assert ":" in name or name.strip("+") in stems, command


def test_vars_of_the_tables_of_settings_exist():
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
    rows = re.findall(r"^\| `([a-z_]+)` \|([^|]*)\|", (PROJECT / "docs" / "tuning.md").read_text(), re.MULTILINE)
    assert rows
    for name, default in rows:
        assert name in project
        assert default.strip() == str(project[name])


def test_published_settings_are_vars():
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
    assert set(yaml.safe_load((PROJECT / "production_vars.yml").read_text())) <= set(project)


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (test_a_sentence_has_at_most_25_words, "A sentence goes on " + "and on " * 11 + "."),
        (test_links_lead_somewhere, "See [nowhere](nowhere.md)."),
        (test_files_of_the_project_exist, "See `docs/nowhere.md`."),
        (test_files_of_the_project_exist, "See `nowhere.sql`."),
        (test_make_targets_exist, "Run `make nothing`."),
        (test_python_commands_exist, "Run `simclusters nothing`."),
        (test_python_commands_exist, "Run `python -m simclusters nothing`."),
        (test_python_commands_exist, "    python benchmarks/nowhere.py"),
        (test_dbt_commands_name_what_exists, "```\ndbt build --selector nothing\n```"),
        (test_dbt_commands_name_what_exists, "Run `dbt build -s nothing`."),
        (test_dbt_commands_name_what_exists, "Run `make run VARS='{nothing: 1}'`."),
    ],
)
def test_a_wrong_page_is_found(check, text, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(text)
    with pytest.raises(AssertionError):
        check(page)
