"""Make the environment of ``requirements.txt`` in ``.venv-bigquery`` (once) and run ``run.py`` in it.

The emulator needs Python 3.13 and another DuckDB than the project, hence an environment of its own. Without a Python 3.13 the run is
left out, and says so; on CI (``CI`` is set) that is a failure. The Python that runs this file builds the DuckDB side.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ENVIRONMENT = HERE.parents[1] / ".venv-bigquery"
REQUIREMENTS = HERE / "requirements.txt"
READY = ENVIRONMENT / "ready"
VERSION = "3.13"


def python_3_13() -> str | None:
    """A Python 3.13 that runs: some version managers put a command of that name on the path that only complains."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    candidates = [sys.executable, *(shutil.which(f"python{VERSION}", path=folder) for folder in folders)]
    question = "import sys, venv; print(*sys.version_info[:2], sep='.')"
    for candidate in filter(None, candidates):
        answer = subprocess.run([candidate, "-c", question], capture_output=True, text=True)
        if answer.stdout.strip() == VERSION:
            return candidate
    return None


def make_environment(python: str) -> None:
    """Install the pinned packages: all that are needed, so pip need not work that out; Python compiles what it imports."""
    print("Setting up .venv-bigquery (once)", flush=True)
    subprocess.run([python, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True)
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-compile", "-r", str(REQUIREMENTS)]
    subprocess.run([str(ENVIRONMENT / "bin" / "python"), *install], check=True)
    READY.write_text(fingerprint())


def fingerprint() -> str:
    return hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()


def main() -> None:
    if not READY.exists() or READY.read_text() != fingerprint():
        python = python_3_13()
        if python is None:
            print(f"NOT RUN: the checks on BigQuery need Python {VERSION}, and there is no python{VERSION} on the path.")
            sys.exit(1 if os.environ.get("CI") else 0)
        make_environment(python)
    python = str(ENVIRONMENT / "bin" / "python")
    sys.stdout.flush()
    os.execv(python, [python, str(HERE / "run.py"), "--duckdb-python", sys.executable, *sys.argv[1:]])


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"Setting up .venv-bigquery failed: {' '.join(error.cmd)} ended with {error.returncode}")
