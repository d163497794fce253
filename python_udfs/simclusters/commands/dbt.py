"""dbt on this project, from any folder: `simclusters dbt show -s tweet_candidates`."""

from __future__ import annotations

import sys

from dbt.cli.main import dbtRunner


def main(arguments: list[str]) -> int:
    """Command line entry; returns dbt's exit code: 0, 1 when something failed, 2 when dbt could not run."""
    outcome = dbtRunner().invoke(arguments)
    if outcome.exception is not None:
        print(outcome.exception, file=sys.stderr)
        return 2
    return 0 if outcome.success else 1
