"""Faults from seeds, as `make faults` makes them: one of a build and one of a stream, and each night one of each kind."""

import subprocess
import sys

import pytest
from dbt_command import PROJECT

from .kinds import KINDS

EVERY_KIND = tuple(kind.__name__ for kind in KINDS)


@pytest.mark.parametrize("kinds", [("kill_at_a_model", "stream_killed"), pytest.param(EVERY_KIND, marks=pytest.mark.nightly)])
def test_after_a_fault_the_tables_are_those_of_an_undisturbed_run(parsed, kinds):
    """In a process of its own, which forks before it has threads."""
    command = [sys.executable, "-m", "faults.run", "--only", *kinds, "--seeds", str(len(kinds)), "--parsed", str(parsed)]
    ended = subprocess.run(command, cwd=PROJECT / "tests" / "python", capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"{len(kinds)} seeds in " in ended.stdout
    assert all(f": {kind}: " in ended.stdout for kind in kinds)
