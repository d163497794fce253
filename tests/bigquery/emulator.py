"""Serve the BigQuery emulator with the project's shims, on one loopback port, until the process is ended.

Runs in the environment of ``requirements.txt`` (Python 3.13)::

    python tests/bigquery/emulator.py --port 9050 --data-dir some/empty/folder
"""

import argparse
import pathlib

import duckdb
import uvicorn
from duckdb_extensions import import_extension

EXTENSIONS = ("icu", "ducklake", "spatial")
"""DuckDB extensions the emulator loads by name. Their wheels carry them, so nothing is downloaded."""


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=9050)
    parser.add_argument("--data-dir", type=pathlib.Path, required=True)
    return parser.parse_args()


def install_extensions() -> None:
    """Copy the extensions from their wheels to where DuckDB looks for them: under the home folder."""
    connection = duckdb.connect()
    for name in EXTENSIONS:
        import_extension(name, con=connection)
    connection.close()


def main() -> None:
    arguments = parse_arguments()
    install_extensions()

    from local_bigquery.settings import settings

    settings.bigquery_host = "127.0.0.1"
    settings.bigquery_port = arguments.port
    settings.data_dir = arguments.data_dir

    import emulator_shims

    emulator_shims.apply()
    uvicorn.run("local_bigquery:app", host="127.0.0.1", port=arguments.port, log_level="warning")


if __name__ == "__main__":
    main()
