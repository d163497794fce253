"""What people call: `simclusters COMMAND`, each a module here with a function `main`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


def variables_of(text: str) -> dict[str, Any]:
    """The vars that the option --vars names. Raises ValueError when it is no mapping."""
    try:
        variables = yaml.safe_load(text) or {}
    except yaml.YAMLError:
        variables = None
    if not isinstance(variables, dict):
        raise ValueError(f"--vars is no mapping like '{{communities_k: 100}}', with a space after the colon: {text}")
    return variables


def check_is_built(*files: Path) -> None:
    """Raises RuntimeError for the first file that no build has written yet."""
    for file in files:
        if not file.exists():
            raise RuntimeError(f"there is no {file}; build it first with `make run`")
