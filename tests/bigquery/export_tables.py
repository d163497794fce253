"""Write tables of a DuckDB database as Parquet files. Runs in the main environment, whose DuckDB made the database.

python tests/bigquery/export_tables.py DATABASE FOLDER NAME=RELATION "NAME=RELATION where ..."

Another version of DuckDB may not be able to open the database, and the emulator needs another version.
"""

import pathlib
import sys

import duckdb


def main(database: str, folder: str, *tables: str) -> None:
    with duckdb.connect(database, read_only=True) as connection:
        for table in tables:
            name, relation = table.split("=", 1)
            file = pathlib.Path(folder) / f"{name}.parquet"
            connection.execute(f"copy (select * from {relation}) to '{file}' (format parquet)")


if __name__ == "__main__":
    main(*sys.argv[1:])
