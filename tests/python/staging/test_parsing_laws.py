"""What text is a number or a time, for any text: the SQL against a recomputation in Python."""

import datetime
import re

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from .test_vars import evaluated

DIGITS = st.text("0123456789", min_size=1, max_size=21)
# Texts that nearly are numbers, and all others.
NUMBERS = st.builds(
    "".join, st.tuples(st.sampled_from(["", " ", "+", "-", "--"]), DIGITS, st.sampled_from(["", ".", ".0", ".5", "e3", " "]))
)
TIMES = st.datetimes(min_value=datetime.datetime(1970, 1, 1), max_value=datetime.datetime(2099, 12, 31))


@pytest.fixture(scope="module")
def read(parsed_warehouse):
    """Functions that read a text as a number and as a time, as the inputs are read."""
    macros = evaluated(parsed_warehouse, "[parsed_integer('given.value', 'varchar'), parsed_timestamp('given.value', 'varchar')]")
    queries = [f"select {macro} from (select cast(? as varchar) as value) as given" for macro in macros]
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield [lambda text, query=query: connection.execute(query, [text]).fetchone()[0] for query in queries]


@given(text=NUMBERS | st.integers(-(2**64), 2**64).map(str) | st.text(max_size=20))
@example("9223372036854775807")
@example("9223372036854775808")
@example("-9223372036854775808")
@example("١٢")
@example("12\n")
def test_an_integer_is_read_as_it_is_or_not_at_all(read, text):
    written = re.fullmatch(r"([+-]?[0-9]+)([.]0*)?", text.strip(" "))
    number = int(written[1]) if written else None
    expected = number if number is not None and -(2**63) <= number < 2**63 else None
    assert read[0](text) == expected


@given(moment=TIMES, hours=st.integers(-12, 14), minutes=st.sampled_from([0, 30, 45]), gap=st.sampled_from([" ", "T"]))
def test_a_time_with_a_zone_is_converted_and_one_without_is_utc(read, moment, hours, minutes, gap):
    assert read[1](moment.isoformat(gap)) == moment
    zone = f"{'-' if hours < 0 else '+'}{abs(hours):02}:{minutes:02}"
    shift = datetime.timedelta(hours=hours, minutes=-minutes if hours < 0 else minutes)
    assert read[1](moment.isoformat(gap) + zone) == moment - shift


@given(text=st.text(max_size=20).filter(lambda text: not re.match(" *[0-9]", text)))
def test_what_does_not_begin_with_a_digit_is_no_time(read, text):
    assert read[1](text) is None
