"""Ids of any text: numbered once, for ever, in dictionaries; integers are left as they are."""

import random
import shutil

import pytest

from .test_inputs import ENGAGEMENT_HEADER, GOOD, STAGING, tables_of, write_files

STAGED = ("run", "--select", "staging")
# What a test looks at, and no more.
NUMBERED = ("run", "--select", "staging.ids")
FOLLOWS_STAGED = (*NUMBERED, "base_follows", "stg_held_out_follows", "stg_follows")
CHECKED = (*FOLLOWS_STAGED, "staging.base", "input_report")
LONG = "x" * 10_000
TEXT = {
    "follows.csv": "consumer_id,producer_id\n"
    + "did:plc:ada,did:plc:bob\n did:plc:ada\t,did:plc:cyd\nDID:PLC:ADA,did:plc:bob\n"
    + f'did:plc:bob,did:plc:bob\n,did:plc:bob\n" \u00a0",did:plc:cyd\n"it\'s ""eve""",naïve 👩\n007,{LONG}\n7,7.0\n',
    "engagements.csv": ENGAGEMENT_HEADER
    + "did:plc:ada,6f9619ff-8b86-d011-b42d-00c04fc964ff,fav,2026-01-02 03:04:05\n"
    + "did:plc:zoe,1b4e28ba-2fa1-11d2-883f-0016d3cca427,fav,2026-01-02 03:04:05\n"
    + "did:plc:zoe,1b4e28ba-2fa1-11d2-883f-0016d3cca427,dance,2026-01-02 03:04:05\n",
    "tweet_topics.csv": "tweet_id,topic_id\n6f9619ff-8b86-d011-b42d-00c04fc964ff,#jazz\n",
}
USERS = ["007", "7", "7.0", "DID:PLC:ADA", "did:plc:ada", "did:plc:bob", "did:plc:cyd", "did:plc:zoe", 'it\'s "eve"', "naïve 👩", LONG]
DICTIONARIES = ("user_ids", "tweet_ids", "topic_ids")


def dictionaries_of(warehouse) -> dict[str, list[tuple]]:
    return {name: warehouse.query(f"from {name} order by 1") for name in DICTIONARIES}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    """A function that puts files into one folder and returns the vars that name it: another folder would be other inputs."""
    folder = tmp_path_factory.mktemp("text") / "inputs"

    def write(files: dict[str, str]) -> dict[str, str]:
        shutil.rmtree(folder, ignore_errors=True)
        return {"input_dir": str(write_files(folder, files))}

    return write


@pytest.fixture(scope="module")
def staged(new_warehouse, inputs):
    """Staging of the text ids; shared, so copy it before another run."""
    warehouse = new_warehouse()
    warehouse.build(*STAGED, variables=inputs(TEXT))
    return warehouse


def test_text_ids_are_numbered_in_the_order_of_their_text(staged):
    assert dictionaries_of(staged) == {
        "user_ids": [(number, key) for number, key in enumerate(sorted(USERS, key=str.encode), start=1)],
        "tweet_ids": [(1, "1b4e28ba-2fa1-11d2-883f-0016d3cca427"), (2, "6f9619ff-8b86-d011-b42d-00c04fc964ff")],
        "topic_ids": [(1, "#jazz")],
    }


def test_a_join_gives_the_text_back(staged):
    follows = """
        select consumers.user_key, producers.user_key
        from stg_follows
        inner join user_ids as consumers on consumer_id = consumers.user_id
        inner join user_ids as producers on producer_id = producers.user_id
    """
    assert sorted(staged.query(follows)) == [
        ("007", LONG),
        ("7", "7.0"),
        ("DID:PLC:ADA", "did:plc:bob"),
        ("did:plc:ada", "did:plc:bob"),
        ("did:plc:ada", "did:plc:cyd"),
        ('it\'s "eve"', "naïve 👩"),
    ]
    assert staged.query("select topic_name from stg_topics") == [("#jazz",)]


def test_rows_left_out_are_counted_and_shown_as_the_input_writes_them(staged):
    assert sorted(staged.query("select table_name, reason, row_count, example_row from input_report")) == [
        (
            *("engagements", "engagement_type is unknown: dance", 1),
            "user_id=did:plc:zoe, tweet_id=1b4e28ba-2fa1-11d2-883f-0016d3cca427, engagement_type=dance, "
            "engaged_at=2026-01-02 03:04:05",
        ),
        ("follows", "consumer_id is null", 2, "consumer_id=null, producer_id=did:plc:bob"),
        ("follows", "follows itself", 1, "consumer_id=did:plc:bob, producer_id=did:plc:bob"),
    ]


def test_the_order_of_the_rows_does_not_matter(staged, new_warehouse, inputs):
    header, *rows = TEXT["follows.csv"].splitlines(keepends=True)
    random.Random(5).shuffle(rows)
    warehouse = new_warehouse()
    warehouse.build(*NUMBERED, variables=inputs(TEXT | {"follows.csv": header + "".join(rows)}))
    assert dictionaries_of(warehouse) == dictionaries_of(staged)


def test_numbers_stay_and_new_ids_get_the_next_ones(staged, inputs, tmp_path):
    warehouse = staged.copy(tmp_path / "warehouse")
    before = dictionaries_of(warehouse)
    new_rows = "consumer_id,producer_id\ndid:plc:aaa,did:plc:bob\nnew,aaa\n"
    variables = inputs({"follows.csv": new_rows})
    warehouse.build(*FOLLOWS_STAGED, variables=variables)
    grown = dictionaries_of(warehouse)
    assert grown == before | {"user_ids": [*before["user_ids"], (12, "aaa"), (13, "did:plc:aaa"), (14, "new")]}
    assert sorted(warehouse.query("from stg_follows")) == [(13, 6), (14, 12)]

    warehouse.build(*NUMBERED, "--full-refresh", variables=variables)
    assert dictionaries_of(warehouse) == grown


def test_known_text_ids_may_be_integers_in_one_column(staged, inputs, tmp_path):
    warehouse = staged.copy(tmp_path / "warehouse")
    users = inputs(TEXT | {"users.csv": "user_id,screen_name\n7,seven\n"})
    warehouse.build(*NUMBERED, "base_users", "stg_users", variables=users)
    number = dict(warehouse.query("select user_key, user_id from user_ids"))["7"]
    assert warehouse.query("select user_id, screen_name from stg_users") == [(number, "seven")]


def test_numbers_may_follow_names(new_warehouse, inputs):
    """Consumers have numbers, what they follow has names: games, pages, shops. All ids are text then."""
    warehouse = new_warehouse()
    files = {
        "follows.csv": "consumer_id,producer_id\n7,Half-Life\n7,Portal\n8,Portal\n",
        "engagements.csv": ENGAGEMENT_HEADER + "8,1,fav,2026-01-02 03:04:05\n",
        "users.csv": "user_id,screen_name\n7,seven\n8,eight\n",
    }
    warehouse.build(*FOLLOWS_STAGED, "staging.base", variables=inputs(files))
    assert warehouse.query("from user_ids order by 1") == [(1, "7"), (2, "8"), (3, "Half-Life"), (4, "Portal")]
    assert sorted(warehouse.query("from stg_follows")) == [(1, 3), (1, 4), (2, 4)]
    assert warehouse.query("select user_id, tweet_id from base_engagements") == [(2, 1)]
    assert sorted(warehouse.query("select user_id, screen_name from base_users")) == [(1, "seven"), (2, "eight")]


def test_integers_are_not_numbered_and_their_input_is_not_read_again(new_warehouse, inputs):
    warehouse = new_warehouse()
    outcome = warehouse.dbt(*NUMBERED, "staging.base", variables=inputs(GOOD))
    assert outcome.success, outcome.output + outcome.error
    assert dictionaries_of(warehouse) == {name: [] for name in DICTIONARIES}
    assert not [name for name in DICTIONARIES if "read_csv" in outcome.compiled[name]]
    assert not [name for name, sql in outcome.compiled.items() if name.startswith("base_") and "left join" in sql]


REFUSED = {
    "integers become text": (GOOD, TEXT, ["user ids: text in follows.consumer_id, follows.producer_id", "earlier runs hold integers"]),
    "text becomes integers": (TEXT, GOOD, ["user ids: integers in follows.consumer_id, follows.producer_id", "numbers text ids"]),
    "handles in one table and numbers in another": (
        GOOD,
        GOOD | {"users.csv": "user_id,screen_name\n@ada,ada\n"},
        [
            *("users (", "column user_id: not an int64 in 1 of 1 rows", "user_id=@ada"),
            "user ids: text in users.user_id, but integers in follows.consumer_id, follows.producer_id",
        ],
    ),
    "numbers follow handles, and handles engage": (
        GOOD,
        {
            "follows.csv": "consumer_id,producer_id\n7,@ada\n8,@ada\n",
            "engagements.csv": ENGAGEMENT_HEADER + "@seven,1,fav,2026-01-02 03:04:05\n",
        },
        [
            "user ids: text in follows.producer_id, engagements.user_id, but integers in follows.consumer_id",
            "needs the same id in each table",
        ],
    ),
}


@pytest.fixture(scope="module")
def with_integers(new_warehouse, inputs):
    """All that staging makes of integers."""
    warehouse = new_warehouse()
    warehouse.build(*STAGING, variables=inputs(GOOD))
    return warehouse


@pytest.mark.parametrize("case", REFUSED)
def test_a_change_of_the_kind_of_ids_stops_the_run_and_the_tables_stand(staged, with_integers, inputs, tmp_path, case):
    first, second, expected = REFUSED[case]
    warehouse = (staged if first is TEXT else with_integers).copy(tmp_path / "warehouse")
    if first is TEXT:
        warehouse.build("run", "--select", "int_fav_states", variables=inputs(first))
    before = tables_of(warehouse) | dictionaries_of(warehouse)
    outcome = warehouse.dbt(*STAGING, variables=inputs(second))
    assert not outcome.success
    assert [text for text in expected if text not in outcome.error] == [], outcome.error
    assert tables_of(warehouse) | dictionaries_of(warehouse) == before


@pytest.mark.nightly
def test_a_full_refresh_may_change_integers_to_text(staged, new_warehouse, inputs):
    warehouse = new_warehouse()
    warehouse.build(*STAGED, variables=inputs(GOOD))
    warehouse.build(*STAGED, "--full-refresh", variables=inputs(TEXT))
    assert dictionaries_of(warehouse) == dictionaries_of(staged)


@pytest.mark.nightly
def test_text_ids_of_tables_may_have_any_type_of_text(new_warehouse):
    warehouse = new_warehouse()
    warehouse.execute("create schema events")
    warehouse.execute("create table events.follows as select '@ada'::enum('@ada', '@bob') as consumer_id, '@bob' as producer_id")
    warehouse.execute(
        "create table events.engagements as select '@ada' as user_id, 'fav' as engagement_type, date '2026-01-02' as engaged_at,"
        " '6f9619ff-8b86-d011-b42d-00c04fc964ff'::uuid as tweet_id"
    )
    warehouse.parse_part("staging", "engagements", variables={"input_schema": "events"})
    warehouse.build(*STAGED, variables={"input_schema": "events"})
    assert warehouse.query("from user_ids order by 1") == [(1, "@ada"), (2, "@bob")]
    assert warehouse.query("from tweet_ids") == [(1, "6f9619ff-8b86-d011-b42d-00c04fc964ff")]
    assert warehouse.query("from stg_follows") == [(1, 2)]


def test_an_erased_text_id_leaves_its_number_and_nothing_else(staged, inputs, tmp_path, monkeypatch):
    """Its tweets go too, whose ids may hold its own. Nobody gets its number. Neither the old inputs nor a message bring it back."""
    warehouse = staged.copy(tmp_path / "warehouse")
    tweets = "tweet_id,author_id\nat://did:plc:ada/1,did:plc:ada\nat://did:plc:bob/1,did:plc:bob\n"
    event = "{},at://did:plc:ada/1,fav,2026-01-02 03:04:05\n"
    files = TEXT | {"tweets.csv": tweets, "engagements.csv": TEXT["engagements.csv"] + event.format("did:plc:bob")}
    warehouse.build(*CHECKED, variables=inputs(files))
    before = dictionaries_of(warehouse)
    number = {key: number for number, key in before["user_ids"]}["did:plc:ada"]

    warehouse.build("run-operation", "forget", "--args", "{user_id: [did:plc:ada, did:plc:unknown]}")
    broken = files | {"engagements.csv": files["engagements.csv"] + "did:plc:ada,at://did:plc:ada/1,fav,yesterday\n"}
    for variables in (inputs(broken), inputs(broken) | {"engagement_days": 400, "as_of": "2026-01-03"}):
        warehouse.build(*CHECKED, variables=variables)
        after = dictionaries_of(warehouse)
        assert (number, f" erased {number}") in after["user_ids"]
        assert [key for rows in after.values() for _, key in rows if "ada" in key] == []
        assert [len(rows) for rows in after.values()] == [len(rows) for rows in before.values()]
        assert warehouse.query(f"select 1 from stg_follows where {number} in (consumer_id, producer_id)") == []
        assert [text for (text,) in warehouse.query("select input_report::varchar from input_report") if "ada" in text] == []
        erased = "select table_name, row_count from input_report where reason = 'names somebody who was erased' order by 1"
        assert warehouse.query(erased) == [("engagements", 3), ("follows", 2), ("tweets", 1)]

    monkeypatch.setenv("SIMCLUSTERS_HIDE_VALUES", "1")
    unreadable = broken | {"engagements.csv": files["engagements.csv"] + "did:plc:bob,x,fav,yesterday\n"}
    outcome = warehouse.dbt(*STAGED, variables=inputs(unreadable))
    assert "column engaged_at: not a timestamp" in outcome.error
    assert "did:plc" not in outcome.error
