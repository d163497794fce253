"""The folder of input files, looked at before dbt is: what DuckDB does not list, what no table reads, and secrets."""

from __future__ import annotations

import glob
import os
import re
import unicodedata
from pathlib import Path

import duckdb

TABLES = (
    "follows",
    "engagements",
    "tweets",
    "users",
    "user_languages",
    "tweet_topics",
    "topics",
    "topic_follows",
    "opt_outs",
    "blocks",
)
# What the macro file_place reads: one file, numbered files, or a folder.
READ_FILE = re.compile(rf"({'|'.join(TABLES)})([0-9].*|[^a-z].*[0-9].*)?[.](parquet|(csv|tsv|txt|jsonl?|ndjson)([.](gz|zst))?)")
READ_FOLDER = re.compile(rf"({'|'.join(TABLES)})([.](parquet|csv|tsv|jsonl?|ndjson))?")
# What people keep beside data.
NO_DATA = (".md", ".sql", ".md5", ".sha256")


def visible(text: str) -> str:
    """Text in which what steers a terminal, or turns the direction of reading, is written out: a name may hold anything."""
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or unicodedata.bidirectional(character) in STEERING
        else character
        for character in text
    )


STEERING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
"""Bidirectional classes of characters that are nothing but an order to the display."""


def without_secret(url: str) -> str:
    """A URL without user, password and query."""
    return re.sub(r"^([a-z0-9]+:/+).*@", r"\1***@", url, flags=re.IGNORECASE).split("?")[0]


def check_no_secret(place: str) -> None:
    """Raises ValueError, in words that can be shown, when a URL holds a password or a token: dbt would write it into its log."""
    if "://" in place and without_secret(place) != place:
        raise ValueError(
            f"the URL {without_secret(place)} holds a password or a token, which dbt would write into its log; "
            "leave it out, and give DuckDB a secret (docs/inputs.md)"
        )


def damaged_files(folder: Path, problem: object) -> list[str]:
    """A sentence for each Parquet file that cannot be read and is not named: DuckDB may say `TProtocolException` and no more.

    Reads all of them: a damaged page is not seen when the file opens, nor by what its statistics answer. A check of this project
    (a compilation error, for dbt) says itself what is wrong, so then none is read.
    """
    sentences = []
    if "Compilation Error" in str(problem):
        return sentences
    for path in sorted(folder.rglob("*.[pP][aA][rR][qQ][uU][eE][tT]")):
        # A name that is not UTF-8 is not read at all; input_notes says so.
        if path.is_file() and os.fsencode(path).decode(errors="replace") == str(path) and path.name not in str(problem):
            try:
                duckdb.read_parquet(glob.escape(str(path))).aggregate("max(hash(columns(*)))").fetchall()
            except duckdb.Error:
                sentences.append(f"{visible(str(path))} is damaged: DuckDB cannot read it. Copy it again.")
    return sentences


def input_notes(folder: Path) -> list[str]:
    """A sentence for each name in the folder that is passed over and looks as if it should not be.

    DuckDB does not list links that lead nowhere and names that are not UTF-8. No table reads data files of another name, or of its
    name and another kind.
    """
    notes = []
    for entry in sorted(os.scandir(os.fsencode(folder)), key=lambda entry: entry.name):
        name = visible(entry.name.decode(errors="backslashreplace"))
        table = re.match(rf"({'|'.join(TABLES)})([^a-z]|$)", name.lower())
        is_read = (READ_FOLDER if entry.is_dir() else READ_FILE).fullmatch(name.lower())
        if name.startswith((".", "_")):
            continue
        if "\\x" in name and name.encode() != entry.name:
            notes.append(f"{name}: the name is not UTF-8, so DuckDB does not see the file")
        elif entry.is_symlink() and not os.path.exists(entry.path):
            notes.append(f"{name}: a link that leads nowhere")
        elif table and not is_read and not name.lower().endswith(NO_DATA):
            names = f"{table[1]}.csv, {table[1]}-1.csv or {table[1]}/"
            notes.append(f"{name}: expected is {names}, as Parquet, CSV or JSON, the last two also as .gz or .zst")
        elif not table and (entry.is_dir() or re.search(r"[.](parquet|csv|tsv|txt|jsonl?|ndjson)([.]\w+)?$", name.lower())):
            notes.append(f"{name}: no table is called so; the tables are {', '.join(TABLES)}")
    return notes
