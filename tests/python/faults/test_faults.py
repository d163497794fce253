"""Three faults of those of `make faults`: a kill at a model, a killed stream and a truncated file."""

import subprocess
import sys

from dbt_command import PROJECT

SEEDS = 3


def test_after_a_fault_the_tables_are_those_of_an_undisturbed_run(parsed):
    """In a process of its own, which forks before it has threads."""
    command = [sys.executable, "-m", "faults.run", "--seeds", str(SEEDS), "--parsed", str(parsed)]
    ended = subprocess.run(command, cwd=PROJECT / "tests" / "python", capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"{SEEDS} seeds in " in ended.stdout
