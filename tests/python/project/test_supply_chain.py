"""What this project is built from: pinned by hash, as little as it needs, and free to pass on."""

import ast
import json
import re
import tomllib
from importlib import metadata

import duckdb
import pytest
import yaml
from dbt_command import PROJECT

# In the words of the packages. The whole may be passed on under Apache-2.0, beside these.
FREE = ("MIT", "BSD", "APACHE", "PSF", "ISC", "ZLIB", "CC0", "CNRI-PYTHON", "MPL", "MOZILLA PUBLIC LICENSE")
# text-unidecode may be taken under the Artistic License; it comes with dbt. yamllint is a tool: nothing links with it or carries it.
NAMED = {"text-unidecode": "Artistic", "yamllint": "GPL"}
# What is imported from a package under another name.
IMPORTED_AS = {"dbt-core": "dbt", "dbt-duckdb": "dbt", "pyyaml": "yaml"}


LOCK, TEST_LOCK = (PROJECT / name for name in ("requirements.lock", "requirements-test.lock"))


def pinned(lock) -> dict[str, str]:
    """Name and version of each line of a lock."""
    lines = lock.read_text().replace("\\\n", " ").splitlines()
    found = [re.fullmatch(r"([a-z0-9._-]+)==(\S+)((?: ; [^-]+?)?)((?:\s+--hash=sha256:[0-9a-f]{64})+)\s*", line) for line in lines]
    assert [line for line, match in zip(lines, found, strict=True) if match is None] == []
    return {match[1]: match[2] for match in found}


@pytest.fixture(scope="module")
def locked():
    """All packages, those of the tests too."""
    return pinned(TEST_LOCK)


def test_the_locks_pin_every_package_by_hash_and_name_no_address(locked):
    makefile = (PROJECT / "Makefile").read_text()
    for lock in (LOCK, TEST_LOCK):
        assert "://" not in lock.read_text()
        assert f"$(INSTALL) --require-hashes -r {lock.name}" in makefile
    # What builds this package is pinned, too.
    assert "$(INSTALL) --no-build-isolation --editable ." in makefile
    assert pinned(LOCK).items() <= locked.items()
    assert {"hatchling", "editables", "dbt-core"} <= set(pinned(LOCK))
    assert {"hypothesis", "polars", "sqruff"} <= set(locked) - set(pinned(LOCK))


def requirement(name: str) -> str:
    return re.match(r"[\w.-]+", name)[0].lower().replace("_", "-").replace(".", "-")


def imports(folders: list[str]) -> set[str]:
    found = set()
    for path in [path for folder in folders for path in (PROJECT / folder).rglob("*.py") if "sample" not in path.parts]:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []
            found |= {name.split(".")[0] for name in names}
    return found


def test_a_run_needs_the_packages_that_it_imports_and_no_others():
    """The client of BigQuery comes with its adapter, which is the user's to install; Spark and dbt bring parts of their own."""
    declared = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert {requirement(name) for name in declared} <= set(pinned(LOCK))
    needed = {IMPORTED_AS.get(requirement(name), requirement(name)) for name in declared}
    standard = {"__future__", "simclusters", *__import__("sys").stdlib_module_names}
    brought = {"google", "pyspark"}
    assert imports(["python_udfs/simclusters", "models"]) - standard == needed | brought


def licence(distribution: metadata.Distribution) -> str:
    """What a package says of its licence, in one of the four places for it."""
    described = distribution.metadata
    classifiers = [one.split("::")[-1].strip() for one in described.get_all("Classifier") or [] if one.startswith("License")]
    bills = [json.loads(file.read_text())["metadata"] for file in distribution.files or [] if "sboms" in file.parts]
    billed = [named["expression"] for bill in bills for named in bill["component"].get("licenses", [])]
    return described.get("License-Expression") or ", ".join(classifiers) or described.get("License") or ", ".join(billed)


def test_every_package_may_be_passed_on(locked):
    unknown = {}
    for name in locked:
        try:
            text = licence(metadata.distribution(name))
        except metadata.PackageNotFoundError:
            continue  # Locked for another Python or machine.
        parts = re.split(r" AND | OR |, ", text)
        if name in NAMED:
            assert NAMED[name] in text, f"{name}: {text}"
        elif not text or not all(any(word in part.upper() for word in FREE) for part in parts):
            unknown[name] = text
    assert unknown == {}


def test_what_a_run_installs_has_no_copyleft_but_that_of_files():
    """MPL binds changes to its own files alone. Tools of the tests may have other licences."""
    waiting, run_time, elsewhere = ["simclusters"], set(), {"simclusters"}
    while waiting:
        name = waiting.pop()
        if name not in run_time:
            run_time.add(name)
            try:
                wanted = metadata.distribution(name).requires or []
            except metadata.PackageNotFoundError:
                elsewhere.add(name)
                continue
            waiting += [requirement(one) for one in wanted if "extra ==" not in one]
    # So the lock of a run is enough. What is not installed here is for other Pythons and machines.
    assert run_time - elsewhere <= set(pinned(LOCK))
    assert "yamllint" not in run_time
    assert {"duckdb", "dbt-core", "numba"} <= run_time
    assert len(run_time) < 75


def test_a_database_file_can_make_its_reader_do_things(tmp_path):
    """Why it is trusted: here a view reads another file of whoever asks it."""
    (tmp_path / "private.csv").write_text("word\nsecret\n")
    with duckdb.connect(str(tmp_path / "of_a_stranger.duckdb")) as connection:
        connection.execute(f"create view harmless as select * from read_csv('{tmp_path / 'private.csv'}')")
    with duckdb.connect(str(tmp_path / "of_a_stranger.duckdb"), read_only=True) as connection:
        assert connection.execute("from harmless").fetchall() == [("secret",)]


def test_the_security_page_names_every_variable_of_the_environment():
    """Those that say who reads what, and what is shown."""
    page = (PROJECT / "SECURITY.md").read_text()
    for word in ("SIMCLUSTERS_HIDE_VALUES", "SIMCLUSTERS_BIGQUERY_KEYFILE", "simclusters forget", "make sbom", "--require-hashes"):
        assert word in page


def test_the_key_file_is_named_in_the_profile_alone():
    code = [path for folder in ("python_udfs", "macros", "models") for path in (PROJECT / folder).rglob("*") if path.is_file()]
    assert [path.name for path in code if b"BIGQUERY_KEYFILE" in path.read_bytes()] == []
    assert "SIMCLUSTERS_BIGQUERY_KEYFILE" in (PROJECT / "profiles.yml").read_text()


def test_dbt_sends_no_statistics():
    assert yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["flags"]["send_anonymous_usage_stats"] is False
