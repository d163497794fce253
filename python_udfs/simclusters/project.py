"""Where the dbt project is: in the current folder, in a checkout, or in the wheel."""

from __future__ import annotations

import os
from pathlib import Path

import yaml

PACKAGE = Path(__file__).parent
PROJECT_FILE = "dbt_project.yml"


def own_project() -> Path:
    """The project that belongs to this package: in the wheel, or around the package in a checkout."""
    in_wheel = PACKAGE / "dbt_project"
    return in_wheel if in_wheel.exists() else PACKAGE.parents[1]


def project_folder() -> Path:
    """The project in the current folder if there is one, else that of this package.

    Raises ValueError when the current folder is another dbt project, whose ``target`` would be overwritten.
    """
    here = Path.cwd() / PROJECT_FILE
    if here.exists():
        name = (yaml.safe_load(here.read_text()) or {}).get("name", "without a name")
        if name == "simclusters":
            return here.parent
        raise ValueError(
            f"this folder is the dbt project {name}, and target/ is its own; call simclusters in another folder, "
            "or make it a package of that project"
        )
    return own_project()


def use_project() -> None:
    """Make dbt, in this process, use the project from any folder: it writes ``target`` and ``logs`` in the current one."""
    project = project_folder()
    if project == Path.cwd():
        return
    os.environ["DBT_PROJECT_DIR"] = str(project)
    os.environ.setdefault("DBT_PROFILES_DIR", str(project))
    os.environ.setdefault("DBT_TARGET_PATH", str(Path.cwd() / "target"))
    os.environ.setdefault("DBT_LOG_PATH", str(Path.cwd() / "logs"))
