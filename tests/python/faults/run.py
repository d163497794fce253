"""Faults from seeds: `make faults SEEDS=200`. Each seed does one thing to a run or a stream, and the tables must end as without it.

    python -m faults.run [--seeds 200] [--first 0] [--only kill_at_a_model] [--parsed target]     in tests/python

A seed gives the same fault each time, but for what takes the machine how long. A fault that breaks a law prints its seed.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path

from .harness import PROJECT, Ground
from .kinds import KINDS


def disturb(ground: Ground, seed: int, kinds: list) -> tuple[str, str]:
    """Do what the seed says; returns the kind of fault and what happened. Raises AssertionError when a law does not hold."""
    chance = random.Random(seed)
    kind = kinds[seed % len(kinds)]
    ground.start_from("old")
    ground.write_inputs(ground.second)
    expected = ground.new
    try:
        return kind.__name__, kind(ground, chance)
    finally:
        ground.new = expected


def cpu_seconds() -> float:
    """Of this process and of those that it started and that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main(arguments: list[str] | None = None) -> int:
    """Command line entry; returns the number of seeds whose laws do not hold, at most 100."""
    parser = argparse.ArgumentParser(prog="faults", description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=len(KINDS))
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--only", nargs="*", default=[], help="kinds of faults")
    parser.add_argument("--parsed", type=Path, default=PROJECT / "target", help="dbt's target folder of the parsed project")
    options = parser.parse_args(arguments)
    kinds = [kind for kind in KINDS if not options.only or kind.__name__ in options.only]
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    try:
        ground = Ground(folder, options.parsed)
        print(f"{ground.model_count} models, {ground.seconds:.1f} s a run; all built after {cpu_seconds():.0f} CPU s", flush=True)
        outcomes, failures = Counter(), []
        for seed in range(options.first, options.first + options.seeds):
            kind, before = kinds[seed % len(kinds)].__name__, cpu_seconds()
            try:
                kind, outcome = disturb(ground, seed, kinds)
            except Exception as problem:
                failures.append(seed)
                outcome = "BROKE A LAW"
                print(f"seed {seed}: {kind}: {outcome}: {problem}\n{traceback.format_exc(limit=-3)}", flush=True)
            outcomes[kind, outcome] += 1
            print(f"seed {seed}: {kind}: {outcome}, {cpu_seconds() - before:.1f} CPU s", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for (kind, outcome), count in sorted(outcomes.items()):
        print(f"{count:6}  {kind:<26}{outcome}")
    print(f"{options.seeds} seeds in {cpu_seconds():.0f} CPU s; {len(failures)} broke a law: {failures}")
    return min(len(failures), 100)


if __name__ == "__main__":
    sys.exit(main())
