"""One file of the sample and one browser for all tests of the explorer."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from simclusters.explorer.file import write_explorer
from simclusters.explorer.pages import Explorer

from .browser import COMMAND, Browser

# Goes to an address of the page and waits for it; gives the links that it shows.
VISIT = """
window.visit = async (path) => {
  const main = document.getElementById("page"), end = Date.now() + 10000;
  location.hash = path;
  while (main.dataset.path !== path) {
    if (Date.now() > end) throw new Error(`${path} does not show`);
    await new Promise((then) => setTimeout(then, 0));
  }
  return [...main.querySelectorAll("a")].map((one) => one.getAttribute("href"));
};
"""


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """A browser, or a skipped test where none is installed."""
    if COMMAND is None:
        pytest.skip("no chromium is on the path; Debian's package chromium will do")
    browser = Browser(tmp_path_factory.mktemp("browser"))
    yield browser
    browser.close()


@pytest.fixture
def show(browser):
    """A function that opens a file of the explorer. At the end the page must have had no error and asked no machine for anything."""
    browser.requests.clear()
    browser.problems.clear()

    def open_file(path: Path) -> Browser:
        browser.size(1280, 860)
        # The same address with another hash would not load it again.
        browser.call("Page.navigate", url="about:blank")
        browser.open(path.as_uri())
        browser.run(VISIT)
        return browser

    yield open_file
    assert browser.problems == []
    assert [url for url in browser.requests if not url.startswith(("file:", "about:", "data:"))] == []


@pytest.fixture(scope="session")
def sample_file(built_warehouse, tmp_path_factory):
    """The explorer of the sample."""
    path = tmp_path_factory.mktemp("explorer") / "explorer.html"
    with duckdb.connect(str(built_warehouse.database), read_only=True) as connection:
        write_explorer(Explorer(connection), path, ["a_test: what it warned of"])
    return path
