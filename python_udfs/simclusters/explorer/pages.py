"""The query layer of the explorer: pages as data, from a database, a published snapshot or a folder of Parquet files.

A page is a dictionary of sections; a section is a list of rows; a row is a list, in the order of ``columns``. Ids are text, because
JavaScript rounds integers from 2^53 on. What ids are called stands once, in ``names``.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from simclusters.commands.report import EXAMPLE_CONSUMER
from simclusters.database import quoted, quoted_text
from simclusters.explorer.layout import bubble_radii
from simclusters.explorer.leiden import MOST_EDGES, Graph, leiden_with_as_many
from simclusters.explorer.map_table import placed
from simclusters.explorer.sections import HEALTH, MAP, PAGES, SEARCH, Section
from simclusters.runs import what_is_mixed
from simclusters.snapshot import CURRENT, WARNINGS

NAME_KINDS = {"user": "user", "person": "user", "producer": "user", "tweet": "tweet", "topic": "topic", "community": "community"}
"""What the id of a kind of page, or of a column, is the id of."""

Rows = list[list[Any]]
Names = dict[str, dict[str, list[Any]]]


class NothingToShowError(RuntimeError):
    """There is no database, snapshot or table to read."""


def open_snapshot(folder: Path) -> tuple[duckdb.DuckDBPyConnection, Path]:
    """A connection to what is published in a folder, and the path that it reads.

    folder : of `make export`, of one snapshot, or of Parquet files: `clusters.parquet`, or `clusters/` with its parts
    """
    place = (folder / CURRENT).resolve() if (folder / CURRENT).exists() else folder.resolve()
    database = place / "simclusters.duckdb"
    if database.exists():
        return _quiet(duckdb.connect(str(database), read_only=True)), place
    tables = place / "tables" if (place / "tables").is_dir() else place
    connection = _quiet(duckdb.connect())
    found = 0
    for path in sorted(tables.iterdir()) if tables.is_dir() else ():
        if path.suffix == ".parquet" or (path.is_dir() and any(path.glob("*.parquet"))):
            files = path if path.is_file() else path / "*.parquet"
            connection.execute(f"create view {quoted(path.name.removesuffix('.parquet'))} as from read_parquet({quoted_text(files)})")
            found += 1
    if not found:
        raise NothingToShowError(f"{folder} holds no published snapshot and no Parquet files; `make export` writes one")
    return connection, place


def published_warnings(place: Path) -> list[str] | None:
    """The warnings of the run that a snapshot holds; None when it does not know them."""
    file = place / WARNINGS
    return json.loads(file.read_text()) if file.exists() else None


def _quiet(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    connection.execute("set TimeZone = 'UTC'")
    return connection


class Explorer:
    """Answers for one connection. Not for two threads at once; ``cursor`` gives another one."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.relations = {
            name
            for (name,) in connection.execute(
                "select table_name from information_schema.tables"
                " where table_schema = current_schema() and table_catalog = current_database()"
            ).fetchall()
        }
        if "clusters" not in self.relations:
            raise NothingToShowError("there is no table clusters: build everything first")

    def cursor(self) -> Explorer:
        """The same, for another thread."""
        other = object.__new__(Explorer)
        other.connection, other.relations = self.connection.cursor(), self.relations
        # A cursor starts with the settings of the database.
        other.connection.execute(f"use {quoted(self._here()[0])}.{quoted(self._here()[1])}")
        return other

    def _here(self) -> tuple[str, str]:
        return self.connection.execute("select current_database(), current_schema()").fetchall()[0]

    def _one(self, sql: str, **parameters: Any) -> tuple | None:
        """The first row. All are fetched, because a result that is not read to its end keeps a connection busy."""
        rows = self.connection.execute(sql, parameters or None).fetchall()
        return rows[0] if rows else None

    def rows(self, section: Section, ids: list[int] | None = None, limit: int | None = None) -> tuple[list[str], list[tuple]]:
        """Columns and rows of a section, the first ``limit`` of them; none when a table that it reads is not there."""
        if not set(section.tables) <= self.relations:
            return [], []
        if ids is None:
            result = self.connection.execute(section.sql + (f" limit {limit}" if limit is not None else ""))
        else:
            # Constants reach the tables below a view, a join does not always: one person is found in milliseconds.
            wanted = ", ".join(str(int(one)) for one in ids) or "null"
            result = self.connection.execute(section.sql.replace("in (wanted)", f"in ({wanted})"))
        return [column[0] for column in result.description], result.fetchall()

    def pages(self, kind: str, ids: list[int]) -> tuple[dict[str, dict[str, Rows]], dict[str, list[str]], References]:
        """Pages of a kind by id, the columns of their sections, and what they name. A page without any row is left out."""
        pages: dict[str, dict[str, Rows]] = defaultdict(dict)
        columns: dict[str, list[str]] = {}
        references = References()
        for name, section in PAGES[kind].items():
            headings, rows = self.rows(section, ids)
            columns[name] = headings[1:]
            convert = references.converter(headings[1:])
            for page_id, *values in rows:
                pages[str(page_id)].setdefault(name, []).append(convert(values))
        if kind == "community":
            # One that is gone has a history alone.
            pages = {page_id: page for page_id, page in pages.items() if "facts" in page}
        for page_id in pages:
            references.add(NAME_KINDS[kind], int(page_id))
        return dict(pages), columns, references

    def map(self) -> tuple[dict[str, Any], References]:
        """Bubbles with place and radius, the strongest links, and the best known producers of each community."""
        references = References()
        columns, rows = self.rows(MAP["bubbles"])
        neighbors = self.rows(MAP["links"])[1]
        if rows and not self._is_placed():
            rows = self._placed_here(rows)
        radii = bubble_radii([row[3] for row in rows]).tolist() if rows else []
        convert = references.converter(columns)
        bubbles = [[round(radius, 5), *convert(row)] for radius, row in zip(radii, rows, strict=True)]
        shown = {row[2] for row in rows}
        links = [[str(left), str(right), _number(weight)] for left, right, weight in neighbors if {left, right} <= shown]
        producers: dict[str, list[str]] = defaultdict(list)
        for cluster_id, user in self.rows(MAP["producers"])[1]:
            if cluster_id in shown:
                references.add("user", user)
                producers[str(cluster_id)].append(str(user))
        return {"columns": ["radius", *columns], "bubbles": bubbles, "links": links, "producers": producers}, references

    def _is_placed(self) -> bool:
        return bool(self._one("select bool_and(is_placed_by_neighbors) from cluster_map")[0])

    def _placed_here(self, rows: list[tuple]) -> list[tuple]:
        """Rows of the map with places by neighbours, from those that are stored: where no kernel ran, as on BigQuery."""
        clusters = self.connection.sql(
            "select cluster_id, producer_count from cluster_map join clusters using (cluster_id)"
        ).to_arrow_table()
        neighbors = self.connection.sql(
            "select cluster_id, neighbor_cluster_id, follow_cosine_similarity, log_fav_cosine_similarity from cluster_neighbors"
        ).to_arrow_table()
        ids, places = placed(clusters, neighbors, None)
        place_of = dict(zip(ids.tolist(), places.tolist(), strict=True))
        return [(*place_of[row[2]], *row[2:]) for row in rows]

    def health(self) -> tuple[dict[str, Any], References]:
        """What the last runs read, left out, decided and found."""
        references = References()
        sections = {}
        for name, section in HEALTH.items():
            columns, rows = self.rows(section)
            convert = references.converter(columns)
            sections[name] = {"columns": columns, "rows": [convert(row) for row in rows]}
        quality = sections["quality"]
        quality["columns"] = [*quality["columns"], "leiden_count", "leiden_recall"]
        for row in quality["rows"]:
            row += self._leiden(row[0])
        mixed = what_is_mixed(self.connection) if {"runs", "table_runs"} <= self.relations else []
        return {**sections, "mixed": mixed}, references

    def _leiden(self, count: int) -> list[Any]:
        """How many communities Leiden makes of the similarity graph, about as many, and the share inside; none for a large graph."""
        if "producer_similarity_edges" not in self.relations or not count:
            return [None, None]
        if self._one("select count(*) from producer_similarity_edges")[0] > MOST_EDGES:
            return [None, None]
        places: dict[int, int] = {}
        graph: Graph = []
        edges = "select producer_id, neighbor_producer_id, cosine_similarity from producer_similarity_edges order by all"
        for producer_id, neighbor_id, weight in self.connection.execute(edges).fetchall():
            for one in (producer_id, neighbor_id):
                if one not in places:
                    places[one] = len(graph)
                    graph.append({})
            graph[places[producer_id]][places[neighbor_id]] = weight
        found = leiden_with_as_many(graph, count)
        return [found.count, _number(found.inside_share)]

    def names(self, references: References) -> Names:
        """What the ids are called: [name, text id], for a tweet [author, created at, text id], for a community [name, producers]."""
        named: Names = {"community": {}, "user": {}, "tweet": {}, "topic": {}}
        ids = references.ids
        community = "cluster_id, cluster_name, producer_count"
        for cluster_id, name, size in self._named("clusters", community, "cluster_id", ids["community"]):
            named["community"][str(cluster_id)] = [name, size]
        entity = "entity_id, entity_name, entity_key, author_id, created_at"
        for tweet_id, _, key, author, created_at in self._named("entity_names", entity, "entity_id", ids["tweet"], "tweet"):
            references.add("user", author)
            named["tweet"][str(tweet_id)] = [None if author is None else str(author), _plain(created_at), key]
        for kind in ("user", "topic"):
            for entity_id, name, key, *_ in self._named("entity_names", entity, "entity_id", ids[kind], kind):
                if name is not None or key is not None:
                    named[kind][str(entity_id)] = [name, key] if key is not None else [name]
        return named

    def _named(self, table: str, columns: str, id_column: str, ids: set[int], kind: str = "") -> list[tuple]:
        if not ids or table not in self.relations:
            return []
        self.connection.register("wanted_ids", pa.table({"id": pa.array(sorted(ids), pa.int64())}))
        of_kind = f"entity_kind = {quoted_text(kind)} and " if kind else ""
        sql = f"select {columns} from {table} where {of_kind}{id_column} in (select id from wanted_ids)"
        return self.connection.execute(sql).fetchall()

    def about(self) -> dict[str, Any]:
        """The run that made the tables, and how many communities, people, producers, tweets and topics there are."""
        counts = {}
        for kind, sql in COUNTS.items():
            counts[kind] = self._one(sql)[0] if sql.split(" from ")[1].split()[0] in self.relations else 0
        run = None
        if "runs" in self.relations:
            run = self._one(
                "select run_id, run_state, started_at, as_of, model_version, input_kind from runs"
                " order by started_at desc, run_id limit 1"
            )
        names = ("run_id", "run_state", "started_at", "as_of", "model_version", "input_kind")
        return {"counts": counts, "run": dict(zip(names, map(_plain, run), strict=True)) if run else None, "example": self.example()}

    def example(self) -> str | None:
        """A person with many interests and enough to recommend."""
        if not {"interested_in", "tweet_candidates"} <= self.relations:
            return None
        found = self._one(EXAMPLE_CONSUMER)
        return str(found[0]) if found else None

    def id_of(self, kind: str, text: str) -> int | None:
        """The number of what has this number, text id or name, the smallest of equal names; None when nothing has."""
        number = int(text) if text.isascii() and text.removeprefix("-").isdigit() and len(text) <= 20 else None
        if number is not None and not -(2**63) <= number < 2**63:
            return None
        if kind == "community":
            found = None if number is not None else self._one(COMMUNITY_ID, text=text)
        else:
            # Where ids are text, a number may be one of them, and stands for another number.
            sql = ENTITY_ID if number is None else ENTITY_ID_OF_KEY
            found = self._one(sql, kind=NAME_KINDS[kind], text=text)
        return found[0] if found else number

    def search(self, text: str) -> tuple[list[list[str]], References]:
        """Pages whose name holds the text, whatever the case, or whose id it is: kind and id, best first."""
        references = References()
        found = []
        if text.strip() and {"entity_names", "producers"} <= self.relations:
            for kind, entity_id in self.connection.execute(SEARCH, {"text": text.strip()[:200]}).fetchall():
                references.add(NAME_KINDS[kind], entity_id)
                found.append([kind, str(entity_id)])
        return found, references


COMMUNITY_ID = """
    select cluster_id from clusters where lower(cluster_name) = lower($text)
    order by cluster_name = $text desc, cluster_id limit 1
"""

ENTITY_ID_OF_KEY = "select entity_id from entity_names where entity_kind = $kind and entity_key = $text"

ENTITY_ID = """
    select entity_id from entity_names
    where entity_kind = $kind and (entity_key = $text or lower(entity_name) = lower($text))
    order by entity_key = $text desc nulls last, entity_name = $text desc, entity_id limit 1
"""

COUNTS = {
    "community": "select count(*) from clusters",
    "person": "select count(distinct consumer_id) from interested_in",
    "producer": "select count(*) from producers",
    "tweet": "select count(*) from entity_names where entity_kind = 'tweet'",
    "topic": "select count(distinct topic_id) from topic_embeddings",
}


class References:
    """The ids that pages name, by what they are ids of."""

    def __init__(self) -> None:
        self.ids: dict[str, set[int]] = {"community": set(), "user": set(), "tweet": set(), "topic": set()}

    def add(self, kind: str, entity_id: int | None) -> None:
        if entity_id is not None:
            self.ids[kind].add(entity_id)

    def update(self, other: References) -> None:
        for kind, ids in other.ids.items():
            self.ids[kind] |= ids

    def converter(self, columns: list[str]) -> Any:
        """A function that makes a row of these columns plain, and notes what it names."""
        steps = [self._step(column) for column in columns]

        def convert(values: Iterable[Any]) -> list[Any]:
            return [step(value) for step, value in zip(steps, values, strict=True)]

        return convert

    def _step(self, column: str) -> Any:
        kind = column.removeprefix("to_")
        if kind in self.ids:
            seen = self.ids[kind]

            def named(value: int | None) -> str | None:
                if value is None:
                    return None
                seen.add(value)
                return str(value)

            return named
        if column == "reasons":
            return self._reasons
        return _plain

    def _reasons(self, value: list[dict] | None) -> Rows:
        reasons = []
        for one in value or ():
            self.ids["user" if one["kind"] == "author" else one["kind"]].add(one["id"])
            reasons.append([one["kind"], str(one["id"]), _number(one["share"])])
        return reasons


def _number(value: float | None) -> float | None:
    """Six digits are more than a page shows; what is no number is none."""
    return float(f"{value:.6g}") if value is not None and math.isfinite(value) else None


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, float | Decimal):
        return _number(float(value))
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")
    if value is None or isinstance(value, str | bool | int):
        return value
    return str(value)
