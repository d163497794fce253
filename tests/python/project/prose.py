"""Sentences of Markdown, and how many words each has: what the tests of pages and of descriptions have in common."""

import re

LONGEST_SENTENCE = 25

FENCE = re.compile(r"^ *(```|~~~).*?^ *\1 *$", re.MULTILINE | re.DOTALL)
LEFT_OUT = re.compile(r"<!--.*?-->|{#.*?#}|{%.*?%}", re.DOTALL)
INDENTED_CODE = re.compile(r"^ {4,}(?![-*+] |\d+\. )")
HEADING_OR_TABLE = re.compile(r"^\s*(#{1,6} |\||!\[)")
LIST_ITEM = re.compile(r"^\s*([-*+]|\d+\.) +")
CODE_SPAN = re.compile(r"`[^`]*`")
LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
# `a`, `b` and `c`: names in a row are one thing to read.
NAMES_IN_A_ROW = re.compile(r"`name`(?:(?:,| and| or|, and|, or) `name`)+")
ABBREVIATION = re.compile(r"\b(e\.g|i\.e|et al|vs|cf)\.")
# A full stop, and then a capital, a digit, code, a link or a name that is always written small.
SENTENCE_START = r"(?=[\"'(*_]*(?:[A-Z0-9`\[]|(?:dbt|igraph|numba|pytest)\b))"
SENTENCE_END = re.compile(r"(?:(?<=[.!?])|(?<=[.!?][\"')*_])|(?<=[.!?]\*\*))\s+" + SENTENCE_START)
WORD = re.compile(r"\S*[A-Za-z0-9]\S*")


def paragraphs(text):
    """The prose of a page, one string per paragraph and list item; no code, no table, no heading."""
    blocks, open_block, in_list = [], [], False
    for line in LEFT_OUT.sub("", FENCE.sub("\n", text)).splitlines():
        is_item = bool(LIST_ITEM.match(line))
        is_code = bool(INDENTED_CODE.match(line)) and not in_list
        if is_item or is_code or not line.strip() or HEADING_OR_TABLE.match(line):
            blocks.append(" ".join(open_block))
            open_block = []
        if is_code or HEADING_OR_TABLE.match(line):
            continue
        in_list = is_item or (in_list and (not line.strip() or line.startswith(" ")))
        open_block.append(LIST_ITEM.sub("", line).strip())
    blocks.append(" ".join(open_block))
    return [block.strip() for block in blocks if block.strip()]


def sentences(text):
    """The sentences of a page or of a description. A colon or a semicolon ends none."""
    found = []
    for paragraph in paragraphs(text):
        found += SENTENCE_END.split(ABBREVIATION.sub(r"\1", paragraph))
    return [sentence.strip() for sentence in found if sentence.strip()]


def word_count(sentence):
    """Words as a reader counts them: a code span is one word, and so are names in a row; a link is its text."""
    plain = NAMES_IN_A_ROW.sub("names", CODE_SPAN.sub("`name`", LINK.sub(r"\1", sentence)))
    return len(WORD.findall(plain))


def long_sentences(text, limit=LONGEST_SENTENCE):
    """What a page or a description must not have: pairs of a word count above the limit and the sentence."""
    return [(count, sentence) for sentence in sentences(text) if (count := word_count(sentence)) > limit]
