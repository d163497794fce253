"""What `make test-bigquery` does, for whoever selects tests by what they need: `pytest -m emulator -s`."""

import subprocess
import sys

import pytest
from dbt_command import PROJECT


@pytest.mark.emulator
def test_the_project_holds_on_an_emulator_of_bigquery():
    harness = PROJECT / "tests" / "bigquery" / "run_in_own_environment.py"
    assert subprocess.run([sys.executable, str(harness)], check=False).returncode == 0
