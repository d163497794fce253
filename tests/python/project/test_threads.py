"""Work on threads: what fails in one says so, and ends."""

import subprocess
import sys


def test_an_error_in_a_block_ends_all_of_them():
    """In a process of its own: a thread that waited for the memory of the failed one would wait for ever."""
    code = """
from simclusters.threads import stream_blocks

def work(scratch, first, end):
    raise MemoryError("of the first block")

list(stream_blocks(work, [(place, place + 1) for place in range(9)], [None, None]))
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert "MemoryError: of the first block" in ended.stderr
