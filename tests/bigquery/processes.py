"""The processes of a run: dbt on each warehouse and the emulator. All of them end with the run, at the latest."""

import contextlib
import os
import pathlib
import subprocess
import sys
import threading
from collections.abc import Iterator

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
SECONDS_TO_START = 120
LINES_SHOWN = 60
COLLECT_RARELY = (50_000, 20, 100)
"""Thresholds of the collector, as in simclusters/__main__.py."""
DBT = ("-c", f"import gc; gc.set_threshold{COLLECT_RARELY}; from dbt.cli.main import cli; cli()")


class Command:
    """A process with its output in a file.

    Parameters
    ----------
    processes : ends the process when it closes
    folder : where it runs
    settings : environment variables
    """

    def __init__(
        self, arguments: list[str], log: pathlib.Path, processes: contextlib.ExitStack, folder: pathlib.Path = PROJECT, **settings: str
    ) -> None:
        self.log = log
        with open(log, "w") as log_file:
            self._process = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=log_file, stderr=subprocess.STDOUT, cwd=folder, env=environment(**settings)
            )
        processes.callback(end, self._process)

    def problems(self) -> list[str]:
        """Wait. The end of the output when the command failed, otherwise nothing."""
        if self._process.wait() == 0:
            return []
        lines = self.log.read_text().splitlines()
        return lines[-LINES_SHOWN:] or [f"exit code {self._process.returncode}, without a word"]


def end(process: subprocess.Popen) -> None:
    if process.poll() is None:
        process.kill()
    process.wait()


def environment(**settings: str) -> dict[str, str]:
    """This process's environment without what would choose another warehouse, other inputs or an account."""
    foreign = ("SIMCLUSTERS_", "DBT_", "GOOGLE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return kept | {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DBT_LOG_LEVEL_FILE": "none"} | settings


@contextlib.contextmanager
def emulator(folder: pathlib.Path) -> Iterator[tuple[str, str]]:
    """The two addresses of a running emulator. Its home is the folder, because DuckDB copies extensions into the home."""
    log = folder / "emulator.log"
    with open(log, "w") as log_file:
        process = subprocess.Popen(
            [sys.executable, str(HERE / "emulator.py"), "--end-with-input", "--data-dir", str(folder / "emulator")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log_file,
            cwd=folder,
            env=environment(HOME=str(folder)),
        )
    try:
        deadline = threading.Timer(SECONDS_TO_START, process.kill)
        deadline.start()
        addresses = process.stdout.readline().decode().split()
        deadline.cancel()
        if not addresses:
            sys.exit(f"The emulator did not start:\n{log.read_text()}")
        yield tuple(addresses)
    finally:
        end(process)
