"""The report that `make run` prints shows what steers a terminal; it does not send it."""

import json

import pytest

from simclusters.commands.report import print_rows, public_tables, visible


@pytest.mark.parametrize(
    ("name", "printed"),
    {
        "red \x1b[31m": r"red \x1b[31m",
        "bell\x07 and \x9b2J": r"bell\x07 and \x9b2J",
        "two\r\nlines\u2028": r"two\r\nlines\u2028",
        "abc\u202egnp.exe": r"abc\u202egnp.exe",
        "\ud800": r"\ud800",
        "ñ 中文 👩‍👧 \u05d0": "ñ 中文 👩‍👧 \u05d0",
    }.items(),
)
def test_control_characters_are_written_out(name, printed, capsys):
    assert visible(name) == printed
    print_rows("Names", ["id", "name"], [(1, name)])
    assert capsys.readouterr().out == f"Names\n  id  name{' ' * (len(printed) - 4)}".rstrip() + f"\n   1  {printed}\n\n"


def test_a_long_name_is_cut(capsys):
    print_rows("Names", ["name"], [("very long " * 1_000,)])
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 62


def test_what_is_made_when_asked_is_not_counted(manifest, tmp_path):
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "run_results.json").write_text('{"results": []}')
    not_counted = {name for _, name, _, is_counted in public_tables(tmp_path) if not is_counted}
    assert not_counted == {"tweet_candidate_explanations", "producer_candidate_explanations"}
