"""The one file, in a real browser: every kind of page, search, keyboard, small and dark screens, and figures as in the tables."""

import base64
import gzip
import os
import re
import subprocess
import sys

import duckdb
import pytest
from dbt_command import PROJECT

from simclusters.explorer import file
from simclusters.explorer.file import MAXIMUM_BYTES, SCRIPTS, explorer_data, page, write_explorer
from simclusters.explorer.pages import Explorer, NothingToShowError
from simclusters.explorer.sections import PAGES
from simclusters.explorer.server import answer

FAULTS = """
(async (perKind) => {
  const shown = new Set(["#/", "#/health"]), faults = [];
  let count = 0;
  const some = ([kind, pages]) => Object.keys(pages).slice(0, perKind).map((id) => `/${kind}/${id}`);
  for (const path of ["/", "/health", ...Object.entries(DATA.pages).flatMap(some)]) {
    for (const link of await visit(path)) shown.add(link);
    const title = document.querySelector("#page h1").textContent;
    const words = document.getElementById("page").innerText;
    if (/^(Nothing to show|This page cannot)/.test(title) || /undefined|NaN|null|\\[object/.test(words)) faults.push(path);
    count += 1;
  }
  for (const link of shown) {
    const [kind, id] = link.slice(2).split("/");
    if (!link.startsWith("#/") || (kind && kind !== "health" && !(DATA.pages[kind] && DATA.pages[kind][id]))) faults.push(link);
  }
  return { count, links: shown.size, faults };
})(40)
"""


def read_figures(browser, title):
    """Label and value of each line under a heading, in the order of the page."""
    return browser.run(
        f"""[...document.querySelectorAll("#page .card")].filter((card) => card.querySelector("h2").textContent === {title!r})
        .flatMap((card) => [...card.querySelectorAll("li")]).filter((line) => line.querySelector("data")).map((line) => [
          line.querySelector("bdi") ? line.querySelector("bdi").textContent : "",
          ...[...line.querySelectorAll("data")].map((data) => Number(data.getAttribute("value"))),
        ])"""
    )


def nearly(rows):
    return [[row[0], *(pytest.approx(value, rel=1e-5, abs=1e-9) for value in row[1:])] for row in rows]


def test_every_kind_of_page_shows_and_every_link_leads_to_one(show, sample_file):
    browser = show(sample_file)
    found = browser.run(FAULTS)
    assert found["faults"] == []
    assert found["count"] > 120
    assert found["links"] > 200


def test_the_figures_are_those_of_the_tables(show, sample_file, built_warehouse):
    browser = show(sample_file)
    browser.run("visit('/community/2')")
    tiles = browser.run("[...document.querySelectorAll('.tiles data')].map((one) => Number(one.value))")
    counts = "producer_count, follower_count, interested_consumer_count"
    assert tuple(tiles) == built_warehouse.query(f"select {counts} from clusters where cluster_id = 2")[0]
    known = """
        select screen_name, known_for_score from known_for join producers using (producer_id)
        where cluster_id = 2 order by producer_rank limit 12
    """
    assert read_figures(browser, "Whom it is known for") == nearly(built_warehouse.query(known))
    near = """
        select cluster_name, follow_cosine_similarity, log_fav_cosine_similarity
        from cluster_neighbors join clusters on neighbor_cluster_id = clusters.cluster_id
        where cluster_neighbors.cluster_id = 2 order by neighbor_rank limit 8
    """
    assert read_figures(browser, "Near communities") == nearly(built_warehouse.query(near))

    person = browser.run("DATA.about.example")
    browser.run(f"visit('/person/{person}')")
    interests = f"""
        select cluster_name, log_fav_score, follow_score from interested_in join clusters using (cluster_id)
        where consumer_id = {person} order by cluster_rank limit 10
    """
    assert read_figures(browser, "Interests") == nearly(built_warehouse.query(interests))
    tweets = f"""
        select candidate_score, first_share from (
            select tweet_id, candidate_rank, candidate_score from tweet_candidates
            where candidate_type = 'default' and consumer_id = {person} order by candidate_rank limit 8
        ) join (
            select tweet_id, max(contribution_share) as first_share from tweet_candidate_explanations
            where candidate_type = 'default' and consumer_id = {person} group by tweet_id
        ) using (tweet_id) order by candidate_rank
    """
    shown = [row[1:3] for row in read_figures(browser, "Tweets to read")]
    assert shown == [row[1:] for row in nearly([("", *row) for row in built_warehouse.query(tweets)])]

    browser.run("visit('/health')")
    cells = browser.run(
        "[...document.querySelectorAll('#page tr')].filter((row) => row.cells.length === 3 && row.querySelector('data'))"
        ".map((row) => [row.cells[0].textContent.replaceAll(' ', '_'), Number(row.querySelector('data').value)])"
    )
    metrics = dict(built_warehouse.query("select metric_name, metric_value from run_report where metric_kind = 'count'"))
    assert dict(cells) == metrics
    assert browser.run("document.querySelector('.warnings').textContent") == "a_test: what it warned of"


def test_an_address_means_the_same_as_on_the_served_pages(show, sample_file, built_warehouse):
    """Names in any case, ids, and what nobody is called."""
    browser = show(sample_file)
    person, name = browser.run("[DATA.about.example, nameOf('person', DATA.about.example)]")
    community = built_warehouse.query("select cluster_name from clusters where cluster_id = 2")[0][0]
    asked = [("person", text) for text in (person, name, name.upper(), "nobody", "7", "-", f"{name} ")]
    asked += [("community", text) for text in ("2", community, community.title(), "99999")]
    with duckdb.connect(str(built_warehouse.database), read_only=True) as connection:
        for kind, text in asked:
            served = answer(Explorer(connection), ["page", kind, text], {})
            found = browser.run(f"load({kind!r}, {text!r}).then((found) => found && found.id)")
            assert found == (served["id"] if served["page"] else None), (kind, text)
    browser.run(f"visit('/person/{name}')")
    assert browser.run("document.querySelector('#page h1').textContent") == name


def test_search_finds_by_name_and_the_keyboard_alone_goes_there(show, sample_file, built_warehouse):
    browser = show(sample_file)
    browser.press("/", *"jazz guitar")
    browser.wait_for("document.querySelectorAll('.map > g > a.dim').length > 15")
    assert browser.run("[...document.querySelectorAll('.map a:not(.dim)')].some((one) => one.ariaLabel.startsWith('jazz guitar'))")
    less_known = "from known_for join producers using (producer_id) where producer_rank > 15"
    [(producer, community)] = built_warehouse.query(f"select screen_name, cluster_id {less_known} order by all limit 1")
    browser.press("Escape", *producer)
    is_found = f"[...document.querySelectorAll('.map a:not(.dim)')].some((one) => one.dataset.community === '{community}')"
    browser.wait_for(f"document.querySelector('.map > g > a.dim') && {is_found}")
    browser.press("Escape", *"jazz guitar")
    browser.wait_for(
        "[...document.querySelectorAll('#found .kind')].slice(0, 2).map((one) => one.textContent).join() === 'community,topic'"
    )
    browser.press("ArrowDown", "Enter")
    browser.wait_for("document.querySelector('#page .over')?.textContent.startsWith('Topic ')")
    browser.run("visit('/')")
    browser.press("Tab")
    # From the top of a page: to the map and through its bubbles, the largest first.
    browser.run("document.querySelector('.map a').focus()")
    assert browser.run("document.activeElement.dataset.community") == "1"
    browser.press("Enter")
    browser.wait_for("document.getElementById('page').dataset.path === '/community/1'")


@pytest.mark.parametrize("is_dark", [False, True])
def test_a_phone_shows_all_of_it_without_scrolling_sideways(show, sample_file, is_dark):
    browser = show(sample_file)
    browser.size(360, 740, is_dark)
    example = browser.run("DATA.about.example")
    for path in ("/", "/health", "/community/1", f"/person/{example}", "/topic/104"):
        browser.run(f"visit('{path}')")
        assert browser.run("document.documentElement.scrollWidth") <= 360, path
    style = "getComputedStyle(document.documentElement)"
    colors = browser.run(f"[{style}.backgroundColor, {style}.color]")
    paper, ink = (sum(map(int, re.findall(r"\d+", color)[:3])) for color in colors)
    assert (ink > paper + 400) if is_dark else (paper > ink + 400)


def test_zooming_in_shows_the_producers_of_a_community(show, sample_file):
    browser = show(sample_file)
    browser.wait_for("[...document.querySelectorAll('.map text')].some((one) => one.textContent === 'jazzguitar')")
    assert not browser.run("document.querySelector('.inside-list')")
    browser.run("for (let step = 0; step < 3; step += 1) document.querySelector('.tools button').click()")
    browser.wait_for("document.querySelectorAll('.inside-list').length > 5")


HOSTILE = {
    "markup": "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>",
    "quotes": "\"'`${document.title='taken'}</script><!--",
    "direction": "abc\u202e\u2066gnp.exe\u200b",
    "emoji": "🦜👩‍👩‍👧‍👦 ﷽ ñ 中文",
    "long": "very long " * 1_000,
    "control": "red \u001b[31m bell \u0007 null-ish \u0001",
}


@pytest.fixture(scope="module")
def hostile_warehouse(built_warehouse, tmp_path_factory):
    """The sample with other names for its first topics, communities and people."""
    warehouse = built_warehouse.copy(tmp_path_factory.mktemp("hostile"))
    with duckdb.connect(str(warehouse.database)) as connection:
        best_known = "select producer_id from known_for where producer_rank = 1 order by 1"
        people = [row[0] for row in connection.execute(best_known).fetchall()]
        for number, name in enumerate(HOSTILE.values(), start=1):
            connection.execute("update clusters set cluster_name = $1 where cluster_id = $2", [name, number])
            connection.execute("update cluster_topics set topic_name = $1 where cluster_id = $2", [name, number])
            connection.execute("update base_users set screen_name = $1 where user_id = $2", [name, people[number]])
            connection.execute("update producers set screen_name = $1 where producer_id = $2", [name, people[number]])
        connection.execute("update runs set model_version = $1, input_name = $1", [HOSTILE["markup"]])
    return warehouse, people


def test_names_are_text_whatever_they_hold(show, hostile_warehouse, tmp_path):
    warehouse, people = hostile_warehouse
    with duckdb.connect(str(warehouse.database), read_only=True) as connection:
        write_explorer(Explorer(connection), tmp_path / "explorer.html", [HOSTILE["markup"]])
    browser = show(tmp_path / "explorer.html")
    title = "document.querySelector('#page h1').textContent"
    for number, name in enumerate(HOSTILE.values(), start=1):
        for path in (f"/community/{number}", f"/producer/{people[number]}"):
            browser.run(f"visit('{path}')")
            assert browser.run(title) == name
            assert "taken" not in browser.run("document.title").split("·")[1]
    for path in ("/", "/health"):
        browser.run(f"visit('{path}')")
        assert browser.run("document.querySelectorAll('#page img, #page script, #foot img').length") == 0
    browser.press("/", *"<img")
    browser.wait_for("document.querySelector('#found bdi')?.textContent.startsWith('<img src=x')")
    browser.size(360, 740)
    browser.run("visit('/community/5')")
    assert browser.run("document.documentElement.scrollWidth") <= 360


def test_the_file_asks_no_one_and_runs_no_script_but_its_own(sample_file):
    content = sample_file.read_text()
    assert "connect-src" not in content
    assert re.search(
        r"\"default-src 'none'; script-src 'sha256-[A-Za-z0-9+/=]{44}'; style-src 'unsafe-inline'; img-src data:; \"", content
    )
    assert content.count("<script") == 2
    [data] = re.findall(r'id="data">(.*?)</script>', content, re.DOTALL)
    assert re.fullmatch(r"[A-Za-z0-9+/=]+", data)
    # The namespace of SVG is a name, not an address that is asked.
    assert set(re.findall(r"https?://[^\s\"']+", content)) == {"http://www.w3.org/2000/svg"}


def test_no_adapter_is_imported_and_no_path_of_this_machine_is_in_the_file(sample_file, built_warehouse):
    script = (
        "import sys; import simclusters.commands.explore, simclusters.explorer.file, simclusters.explorer.server;"
        "print([name for name in sys.modules if name.split('.')[0] in ('dbt', 'google')])"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"
    [data] = re.findall(r'id="data">(.*?)</script>', sample_file.read_text(), re.DOTALL)
    unpacked = gzip.decompress(base64.b64decode(data)).decode()
    assert '"community"' in unpacked
    assert not [part for part in (str(built_warehouse.folder), str(PROJECT), os.path.expanduser("~/")) if part in unpacked]


def test_the_same_tables_give_the_same_file(built_warehouse, sample_file):
    with duckdb.connect(str(built_warehouse.database), read_only=True) as connection:
        data = explorer_data(Explorer(connection), 1.0, ["a_test: what it warned of"])
    assert page(data) == sample_file.read_bytes()
    # A vector has one row per community, whatever languages and countries the table holds.
    for kind in ("producer", "tweet", "topic"):
        place = data["columns"][kind]["vector"].index("community")
        vectors = [[(row[0], row[place]) for row in one.get("vector", [])] for one in data["pages"][kind].values()]
        assert any(vectors)
        assert all(len(vector) == len(set(vector)) for vector in vectors), kind


def test_what_does_not_fit_is_cut_and_the_page_says_so(show, built_warehouse, tmp_path, monkeypatch):
    monkeypatch.setattr(file, "PAGES_AT_MOST", {"community": 24, "topic": 29, "producer": 200, "person": 150, "tweet": 300})
    small = 200_000
    with duckdb.connect(str(built_warehouse.database), read_only=True) as connection:
        size = write_explorer(Explorer(connection), tmp_path / "explorer.html", maximum_bytes=small)
    assert size <= small < MAXIMUM_BYTES
    browser = show(tmp_path / "explorer.html")
    counts, shown = browser.run("[DATA.about.counts, DATA.about.shown]")
    assert 0 < shown["person"] < counts["person"]
    assert f"{shown['person']} of {counts['person']:,} people" in browser.run("document.getElementById('cut').textContent")
    assert browser.run(FAULTS.replace("})(40)", "})(5)"))["faults"] == []


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(file, "explorer_data", lambda *_: {})
    monkeypatch.setattr(file, "page", lambda _: b"page")
    (tmp_path / "explorer.html").mkdir()
    with pytest.raises(IsADirectoryError):
        write_explorer(None, tmp_path / "explorer.html")
    assert [path.name for path in tmp_path.iterdir()] == ["explorer.html"]


def test_follows_alone_and_an_empty_database(tmp_path):
    with duckdb.connect() as connection:
        with pytest.raises(NothingToShowError, match="no table clusters"):
            Explorer(connection)
        connection.execute(
            "create table clusters as select 1 as cluster_id, 'one' as cluster_name, 2 as producer_count, 5 as follower_count,"
            " 3 as interested_consumer_count, null::varchar as top_topics,"
            " null::varchar as main_language, null as main_language_share, null::varchar as main_country, null as main_country_share,"
            " 0.5 as weighted_recall, 'inf'::double as relative_precision,"
            " 'nan'::double as weight_score_correlation;"
            "create table cluster_map as select 1 as cluster_id, 0.0 as map_x, 0.0 as map_y, true as is_placed_by_neighbors"
        )
        data = explorer_data(Explorer(connection))
    assert data["pages"]["community"] == {"1": {"facts": [[2, 5, 3, None, None, None, None, 0.5, None, None, 0.5, None, None]]}}
    assert data["names"]["community"] == {"1": ["one", 2]}
    assert all(not data["pages"][kind] for kind in PAGES if kind != "community")


def test_the_pages_read_public_tables_alone(manifest):
    from simclusters.explorer import sections

    public = {node["name"] for node in manifest["nodes"].values() if node["config"].get("access") == "public"}
    for page_sections in (*PAGES.values(), sections.MAP, sections.HEALTH):
        for name, section in page_sections.items():
            read = set(re.findall(r"(?:from|join) (\w+)", section.sql))
            named_here = set(re.findall(r"(\w+) as \(", section.sql))
            assert read - named_here <= set(section.tables) <= public, name


def test_what_is_shipped_is_shipped_whole():
    assets = PROJECT / "python_udfs" / "simclusters" / "explorer" / "assets"
    assert {path.name for path in assets.iterdir()} == {"explorer.html", "explorer.css", *SCRIPTS}
    assert sum(path.stat().st_size for path in assets.iterdir()) < 120_000
