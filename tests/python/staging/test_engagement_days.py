"""The var engagement_days leaves out old engagements where they are read, and says what it needs."""

import pytest

FILES = {
    "follows.csv": "consumer_id,producer_id\n1,10\n2,11\n",
    "engagements.csv": (
        "user_id,tweet_id,engagement_type,engaged_at\n"
        "1,100,fav,2026-01-01 00:00:00\n"
        "1,101,fav,2026-01-07 23:59:59\n"
        "1,102,fav,2026-01-08 00:00:00\n"
        "1,103,fav,2026-01-10 00:00:00\n"
    ),
}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("inputs")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


def test_engagements_before_the_days_are_not_read(new_warehouse, inputs):
    warehouse = new_warehouse()
    variables = {"input_dir": str(inputs), "as_of": "2026-01-11 00:00:00", "engagement_days": 3}
    warehouse.build("run", "--select", "base_engagements", variables=variables)
    assert warehouse.query("select tweet_id from base_engagements order by all") == [(102,), (103,)]


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        ({"engagement_days": 3}, "3 days before as_of are asked for, and the var as_of is not set"),
        ({"engagement_days": -1}, "var engagement_days: '-1' is not a whole number from 0"),
    ],
)
def test_what_it_needs_is_said(new_warehouse, inputs, variables, complaint):
    outcome = new_warehouse().dbt("run", "--select", "base_engagements", variables={"input_dir": str(inputs), **variables})
    assert not outcome.success
    assert complaint in outcome.output + outcome.error
