"""The explorer over a published snapshot: pages with addresses of their own, for this machine unless told otherwise."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import duckdb

from simclusters.explorer.file import live_page
from simclusters.explorer.pages import Explorer, References, open_snapshot, published_warnings
from simclusters.explorer.sections import PAGES
from simclusters.snapshot import CURRENT

LOCAL = ("127.0.0.1", "localhost", "::1")


class Published:
    """What is published in a folder, opened again when a later run is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._opened: Path | None = None
        self._explorer: Explorer | None = None
        self._run_id = ""
        self._fixed: dict[str, dict[str, Any]] = {}
        self.explorer()

    def explorer(self) -> tuple[Explorer, str, dict[str, dict[str, Any]]]:
        """An explorer for one request, the id of the run that it reads, and the answers that are the same for all requests."""
        with self._lock:
            here = (self.folder / CURRENT).resolve() if (self.folder / CURRENT).exists() else self.folder.resolve()
            if here != self._opened:
                connection, opened = open_snapshot(self.folder)
                explorer = Explorer(connection)
                run = explorer.about()["run"]
                fixed = {part: answer(explorer, [part], {}) for part in ("map", "health")}
                fixed["health"]["warnings"] = published_warnings(opened)
                # At the end, so that a failure is tried again. Who reads the snapshot before keeps its connection until it has
                # its answer.
                self._explorer, self._fixed, self._opened = explorer, fixed, opened
                self._run_id = f"{run['run_id'] if run else ''} {opened.name}"
            return self._explorer.cursor(), self._run_id, self._fixed


class Pages(BaseHTTPRequestHandler):
    """GET of a page (any address) or of its data (/api/...)."""

    published: Published
    hosts: tuple[str, ...]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answers; a host name that is not this machine's is refused, so that no other site reads through a browser."""
        if self.hosts and named_host(self.headers.get("Host", "")) not in self.hosts:
            self._send(403, "text/plain", b"this server answers for its own name only")
            return
        address = urlsplit(self.path)
        parts = [unquote(part) for part in address.path.split("/")[1:]]
        if parts[:1] != ["api"]:
            self._send(200, "text/html; charset=utf-8", live_page())
            return
        try:
            explorer, run_id, fixed = self.published.explorer()
            found = fixed.get("/".join(parts[1:])) or answer(explorer, parts[1:], parse_qs(address.query))
        except (duckdb.Error, OSError, RuntimeError) as problem:
            self._send(500, "text/plain; charset=utf-8", str(problem).splitlines()[0].encode())
            return
        if found is None:
            self._send(404, "text/plain; charset=utf-8", b"there is no such address")
            return
        body = json.dumps({**found, "run_id": run_id}, separators=(",", ":"))
        self._send(200, "application/json", body.encode())

    do_HEAD = do_GET

    def log_message(self, format: str, *arguments: Any) -> None:
        """Says nothing: addresses hold names of people."""

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "DENY")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def named_host(header: str) -> str | None:
    """The name in the header Host, without a port and the brackets of IPv6."""
    parts = re.fullmatch(r"(?:\[(.*)\]|([^:]*))(?::[0-9]*)?", header)
    return parts and (parts[1] or parts[2])


def answer(explorer: Explorer, parts: list[str], query: dict[str, list[str]]) -> dict[str, Any] | None:
    """Data for an address: run, map, health, search?q=, or page/kind/id, where id may be a name; None for any other."""
    if parts == ["run"]:
        return {}
    if parts == ["map"]:
        found, references = explorer.map()
        return {"map": found, "about": explorer.about(), "names": explorer.names(with_example(explorer, references))}
    if parts == ["health"]:
        found, references = explorer.health()
        return {"health": found, "names": explorer.names(references)}
    if parts == ["search"]:
        found, references = explorer.search(query.get("q", [""])[0])
        return {"found": found, "names": explorer.names(references)}
    if len(parts) == 3 and parts[0] == "page" and parts[1] in PAGES:
        entity_id = explorer.id_of(parts[1], parts[2])
        if entity_id is None:
            return {"page": None}
        pages, columns, references = explorer.pages(parts[1], [entity_id])
        return {"id": str(entity_id), "page": pages.get(str(entity_id)), "columns": columns, "names": explorer.names(references)}
    return None


def with_example(explorer: Explorer, references: References) -> References:
    example = explorer.example()
    references.add("user", int(example) if example else None)
    return references


class ServerOfIpv6(ThreadingHTTPServer):
    """The same for a host such as ::1."""

    address_family = socket.AF_INET6


def serve(folder: Path, host: str, port: int, started: Callable[[str], None]) -> None:
    """Serve until interrupted. ``started`` is told the address; port 0 takes a free one. Raises as `open_snapshot` does."""
    hosts = LOCAL if host in LOCAL else ()
    handler = type("PagesOfFolder", (Pages,), {"published": Published(folder), "hosts": hosts})
    kind, name = (ServerOfIpv6, f"[{host}]") if ":" in host else (ThreadingHTTPServer, host)
    with kind((host, port), handler) as server:
        server.daemon_threads = True
        started(f"http://{name}:{server.server_port}/")
        server.serve_forever()
