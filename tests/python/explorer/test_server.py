"""The live pages: addresses that can be shared, any person by id or name, and the next run without a restart."""

import json
import socket
import threading
import urllib.error
import urllib.request
from http.client import HTTPConnection

import duckdb
import pytest

from simclusters.explorer.pages import Explorer, NothingToShowError, open_snapshot
from simclusters.explorer.server import Published, answer, serve

MADE = """
    create table clusters as select 1 as cluster_id, '{name}' as cluster_name, 2 as producer_count, 5 as follower_count,
        1 as interested_consumer_count, 'jazz' as top_topics, 'en' as main_language, 1.0 as main_language_share,
        'US' as main_country, 1.0 as main_country_share, 0.5 as weighted_recall, 2.0 as relative_precision,
        0.1 as weight_score_correlation;
    create table cluster_map as select 1 as cluster_id, 0.5 as map_x, 0.25 as map_y, {is_placed} as is_placed_by_neighbors;
    create table cluster_neighbors (cluster_id bigint, neighbor_cluster_id bigint, neighbor_rank bigint, common_consumer_count bigint,
        follow_cosine_similarity double, log_fav_cosine_similarity double);
    create table entity_names as
        select 'user' as entity_kind, 9007199254740993 as entity_id, null as entity_key, 'Ada' as entity_name, null as author_id,
            null::timestamp as created_at
        union all select 'user', 12, 'did:plc:bo/b', null, null, null;
    create table producers as select 12 as producer_id, 'bob' as screen_name, 3 as follower_count;
    create table cluster_top_tweets as select 'live' as index_name, 1 as cluster_id, 9223372036854775807 as tweet_id, 1 as tweet_rank,
        3 as engagement_count, 0.5 as tweet_score, null::date as list_day;
    create table cluster_history as select cluster_id, timestamp '2026-01-01' as as_of, 2 as producer_count, 5 as follower_count,
        1 as interested_consumer_count from (values (1), (2)) as ids (cluster_id);
    create table interested_in as select 9007199254740993 as consumer_id, 1 as cluster_id, 1 as cluster_rank, 0.5 as log_fav_score,
        1.5 as follow_score, 2 as followed_producer_count, 1 as faved_producer_count;
"""


def publish(folder, run, name, is_placed="true"):
    """A snapshot, made by hand, that becomes the current one."""
    (folder / run).mkdir(parents=True)
    with duckdb.connect(str(folder / run / "simclusters.duckdb")) as connection:
        connection.execute(MADE.format(name=name, is_placed=is_placed))
    beside = folder / "current.new"
    beside.symlink_to(run)
    beside.replace(folder / "current")


def served(folder, host):
    """The address of a server of one published run, on a free port."""
    publish(folder, "run1", "jazz guitar")
    started, found = threading.Event(), []
    tell = lambda url: (found.append(url), started.set())  # noqa: E731  two calls in a row
    threading.Thread(target=serve, args=(folder, host, 0, tell), daemon=True).start()
    assert started.wait(20)
    return found[0]


@pytest.fixture
def address(tmp_path):
    return served(tmp_path, "127.0.0.1")


def get(address, path):
    with urllib.request.urlopen(address + path) as found:
        return json.loads(found.read())


def test_every_address_is_a_page_and_data_come_by_id_name_or_text_id(address):
    for path in ("", "community/1", "person/Ada", "producer/did%3Aplc%3Abo%2Fb", "anything"):
        with urllib.request.urlopen(address + path) as page:
            assert page.headers["Content-Type"] == "text/html; charset=utf-8"
            assert b"connect-src 'self'" in page.read()
    by_id = get(address, "api/page/person/9007199254740993")
    assert by_id["page"]["interests"] == [["1", 0.5, 1.5, 2, 1]]
    assert by_id["names"]["user"] == {"9007199254740993": ["Ada"]}
    assert get(address, "api/page/person/ada") == by_id
    assert get(address, "api/page/producer/did%3Aplc%3Abo%2Fb")["id"] == "12"
    assert get(address, "api/page/community/jazz%20guitar")["id"] == "1"
    for none in ("nobody", "9223372036854775808", "9" * 30):
        assert get(address, f"api/page/person/{none}")["page"] is None
    assert get(address, "api/page/tweet/9223372036854775807")["page"]["places"] == [["live", "1", 1, 3]]
    assert get(address, "api/search?q=JAZZ")["found"] == [["community", "1"]]
    # Community 2 is gone, and has a history.
    assert get(address, "api/page/community/2")["page"] is None
    assert len(get(address, "api/page/community/1")["page"]["history"]) == 1
    assert get(address, "api/search?q=plc")["found"] == [["producer", "12"]]
    assert get(address, "api/search?q=%25")["found"] == []


def test_the_next_run_shows_without_a_restart(address, tmp_path):
    before = get(address, "api/map")
    assert before["names"]["community"]["1"][0] == "jazz guitar"
    publish(tmp_path, "run2", "free jazz")
    (tmp_path / "run2" / "warnings.json").write_text('["a test: what it warned of"]')
    after = get(address, "api/map")
    assert after["names"]["community"]["1"][0] == "free jazz"
    assert after["run_id"] != before["run_id"]
    assert get(address, "api/page/community/1")["run_id"] == after["run_id"]
    assert get(address, "api/health")["warnings"] == ["a test: what it warned of"]


def test_other_sites_and_wrong_addresses_get_nothing(address):
    connection = HTTPConnection("127.0.0.1", int(address.rstrip("/").rsplit(":", 1)[1]))
    for host in ("evil.example", "[::1", "[::1].evil.example"):
        connection.request("GET", "/api/map", headers={"Host": host})
        refused = connection.getresponse()
        assert refused.status == 403
        refused.read()
    # Without a slash it is no address of ours, and gets the page as any other.
    connection.request("GET", "map")
    assert connection.getresponse().status == 200
    connection.close()
    for path in ("api/page/person", "api/nothing", "api/page/secrets/1", "api/page/../../etc/passwd"):
        with pytest.raises(urllib.error.HTTPError) as problem:
            get(address, path)
        assert problem.value.code == 404


def test_where_no_kernel_placed_them_the_explorer_does(tmp_path):
    publish(tmp_path, "run1", "jazz guitar", is_placed="false")
    explorer = Explorer(open_snapshot(tmp_path)[0])
    assert explorer.map()[0]["bubbles"][0][1:3] != [0.5, 0.25]


def test_parquet_files_as_bigquery_exports_them_are_enough(tmp_path):
    publish(tmp_path, "run1", "jazz guitar")
    folder = tmp_path / "exported"
    with duckdb.connect(str(tmp_path / "run1" / "simclusters.duckdb"), read_only=True) as connection:
        for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall():
            # Parts in a folder, or one file.
            place = folder / name / "000.parquet" if name < "d" else folder / f"{name}.parquet"
            place.parent.mkdir(parents=True, exist_ok=True)
            connection.execute(f"copy {name} to '{place}' (format parquet)")
    explorer, published = Explorer(open_snapshot(folder)[0]), Explorer(open_snapshot(tmp_path)[0])
    for address in (["map"], ["health"], ["page", "community", "1"], ["page", "person", "Ada"]):
        assert answer(explorer, address, {}) == answer(published, address, {})


def test_a_folder_without_anything_says_what_to_do(tmp_path):
    with pytest.raises(NothingToShowError, match="make export"):
        Published(tmp_path)


def test_a_reader_walks_by_addresses_that_can_be_shared(address, browser, tmp_path):
    browser.requests.clear()
    browser.problems.clear()
    browser.size(1280, 860)
    browser.open(f"{address}person/Ada")
    title = "document.querySelector('#page h1').textContent"
    assert browser.run(title) == "Ada"
    browser.run("document.querySelector('#page .bars a').click()")
    browser.wait_for(f"location.pathname === '/community/1' && {title} === 'jazz guitar'")
    publish(tmp_path, "run2", "free jazz")
    browser.run("history.back()")
    browser.wait_for(f"{title} === 'Ada' && document.querySelector('#page .bars a').textContent === 'free jazz'")
    browser.run("document.getElementById('search').focus()")
    browser.press(*"did:plc")
    found = "document.getElementById('found')"
    browser.wait_for(f"{found}.children.length === 1 && {found}.textContent.includes('did:plc')")
    browser.press("Enter")
    browser.wait_for("location.pathname === '/producer/12'")
    browser.open(f"{address}person/nobody")
    assert browser.run(title) == "Nothing to show here"
    assert browser.problems == []
    assert [url for url in browser.requests if not url.startswith((address, "data:", "about:"))] == []


def test_what_is_served_is_kept_by_nobody_and_shown_in_no_frame(address):
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY"}
    headers["Referrer-Policy"] = "no-referrer"
    for path in ("", "api/map"):
        with urllib.request.urlopen(address + path) as found:
            assert {name: found.headers[name] for name in headers} == headers


def test_a_head_has_no_body_and_the_connection_goes_on(address):
    connection = HTTPConnection("127.0.0.1", int(address.rstrip("/").rsplit(":", 1)[1]))
    for method in ("HEAD", "GET"):
        connection.request(method, "/api/map")
        found = connection.getresponse()
        body = found.read()
        assert found.status == 200
        assert len(body) == (int(found.headers["Content-Length"]) if method == "GET" else 0)
    connection.close()


def test_a_run_that_cannot_be_shown_is_an_error_until_the_next(address, tmp_path):
    (tmp_path / "run2").mkdir()
    with duckdb.connect(str(tmp_path / "run2" / "simclusters.duckdb")) as connection:
        connection.execute("create table others as select 1 as one")
    (tmp_path / "current.new").symlink_to("run2")
    (tmp_path / "current.new").replace(tmp_path / "current")
    for _ in range(2):
        with pytest.raises(urllib.error.HTTPError, match="500"):
            get(address, "api/map")
    publish(tmp_path, "run3", "free jazz")
    assert get(address, "api/map")["names"]["community"]["1"][0] == "free jazz"


def has_ipv6():
    with socket.socket(socket.AF_INET6) as tried:
        try:
            tried.bind(("::1", 0))
        except OSError:
            return False
    return True


@pytest.mark.parametrize(
    "host", ["0.0.0.0", pytest.param("::1", marks=pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6"))]
)
def test_a_host_may_be_of_others_or_of_ipv6(tmp_path, host):
    """Where others are let in, they may call the machine as they like."""
    url = served(tmp_path, host)
    names = {"0.0.0.0": ["192.0.2.1:8020", "ada.example"], "::1": ["[::1]:8020", "[::1]", "localhost"]}[host]
    for name in names:
        request = urllib.request.Request(url + "api/health", headers={"Host": name})
        with urllib.request.urlopen(request) as answered:
            assert answered.status == 200
