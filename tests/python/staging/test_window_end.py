"""The window ends with the newest event that others are near; lone events are counted, and times that cannot be are refused."""

from __future__ import annotations

from datetime import datetime, timedelta

import duckdb
import pyarrow as pa
import pytest

START = datetime(2026, 7, 1)
# 60,000 events, one each 129 seconds: about 90 days.
ORDINARY = [START + timedelta(seconds=129 * number) for number in range(60_000)]
END = ORDINARY[-1]
# Eleven years at day resolution, fewer and fewer: the last events are weeks apart.
SPARSE = [datetime(2000, 1, 1) + timedelta(days=int(4015 * (number / 3000) ** 0.5)) for number in range(3000)]
SPARSE += [SPARSE[-1] + timedelta(days=days) for days in (9, 30, 45)]
FUTURE_BURST = [datetime(2035, 1, 1, 23, 59, 50) + timedelta(seconds=number) for number in range(500)]

# Name of the case, times of the events, and the end of the window.
WINDOWS = {
    "ordinary data": (ORDINARY, END),
    "eleven years at day resolution": (SPARSE, SPARSE[-1]),
    "eleven years and one event in 2035": ([*SPARSE, datetime(2035, 1, 1)], SPARSE[-1]),
    "three events": ([START, START + timedelta(days=1), START + timedelta(days=40)], START + timedelta(days=40)),
    "one event": ([START], START),
    "all events at one time": ([START] * 5000, START),
    "all events at one time and one in 2035": ([START] * 5000 + [datetime(2035, 1, 1)], START),
    "one event in 2035": ([*ORDINARY, datetime(2035, 1, 1)], END),
    "one event ten days ahead": ([*ORDINARY, END + timedelta(days=10)], END),
    "ten events over years": ([*ORDINARY, *(datetime(2027, 1, 1) + timedelta(days=300 * number) for number in range(10))], END),
    "ten events, one a day": ([*ORDINARY, *(END + timedelta(days=number + 1) for number in range(10))], END),
    "a burst in 2035, over midnight": ([*ORDINARY, *FUTURE_BURST], END),
    "a burst at the end": ([*ORDINARY, *[END + timedelta(hours=3)] * 5000], END + timedelta(hours=3)),
    "a small table and one event in 2035": ([*ORDINARY[:60], datetime(2035, 1, 1)], ORDINARY[59]),
    "an hour of events after ten days of silence": (
        [*ORDINARY, *(END + timedelta(days=10, seconds=number) for number in range(60))],
        END + timedelta(days=10, seconds=59),
    ),
    "a twentieth and more is no straggler": ([*ORDINARY, *[datetime(2035, 1, 1)] * 4000], datetime(2035, 1, 1)),
    "the first minute of a day": ([*ORDINARY[:1000], ORDINARY[999] + timedelta(minutes=1)], ORDINARY[999] + timedelta(minutes=1)),
    "no events": ([], None),
}


@pytest.fixture(scope="module")
def window_end(seeded_warehouse):
    """A function from times to the end of their window, by the SQL of the macro."""
    outcome = seeded_warehouse.dbt("compile", "--inline", "{{ end_of_window('events', 'engaged_at') }}")
    sql = outcome.output[outcome.output.index("with\n") :]

    def find(times: list[datetime]) -> datetime | None:
        with duckdb.connect() as connection:
            connection.register("events", pa.table({"engaged_at": pa.array(times, pa.timestamp("us"))}))
            [(found,)] = connection.execute(sql).fetchall()
            return found

    return find


@pytest.mark.parametrize("case", WINDOWS)
def test_the_window_ends_with_the_newest_event_that_others_are_near(window_end, case):
    times, expected = WINDOWS[case]
    assert window_end(times) == expected


def test_times_that_cannot_be_do_not_move_the_window(window_end):
    assert window_end([*ORDINARY, datetime(9999, 12, 31), datetime(1900, 1, 1)]) == END


def test_lone_events_and_times_that_cannot_be_are_counted_and_the_rest_is_as_without_them(new_warehouse, tmp_path):
    time = "timestamp '2026-07-01' + interval (range) minute"
    good = f"select 1 as user_id, range as tweet_id, 'fav' as engagement_type, {time} as engaged_at"
    bad = [
        "timestamp '2035-01-01'",
        "timestamp '9999-12-31'",
        "timestamp 'infinity'",
        "timestamp '-infinity'",
        "timestamp '1969-12-31 23:59:59'",
    ]
    lone = " union all ".join(f"select 2, {number}, 'fav', {time}" for number, time in enumerate(bad))
    duckdb.sql(f"copy ({good} from range(200) union all {lone}) to '{tmp_path / 'engagements.parquet'}' (format parquet)")
    (tmp_path / "follows.csv").write_text("consumer_id,producer_id\n1,10\n")

    warehouse = new_warehouse()
    events = ("run", "--select", "base_engagements", "stg_as_of", "stg_held_out_engagements", "stg_engagements")
    warehouse.build(*events, "+input_report", variables={"input_dir": str(tmp_path)})
    assert warehouse.query("select as_of from stg_as_of") == [(datetime(2026, 7, 1, 3, 19),)]
    assert warehouse.query("select count(*) from stg_engagements") == [(200,)]
    assert sorted(warehouse.query("select reason, row_count from input_report")) == [
        ("engaged_at is before 1970 or after 2099", 4),
        ("engaged_at stands apart, long after the other events", 1),
    ]
    # Who believes the event says so.
    warehouse.build(*events, "input_report", variables={"input_dir": str(tmp_path), "as_of": "2035-01-01 00:00:00"})
    assert warehouse.query("select count(*) from stg_engagements") == [(201,)]

    outcome = warehouse.dbt("test", "--select", "assert_no_event_stands_apart", variables={"input_dir": str(tmp_path)})
    assert outcome.status == {"assert_no_event_stands_apart": "pass"}
    warehouse.build(*events, "input_report", variables={"input_dir": str(tmp_path)})
    outcome = warehouse.dbt("test", "--select", "assert_no_event_stands_apart", variables={"input_dir": str(tmp_path)})
    assert outcome.status == {"assert_no_event_stands_apart": "warn"}
