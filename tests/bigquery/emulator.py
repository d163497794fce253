"""Serve the BigQuery emulator with the project's shims on a loopback port, until the process is ended.

Runs in the environment of ``requirements.txt`` (Python 3.13). Once it can be asked, it prints two addresses: of BigQuery, and of the
service that reads whole tables (the BigQuery Storage API, another port)::

    python tests/bigquery/emulator.py --data-dir some/empty/folder
"""

import argparse
import gc
import os
import pathlib
import socket
import sys
import threading

import duckdb
import uvicorn
from duckdb_extensions import import_extension
from processes import COLLECT_RARELY

EXTENSIONS = ("icu", "ducklake", "spatial")
"""DuckDB extensions the emulator loads by name. Their wheels carry them, so nothing is downloaded."""


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--data-dir", type=pathlib.Path, required=True)
    parser.add_argument(
        "--end-with-input",
        action="store_true",
        help="end when standard input closes, so as not to outlive the program at its other end, however that ends",
    )
    return parser.parse_args()


def install_extensions() -> None:
    """Copy the extensions from their wheels to where DuckDB looks for them: under the home folder."""
    connection = duckdb.connect()
    for name in EXTENSIONS:
        import_extension(name, con=connection)
    connection.close()


def end_with_standard_input() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


class AnnouncedServer(uvicorn.Server):
    """A server that says where both services listen as soon as they do."""

    def __init__(self, config: uvicorn.Config, storage_port: int) -> None:
        super().__init__(config)
        self._storage_port = storage_port

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(f"http://127.0.0.1:{self.config.port} 127.0.0.1:{self._storage_port}", flush=True)


def main() -> None:
    arguments = parse_arguments()
    if arguments.end_with_input:
        threading.Thread(target=end_with_standard_input, daemon=True).start()
    install_extensions()

    listener = socket.socket()
    listener.bind(("127.0.0.1", arguments.port))
    port = listener.getsockname()[1]

    from local_bigquery.settings import settings

    settings.bigquery_host = "127.0.0.1"
    settings.bigquery_port = port
    settings.data_dir = arguments.data_dir

    import emulator_shims
    from local_bigquery.grpc import server as storage

    emulator_shims.apply()
    # A parsed statement is many objects that know each other, so only the collector frees them. It need not look at all else.
    gc.freeze()
    gc.set_threshold(*COLLECT_RARELY)
    _storage_server, storage_port = storage.start("127.0.0.1", 0)
    config = uvicorn.Config("local_bigquery:app", host="127.0.0.1", port=port, log_level="warning")
    AnnouncedServer(config, storage_port).run(sockets=[listener])


if __name__ == "__main__":
    main()
