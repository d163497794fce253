"""Command line of the sample generator."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from simclusters import sample
from simclusters.sample.parameters import (
    DEFAULT_USERS,
    ENGAGEMENTS_PER_TWEET,
    ENGAGEMENTS_PER_USER,
    FOLLOWS_PER_USER,
    SMALLEST_NETWORK,
    SampleParameters,
)
from simclusters.sample.writing import FILE_FORMATS, write_sample


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line; see the description of the package."""
    parser = argparse.ArgumentParser(prog="simclusters.sample", description=sample.__doc__.split("\n", 1)[0])
    parser.add_argument("--output", type=Path, required=True, help="folder for the files")
    parser.add_argument("--seed", type=int, default=7, help="same seed and counts, same bytes (default 7)")
    parser.add_argument("--users", type=int, help=f"default {DEFAULT_USERS}, or one for 12 follows when --follows is given")
    parser.add_argument("--follows", type=int, help=f"default {FOLLOWS_PER_USER} for a user")
    parser.add_argument("--engagements", type=int, help=f"default {ENGAGEMENTS_PER_USER} for a user")
    parser.add_argument("--tweets", type=int, help=f"default one for {ENGAGEMENTS_PER_TWEET} engagements")
    parser.add_argument("--communities", type=int, help="default 24, more above 10,000 users")
    parser.add_argument("--format", choices=FILE_FORMATS, default="seeds", help="seeds: raw_*.csv")
    parser.add_argument(
        "--planted",
        type=Path,
        help="file for the planted communities; with --format seeds the default is tests/fixtures beside the output",
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns 0, or 2 with a message on standard error when the counts cannot be met."""
    options = parse_arguments(arguments)
    users = options.users
    if users is None:
        users = DEFAULT_USERS if options.follows is None else max(SMALLEST_NETWORK, options.follows // 12)
    planted = options.planted
    if planted is None and options.format == "seeds":
        planted = options.output.parent / "tests" / "fixtures" / "planted_communities.csv"
    try:
        parameters = SampleParameters(
            users=users,
            follows=users * FOLLOWS_PER_USER if options.follows is None else options.follows,
            engagements=users * ENGAGEMENTS_PER_USER if options.engagements is None else options.engagements,
            tweets=options.tweets,
            communities=options.communities,
            seed=options.seed,
        )
        row_counts = write_sample(parameters, options.output, options.format, planted)
    except ValueError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    for name, rows in row_counts.items():
        print(f"{name:<20} {rows:>12,} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
