"""The pages of real data, which our generator did not make: no tweets' authors, other names, other sizes."""

import duckdb
import pytest

from simclusters.explorer.file import write_explorer
from simclusters.explorer.pages import Explorer

from .test_file import FAULTS


@pytest.fixture(scope="module")
def ciao_file(ciao_warehouse, tmp_path_factory):
    """The explorer of Ciao, with communities but without recommendations, which take long."""
    warehouse = ciao_warehouse.copy(tmp_path_factory.mktemp("ciao_explorer"))
    warehouse.build("run", "--select", "path:models/clusters", variables=warehouse.variables)
    path = warehouse.folder / "explorer.html"
    with duckdb.connect(str(warehouse.database), read_only=True) as connection:
        write_explorer(Explorer(connection), path)
    return path


def test_every_page_of_ciao_shows_and_every_link_leads_to_one(show, ciao_file):
    found = show(ciao_file).run(FAULTS)
    assert found["faults"] == []
    assert found["count"] > 100
