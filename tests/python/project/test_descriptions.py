"""Descriptions and comments: their sentences are short, and a model says its grain first. No build is needed."""

import re
import textwrap

import pytest
import yaml
from dbt_command import PROJECT

from .prose import CODE_SPAN, long_sentences, sentences, word_count

FOLDERS = ("models", "seeds", "macros", "tests/generic", "tests/singular")
LONGEST_DESCRIPTION = 70
COMMENT = re.compile(r"\{#-?(.*?)-?#\}|(?:^|(?<=\s))-- ([^\n]*(?:\n\s*-- [^\n]*)*)", re.DOTALL)
CLUSTER = re.compile(r"\bcluster(s|ed|ing)?\b(?! ids?\b)")
SHARED = re.compile(r"\s*\{\{ doc\('\w+'\) \}\}\s*")


def descriptions(entry, names=()):
    """Pairs of the path of names to a description and its text, from parsed yml. Shared ones are prose of a page."""
    if isinstance(entry, list):
        for item in entry:
            yield from descriptions(item, names)
    elif isinstance(entry, dict):
        names = (*names, entry["name"]) if "name" in entry else names
        for key, value in entry.items():
            if key == "description" and isinstance(value, str) and not SHARED.fullmatch(value):
                yield names, value
            elif key not in ("config", "given", "expect"):
                yield from descriptions(value, names or (key,))


def comments(text):
    """The comments of an SQL file. Lines that stand further right than the others are lists and examples, no sentences."""
    for match in COMMENT.finditer(text):
        yield textwrap.dedent((match[1] or re.sub(r"\n\s*-- ", "\n", match[2])).strip("\n"))


def faults(text):
    """What is wrong with the descriptions of a yml file, as texts that name the place."""
    found = []
    for names, description in descriptions(yaml.safe_load(text)):
        place = ".".join(names)
        found += [f"{place}: {count} words: {sentence}" for count, sentence in long_sentences(description)]
        if CLUSTER.search(CODE_SPAN.sub("", description)):
            found.append(f"{place}: calls a community a cluster")
        if len(names) == 2 and names[0] in ("models", "seeds"):
            if not description.startswith("One row per "):
                found.append(f"{place}: does not say first what one row is")
            if sum(map(word_count, sentences(description))) > LONGEST_DESCRIPTION:
                found.append(f"{place}: more than {LONGEST_DESCRIPTION} words")
    return found


@pytest.mark.parametrize("folder", FOLDERS)
def test_descriptions_are_short_sentences(folder):
    found = {path.relative_to(PROJECT): faults(path.read_text()) for path in sorted((PROJECT / folder).rglob("*.yml"))}
    assert not [f"{path}: {fault}" for path, file_faults in found.items() for fault in file_faults]


@pytest.mark.parametrize("folder", FOLDERS)
def test_comments_are_short_sentences(folder):
    assert not [
        f"{path.relative_to(PROJECT)}: {count} words: {sentence}"
        for path in sorted((PROJECT / folder).rglob("*.sql"))
        for comment in comments(path.read_text())
        for count, sentence in long_sentences(comment)
    ]


def test_bad_descriptions_are_found():
    long_sentence = " ".join(["word"] * 26)
    text = f"""
models:
  - name: good
    description: One row per thing of `clusters`, with its cluster_id.
    columns:
      - {{name: shared, description: "{{{{ doc('shared') }}}}"}}
      - {{name: wordy, description: {long_sentence}}}
  - name: grainless
    description: Things, one to a row.
  - name: talkative
    description: One row per thing. {"Four words to read. " * 18}
sources:
  - name: inputs
    description: The clusters that they name.
    tables: [{{name: things, description: {long_sentence}}}]
macros:
  - name: helper
    description: {long_sentence}
unit_tests:
  - name: a_case
    description: {long_sentence}
    given: [{{rows: [{{name: ada, description: {long_sentence}}}]}}]
"""
    assert [fault.split(": word")[0] for fault in faults(text)] == [
        "models.good.wordy: 26 words",
        "models.grainless: does not say first what one row is",
        "models.talkative: more than 70 words",
        "sources.inputs: calls a community a cluster",
        "sources.inputs.things: 26 words",
        "macros.helper: 26 words",
        "unit_tests.a_case: 26 words",
    ]


def test_bad_comments_are_found():
    words = " ".join(["word"] * 26)
    found = list(comments(f"{{# {words} #}}\nselect 1 -- {words}\n{{#-\n    Short.\n\n        a list: {words}\n-#}}\nselect 2 --1"))
    assert [[count for count, _ in long_sentences(comment)] for comment in found] == [[26], [26], []]
