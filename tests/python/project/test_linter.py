"""The linter sees each kind of slip, one in each file."""

import re
import subprocess
import sys

import pytest
from dbt_command import PROJECT

GOOD = """with follows as (select consumer_id, producer_id from raw_follows),

follower_counts as (
    select
        producer_id,
        count(*) as follower_count

    from follows

    where consumer_id > 0
        and producer_id > 0

    group by producer_id
)

select * from follower_counts
"""
# The rule that must speak, and what is put in the place of what.
SLIPS = {
    "AL02": ("count(*) as follower_count", "count(*) follower_count"),
    "AL05": ("from follows\n", "from follows as followed\n"),
    "AM01": ("select\n        producer_id", "select distinct\n        producer_id"),
    "CP01": ("group by", "GROUP by"),
    "CP02": ("producer_id,\n        count", "Producer_id,\n        count"),
    "CV02": ("count(*)", "ifnull(1, 2)"),
    "CV05": ("producer_id > 0", "producer_id = null"),
    "LT01": ("consumer_id, producer_id", "consumer_id,producer_id"),
    "LT02": ("        and producer_id", "            and producer_id"),
    "LT04": (",\n        count(*)", "\n        , count(*)"),
    "LT05": ("count(*)", " + ".join(["count(*)"] * 20)),
    "LT12": ("select * from follower_counts\n", "select * from follower_counts"),
    "LT14": ("select * from follower_counts", "select * from follower_counts order by 1"),
    "RF02": ("select * from follower_counts", "select producer_id from follower_counts cross join follows"),
    "ST03": ("select * from follower_counts", "select * from follows"),
    "PRS": ("group by", "group bye"),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> dict[str, set[str]]:
    """By name of a slip, the rules that the linter names; all in one run, on SQL without Jinja."""
    folder = tmp_path_factory.mktemp("slips")
    (folder / ".sqlfluff").write_text((PROJECT / ".sqlfluff").read_text().replace("templater = dbt", "templater = raw"))
    (folder / "good.sql").write_text(GOOD)
    for rule, (right, wrong) in SLIPS.items():
        assert right in GOOD
        (folder / f"{rule}.sql").write_text(GOOD.replace(right, wrong, 1))
    command = [sys.executable, "-c", "from sqruff.main import main; main()", "--nocolor", "--parsing-errors", "lint", "."]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    parts = re.split(r"== \[(?:\./)?(.+?)\.sql\] FAIL\n", done.stdout)
    return {name: set(re.findall(r"\| +([A-Z]{2}\d\d|\?{4}) \|", text)) for name, text in zip(parts[1::2], parts[2::2], strict=True)}


@pytest.mark.parametrize("rule", SLIPS)
def test_a_slip_is_seen(found, rule):
    assert ("????" if rule == "PRS" else rule) in found[rule]


def test_what_is_right_is_left_alone(found):
    assert "good" not in found
