"""The explorer as one file: it needs no server, loads nothing, and can be mailed. What does not fit is cut, and a line says so."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from simclusters.explorer.pages import Explorer, References
from simclusters.explorer.sections import Section

MAXIMUM_BYTES = 20_000_000
SCRIPTS = ("elements.js", "map.js", "pages.js", "explorer.js")
PAGES_AT_MOST = {"community": 500, "topic": 1_000, "producer": 3_000, "person": 1_000, "tweet": 4_000}
"""In the order in which pages are chosen: those that communities and people name come first."""

CHOICES = {
    "community": Section(("clusters",), "select cluster_id from clusters order by producer_count desc, cluster_id"),
    "topic": Section(
        ("topic_embeddings",), "select topic_id from topic_embeddings group by topic_id order by max(topic_score) desc, topic_id"
    ),
    "producer": Section(
        ("producers", "known_for"),
        """
        select producers.producer_id from producers left join known_for on producers.producer_id = known_for.producer_id
        order by producer_rank <= 12 desc nulls last, follower_count desc, producers.producer_id
        """,
    ),
    # The remainders of a product are as good a sample as any, and the same in every run.
    "person": Section(
        ("interested_in",),
        """
        select consumer_id from (select distinct consumer_id from interested_in)
        order by consumer_id * 48271::hugeint % 2147483647, consumer_id
        """,
    ),
}


def explorer_data(explorer: Explorer, share: float = 1.0, warnings: list[str] | None = None) -> dict[str, Any]:
    """All that the file shows. ``share`` of the usual number of pages per kind; warnings are those of the run, None when unknown."""
    about = explorer.about()
    references = References()
    data: dict[str, Any] = {"pages": {}, "columns": {}, "warnings": warnings}
    for kind, most in PAGES_AT_MOST.items():
        count = max(int(most * share), 1)
        if kind == "tweet":
            ids = sorted(references.ids["tweet"])[-count:]
        else:
            ids = [row[0] for row in explorer.rows(CHOICES[kind], limit=count)[1]]
        if kind == "person" and about["example"] and int(about["example"]) not in ids:
            ids = [int(about["example"]), *ids[: count - 1]]
        data["pages"][kind], data["columns"][kind], named = explorer.pages(kind, ids)
        references.update(named)
    for part in ("map", "health"):
        data[part], named = getattr(explorer, part)()
        references.update(named)
    data["names"] = explorer.names(references)
    data["about"] = about | {"shown": {kind: len(pages) for kind, pages in data["pages"].items()}}
    return data


def page(data: dict[str, Any]) -> bytes:
    """The file for these data. They are packed and in letters and digits alone, so that no name in them can end the script."""
    packed = base64.b64encode(gzip.compress(json.dumps(data, separators=(",", ":")).encode(), 6, mtime=0)).decode()
    return _filled(f'<script type="application/octet-stream" id="data">{packed}</script>', "")


def live_page() -> bytes:
    """The page that asks the server for its data."""
    return _filled("", "connect-src 'self';")


def _filled(data: str, may_connect: str) -> bytes:
    assets = files("simclusters.explorer") / "assets"
    script = "".join((assets / name).read_text() for name in SCRIPTS)
    style, template = ((assets / name).read_text() for name in ("explorer.css", "explorer.html"))
    # The browser runs this script and no other, whatever a name holds, and asks no other machine for anything.
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; {may_connect}"
    for mark, text in {"{policy}": policy, "{style}": style, "{data}": data, "{script}": script}.items():
        template = template.replace(mark, text)
    return template.encode()


def write_explorer(explorer: Explorer, path: Path, warnings: list[str] | None = None, maximum_bytes: int = MAXIMUM_BYTES) -> int:
    """Write the file; returns its bytes. With fewer pages when it would be too large, so that it never is."""
    share = 1.0
    while True:
        content = page(explorer_data(explorer, share, warnings))
        if len(content) <= maximum_bytes or share < 0.01:
            break
        share *= 0.8 * maximum_bytes / len(content)
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return len(content)
