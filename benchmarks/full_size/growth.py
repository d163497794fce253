"""Rows of every table at three sizes of the generated network, for the growth laws of plan.py.

    python benchmarks/full_size/growth.py [--follows 10000 100000 1000000]

Each size has a user for twelve follows, as many engagements as follows, and the generator's number of communities. dbt builds it
without tests and without recipes for comparison, and growth.csv gets a row per size and table. Rows only: nothing here is timed, so
the machine may be busy.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from measure import FOLLOWS_PER_USER, dbt, rows_of_tables  # noqa: E402  scripts in the folder above
from pages import write_rows  # noqa: E402

from simclusters.sample.parameters import SampleParameters  # noqa: E402
from simclusters.sample.writing import write_sample  # noqa: E402

# What a kernel does without, and the plan needs.
SQL_ALONE = (
    *("int_producer_pairs", "int_multi_embedding_neighbors", "int_multi_embedding_components", "int_topic_producer_followers"),
)


def table_rows(follows: int, folder: Path, memory_limit: str) -> dict[str, int]:
    """Builds one size in an empty folder; rows by name of table, and `communities`, the number asked for."""
    parameters = SampleParameters(users=follows // FOLLOWS_PER_USER, follows=follows, engagements=follows)
    write_sample(parameters, folder / "inputs", "parquet")
    variables = {
        "input_dir": str(folder / "inputs"),
        "communities_k": parameters.community_count,
        # Without recipes for comparison, which are made for as many consumers at any size.
        "evaluation_maximum_consumers": 0,
    }
    dbt("seed", folder=folder, variables=variables, memory_limit=memory_limit)
    dbt("run", folder=folder, variables=variables, memory_limit=memory_limit)
    dbt("run", "--select", *SQL_ALONE, folder=folder, variables=variables | {"engine": "sql"}, memory_limit=memory_limit)
    # The plan is for SQL, and the kernels find the same rows sooner.
    rows = {name.replace("_kernel", "_sql"): count for name, count in rows_of_tables(folder).items()}
    return {"communities": parameters.community_count} | rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--follows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--memory-limit", default="4GB", help="of DuckDB")
    options = parser.parse_args()
    rows_by_size = {}
    for follows in options.follows:
        with tempfile.TemporaryDirectory() as folder:
            rows_by_size[follows] = table_rows(follows, Path(folder), options.memory_limit)
        print(f"{follows:,} follows: {len(rows_by_size[follows])} tables", flush=True)
    counts = [
        {"follows": follows, "table_name": name, "row_count": count}
        for follows, rows in rows_by_size.items()
        for name, count in rows.items()
    ]
    write_rows(HERE / "growth.csv", list(counts[0]), counts)


if __name__ == "__main__":
    main()
