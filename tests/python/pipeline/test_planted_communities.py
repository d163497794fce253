"""The sample plants communities; the pipeline has to find them."""

import csv

import numpy as np
import pytest

from simclusters.communities.agreement import normalized_mutual_information


@pytest.fixture(scope="module")
def planted(project_folder):
    """Producer id -> planted community."""
    with (project_folder / "tests/fixtures/planted_communities.csv").open() as rows:
        return {int(row["producer_id"]): int(row["community_id"]) for row in csv.DictReader(rows)}


def test_planted_communities_are_found(built_warehouse, planted):
    rows = [row for row in built_warehouse.query("select producer_id, cluster_id from known_for") if row[0] in planted]
    expected = np.array([planted[producer_id] for producer_id, _ in rows])
    found = np.array([cluster_id for _, cluster_id in rows])
    assert len(rows) >= 0.9 * len(planted)
    assert normalized_mutual_information(expected, found) >= 0.95


def test_the_number_of_communities_is_the_one_asked_for(built_warehouse, planted):
    found = built_warehouse.query("select count(*) from clusters")[0][0]
    assert abs(found - len(set(planted.values()))) <= 1


def test_consumers_are_interested_in_the_communities_they_follow_most(built_warehouse):
    agreeing, consumers = built_warehouse.query(
        """
        with counts as (
            select follows.consumer_id, known_for.cluster_id, count(*) as followed
            from stg_follows as follows inner join known_for using (producer_id)
            group by follows.consumer_id, known_for.cluster_id
            qualify row_number() over (partition by follows.consumer_id order by followed desc) = 1
        ),
        interests as (
            select consumer_id, cluster_id
            from interested_in
            qualify row_number() over (partition by consumer_id order by follow_score desc, cluster_id) = 1
        )
        select count(*) filter (counts.cluster_id = interests.cluster_id), count(*)
        from interests inner join counts using (consumer_id)
        where counts.followed >= 3
        """
    )[0]
    assert consumers > 1000
    assert agreeing >= 0.9 * consumers
