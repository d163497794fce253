"""Two model versions side by side."""

from __future__ import annotations


def test_versions_stand_side_by_side_and_a_run_replaces_its_own(built_warehouse, tmp_path):
    """Another version with other producers, run twice; then the first with fewer rows. A full refresh keeps what was there."""
    warehouse = built_warehouse.copy(tmp_path)
    count = "select model_version, count(*), round(sum(embedding_score), 6) from embedding_versions group by 1 order by 1"
    [(first, rows, score)] = warehouse.query(count)

    changed = {"model_version": "another", "clusters_per_producer": 1}
    for _ in range(2):
        warehouse.build("run", "-s", "producer_embeddings", "file:embeddings.sql", "embedding_versions", variables=changed)
        another, kept = sorted(warehouse.query(count))
        assert another[0] == "another"
        assert 0 < another[1] < rows
        assert kept == (first, rows, score)

    warehouse.build("run", "--full-refresh", "-s", "file:embeddings.sql", "embedding_versions")
    another_again, shorter = sorted(warehouse.query(count))
    assert another_again == another
    assert shorter[0] == first
    assert shorter[1:] == another[1:]
