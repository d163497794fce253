"""The wheel holds all that the kernel needs: it finds communities in an environment that has never seen this folder."""

import shutil
import subprocess
import sys
import sysconfig
import venv

import pytest
from dbt_command import PROJECT

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


def run(*command, folder):
    outcome = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return outcome.stdout.splitlines()


@pytest.mark.index
def test_the_wheel_works_in_a_fresh_environment(tmp_path):
    source = tmp_path / "source"
    shutil.copytree(PROJECT / "python_udfs", source / "python_udfs", ignore=shutil.ignore_patterns("*.egg-info", "__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(PROJECT / name, source)
    pip = ("-m", "pip", "--quiet", "--disable-pip-version-check")
    run(sys.executable, *pip, "wheel", "--no-deps", "--wheel-dir", tmp_path / "dist", source, folder=tmp_path)
    (wheel,) = (tmp_path / "dist").glob("simclusters-*.whl")

    environment = tmp_path / "environment"
    venv.create(environment, with_pip=False)
    (site_packages,) = environment.glob("lib/python*/site-packages")
    # pip of this environment installs into the other; what the kernel depends on is read from here, without the editable install.
    run(sys.executable, *pip, "install", "--no-deps", "--target", site_packages, wheel, folder=tmp_path)
    (site_packages / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")

    python = environment / "bin" / "python"
    used_file, sizes = run(python, "-I", "-c", FIND_TWO_COMMUNITIES, folder=tmp_path)
    assert used_file.startswith(str(site_packages))
    assert sizes == "[5, 5]"
