"""`python -m simclusters stream` on a project that was parsed before: parsing takes most of the time of a start."""

import sys
from pathlib import Path

from simclusters.commands import stream
from simclusters.streaming.stream import PAIRS, PARTIALS, Stream, part_of

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dbt_command import read_manifest  # noqa: E402  (a module of the tests)

if __name__ == "__main__":
    parsed = part_of(read_manifest(Path(sys.argv[1])), [PAIRS, PARTIALS])
    Stream._parsed = lambda self: parsed
    sys.exit(stream.main(sys.argv[2:]))
