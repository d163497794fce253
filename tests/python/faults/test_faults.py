"""One fault of each kind, as `make faults` does."""

import subprocess
import sys

import pytest
from dbt_command import PROJECT

from .kinds import KINDS


@pytest.mark.nightly
def test_after_a_fault_of_any_kind_the_tables_are_those_of_an_undisturbed_run(parsed):
    """In a process of its own, which forks before it has threads."""
    command = [sys.executable, "-m", "faults.run", "--seeds", str(len(KINDS)), "--parsed", str(parsed)]
    ended = subprocess.run(command, cwd=PROJECT / "tests" / "python", capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"{len(KINDS)} seeds in " in ended.stdout
