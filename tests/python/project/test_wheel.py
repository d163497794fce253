"""The wheel holds all that its commands need, in an environment that has never seen this folder."""

import csv
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from dbt_command import PROJECT

from simclusters.sample.parameters import SampleParameters
from simclusters.sample.writing import write_sample

pytestmark = pytest.mark.index

FIND_TWO_COMMUNITIES = """
import numpy, simclusters
from simclusters.communities import Settings, detect_communities

left, right = numpy.triu_indices(5, 1)
settings = Settings(
    true_positive_weight=10.0, seed=7, epochs=8, greedy_epochs=8, blocks=2, start_temperature=0.25, cooling_ratio=0.7
)
ends = numpy.concatenate([left, left + 5]), numpy.concatenate([right, right + 5])
found = detect_communities(*ends, numpy.ones(20), settings)
print(simclusters.__file__)
print(sorted(numpy.bincount(found.cluster_ids)[1:].tolist()))
"""


def run(*command, folder, **environment):
    """Lines that a command prints; it must succeed. What a test runner says of dbt does not reach it."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("DBT_", "SIMCLUSTERS_"))}
    outcome = subprocess.run(
        list(map(str, command)), cwd=folder, env=inherited | environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert outcome.returncode == 0, outcome.stdout[-3000:] + outcome.stderr[-3000:]
    return outcome.stdout.splitlines()


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A fresh environment with the wheel: its Python, its command, and the folder of the package."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(*pip, "wheel", "--no-deps", "--wheel-dir", folder / "dist", PROJECT, folder=folder)
    (wheel,) = (folder / "dist").glob("simclusters-*.whl")

    environment = folder / "environment"
    venv.create(environment, with_pip=False)
    (site_packages,) = environment.glob("lib/python*/site-packages")
    python = environment / "bin" / "python"
    run(*pip, "--python", python, "install", "--no-deps", wheel, folder=folder)
    # What it depends on is read from here. A .pth file in that folder is not followed, so this checkout's package is not seen.
    (site_packages / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return SimpleNamespace(python=python, command=environment / "bin" / "simclusters", package=site_packages / "simclusters")


def test_the_kernel_finds_communities(installed, tmp_path):
    """Interpreted: to compile takes ten times as long as all else here, and each night the run below does."""
    used_file, sizes = run(installed.python, "-I", "-c", FIND_TWO_COMMUNITIES, folder=tmp_path, NUMBA_DISABLE_JIT="1")
    assert used_file.startswith(str(installed.package))
    assert sizes == "[5, 5]"


def test_the_wheel_holds_the_project_as_it_is_here(installed):
    copy = installed.package / "dbt_project"
    settings = ("dbt_project.yml", "profiles.yml", "selectors.yml", "production_vars.yml")
    for name in (*settings, "models", "macros", "seeds", "tests/generic", "tests/singular", "tests/fixtures", "docs"):
        files = [path for path in [PROJECT / name, *(PROJECT / name).rglob("*")] if path.is_file()]
        assert files
        for path in files:
            assert (copy / path.relative_to(PROJECT)).read_bytes() == path.read_bytes()


def test_help_says_what_there_is(installed, tmp_path):
    text = "\n".join(run(installed.command, "--help", folder=tmp_path))
    for command in ("run", "report", "explore", "stream", "estimate", "export", "dbt"):
        assert f"\n  {command} " in text
    assert (installed.package / "dbt_project" / "docs" / "inputs.md").exists()
    assert f"{installed.package / 'dbt_project' / 'docs'}" in text
    columns = "\n".join(run(installed.command, "run", "--help", folder=tmp_path))
    assert "follows        consumer_id, producer_id" in columns
    assert list(tmp_path.iterdir()) == []


def files_of(folder: Path) -> dict[Path, int]:
    """Files with their times, without what Python and numba cache."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts}


# Ids as other systems have them.
TEXT_IDS = {
    **dict.fromkeys(("user_id", "consumer_id", "producer_id", "author_id", "blocked_user_id"), "did:plc:{}"),
    "tweet_id": "at://post/{}",
    "topic_id": "topic {}",
}


def write_text_ids(folder: Path) -> None:
    """Replace the ids of CSV files by text."""
    for path in folder.glob("*.csv"):
        with path.open(newline="") as file:
            header, *rows = csv.reader(file)
        forms = [TEXT_IDS.get(name, "{}") for name in header]
        with path.open("w", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(header)
            writer.writerows([form.format(value) if value else "" for form, value in zip(forms, row, strict=True)] for row in rows)


@pytest.mark.nightly
@pytest.mark.build
def test_a_folder_of_files_becomes_a_report(installed, tmp_path):
    """In an empty folder, with nothing but the wheel. dbt's tests are left out: they run on the same project elsewhere."""
    write_sample(SampleParameters(users=300, follows=4_000, engagements=6_000), tmp_path / "inputs", "csv")
    write_text_ids(tmp_path / "inputs")
    before = files_of(installed.package)
    output = run(
        installed.command,
        *("run", "--input", "inputs", "--vars", "{communities_k: 8}"),
        folder=tmp_path,
        SIMCLUSTERS_THREADS="1",
        DBT_EXCLUDE_RESOURCE_TYPES="test",
    )
    for title in ("Public tables", "Largest communities"):
        assert title in output
    assert any(line.startswith("Tweets for ") for line in output)
    assert files_of(installed.package) == before
    assert {path.name for path in tmp_path.iterdir()} == {"inputs", "logs", "simclusters.duckdb", "target", "explorer.html"}
    with duckdb.connect(str(tmp_path / "simclusters.duckdb"), read_only=True) as connection:
        follows = len((tmp_path / "inputs" / "follows.csv").read_text().splitlines()) - 1
        assert connection.execute("select count(*) from stg_follows").fetchone() == (follows,)
        assert connection.execute("select bool_and(user_key like 'did:plc:%') from user_ids").fetchone() == (True,)
