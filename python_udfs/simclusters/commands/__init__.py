"""What people call: `simclusters COMMAND`, each a module here with a function `main`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from simclusters.inputs import check_no_secret


def variables_of(text: str) -> dict[str, Any]:
    """The vars that the option --vars names. Raises ValueError when it is no mapping, and for a secret, which dbt would log."""
    try:
        variables = yaml.safe_load(text) or {}
    except yaml.YAMLError:
        variables = None
    if not isinstance(variables, dict):
        raise ValueError(f"--vars is no mapping like '{{communities_k: 100}}', with a space after the colon: {text}")
    check_no_secret(str(variables.get("input_dir", "")))
    return variables


def read_artifact(file: Path) -> Any:
    """What dbt wrote into a JSON file of target/. Raises RuntimeError when it is damaged."""
    try:
        return json.loads(file.read_text())
    except ValueError as problem:
        raise RuntimeError(f"{file} is damaged ({problem}); the next run writes it again") from None


def check_is_built(*files: Path) -> None:
    """Raises RuntimeError for the first file that no build has written yet."""
    for file in files:
        if not file.exists():
            raise RuntimeError(f"there is no {file}; build it first with `make run`")
