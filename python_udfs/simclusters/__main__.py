"""The command line: `python -m simclusters COMMAND [options]`."""

from __future__ import annotations

import sys
from importlib import import_module

COMMANDS = ("run", "report", "stream", "estimate", "export")


def main() -> int:
    """Hand the other arguments to the command that the first one names; returns its exit code, 2 for no command."""
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        print(f"usage: python -m simclusters {{{','.join(COMMANDS)}}} [options]", file=sys.stderr)
        return 2
    return import_module(f"simclusters.commands.{sys.argv[1]}").main(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
