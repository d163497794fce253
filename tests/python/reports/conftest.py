"""The reports on two built databases, the sample and Ciao where it is present, with earlier runs and another model version beside."""

from __future__ import annotations

import pytest
from frames import Tables

# Two runs before the one that stands: in the week before, some producers were elsewhere or unknown and some are gone since, with other
# scores; two weeks before, no scores were kept.
EARLIER_RUNS = """
insert into known_for_history
with newest as (select * from known_for_history where as_of = (select max(as_of) from known_for_history)),
clusters as (select count(distinct cluster_id) as cluster_count from newest)
select
    as_of - interval 7 day,
    case when producer_id % 17 = 0 then producer_id + 1000000007 else producer_id end,
    case when producer_id % 7 = 0 then cluster_id % cluster_count + 1 else cluster_id end,
    known_for_score / (1 + producer_id % 3)
from newest cross join clusters
where producer_id % 11 <> 0
union all
select as_of - interval 14 day, producer_id, cluster_id, null from newest where cluster_id > 1
"""
# Another version that numbers its communities otherwise and took some producers from each.
OTHER_VERSION = """
insert into embedding_versions
select 'other', as_of, embedding_type, entity_kind, entity_id, consumer_language, consumer_country,
    case when entity_id % 5 = 0 then 1 else 1000 - cluster_id end, cluster_rank, embedding_score
from embedding_versions where embedding_type = 'known_for' and entity_id % 13 <> 0
"""


# What is read from the earlier runs and the other version.
AFTER_THE_RUNS = ["known_for_stability", "known_for_changes", "cluster_metric_distributions", "model_version_agreement"]
# What the reports of one run are made of, and are.
OF_ONE_RUN = [
    *("known_for_history", "cluster_quality", "cluster_quality_summary", "bipartite_cluster_quality", "cluster_neighbors"),
    *("cluster_score_distributions", "score_report"),
]

# Fewer consumers than have something held out, so that the draw is looked at as well.
HOLDOUT = {"holdout_follow_share": 0.1, "holdout_engagement_share": 0.2, "evaluation_maximum_consumers": 300}
# All that the held out rows are missing from and recall is made of; the communities and their similarities stay, they take longest.
WITHOUT_HELD_OUT = (
    *("--select", "stg_held_out_follows+,+candidate_recall", "stg_held_out_engagements+,+candidate_recall", "tweet_candidates"),
    *("--exclude", "path:models/communities", "int_eligible_follows+,path:models/graph"),
)


def with_earlier_runs(warehouse) -> Tables:
    """Adds the runs and the version to a warehouse, and makes what reads them."""
    warehouse.execute(EARLIER_RUNS)
    warehouse.execute(OTHER_VERSION)
    warehouse.build("run", "--select", *AFTER_THE_RUNS)
    return Tables(warehouse)


@pytest.fixture(scope="session")
def sample_report(built_warehouse, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """The reports on the sample."""
    return with_earlier_runs(built_warehouse.copy(tmp_path_factory.mktemp("sample_report")))


@pytest.fixture(scope="session")
def ciao_report(ciao_warehouse, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """The reports on Ciao."""
    warehouse = ciao_warehouse.copy(tmp_path_factory.mktemp("ciao_report"))
    warehouse.build("run", "--select", *OF_ONE_RUN)
    return with_earlier_runs(warehouse)


@pytest.fixture(params=["sample", pytest.param("ciao", marks=pytest.mark.data)])
def report(request: pytest.FixtureRequest) -> Tables:
    """Each of the databases."""
    return request.getfixturevalue(f"{request.param}_report")


def without_held_out(warehouse):
    """Holds rows out of a built warehouse, builds again what reads them, and returns it."""
    warehouse.variables |= HOLDOUT
    warehouse.build("run", *WITHOUT_HELD_OUT)
    return warehouse


@pytest.fixture(scope="session")
def sample_holdout(built_warehouse, tmp_path_factory: pytest.TempPathFactory):
    """The sample without what is held out. Shared: copy it."""
    return without_held_out(built_warehouse.copy(tmp_path_factory.mktemp("sample_holdout")))


@pytest.fixture(scope="session")
def ciao_holdout(ciao_warehouse, tmp_path_factory: pytest.TempPathFactory):
    """Ciao without what is held out."""
    return without_held_out(ciao_warehouse.copy(tmp_path_factory.mktemp("ciao_holdout")))


@pytest.fixture(params=["sample", pytest.param("ciao", marks=pytest.mark.data)])
def holdout_report(request: pytest.FixtureRequest) -> Tables:
    """Each of the two as a report."""
    return Tables(request.getfixturevalue(f"{request.param}_holdout"))
