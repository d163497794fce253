"""The splitter that the tests of pages and descriptions stand on."""

from .prose import long_sentences, paragraphs, sentences, word_count


def test_code_tables_and_headings_are_no_prose():
    page = """# A heading of a page

A paragraph
of two lines.

```sql
select 1. From nowhere.
```

    indented = code

| a | table |
|---|---|

- One item.
  It goes on.
- Another item

1. A numbered item

    with a second paragraph.

{% docs name %}
Inside a block. {# A comment. #}
{% enddocs %}
"""
    assert paragraphs(page) == [
        "A paragraph of two lines.",
        "One item. It goes on.",
        "Another item",
        "A numbered item",
        "with a second paragraph.",
        "Inside a block.",
    ]


def test_a_sentence_ends_at_a_full_stop_before_a_capital_a_digit_or_code():
    assert sentences("It is 0.5. `as_of` is a var. 10 rows! (Is it?) Yes.") == [
        "It is 0.5.",
        "`as_of` is a var.",
        "10 rows!",
        "(Is it?)",
        "Yes.",
    ]
    assert sentences("First. dbt parses. [A link](page.md) follows.") == ["First.", "dbt parses.", "[A link](page.md) follows."]
    assert sentences("One thing, e.g. DuckDB: it has one file; no server.") == ["One thing, e.g DuckDB: it has one file; no server."]


def test_words_are_counted_as_a_reader_counts_them():
    assert word_count("Two words - here") == 3
    assert word_count("`select * from clusters` shows [all of them](docs/tables.md).") == 5
    assert word_count("`a`, `b` and `c` are tables") == 3
    assert word_count("the cosine is 1 / 2 = 0.5") == 6


def test_a_long_sentence_is_found_with_its_length():
    assert long_sentences("word " * 25 + ".") == []
    assert [count for count, _ in long_sentences("Short one. " + "Word " + "word " * 25 + ".")] == [26]
