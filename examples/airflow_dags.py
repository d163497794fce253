"""SimClusters as a package of a dbt project, scheduled by Airflow with Cosmos: a DAG per cadence, a task per model.

    pip install apache-airflow astronomer-cosmos
    airflow pools set simclusters 1 "DuckDB has one writer"

The pool lets one task of all DAGs run at a time. On BigQuery, leave out `pool` and `max_active_runs`. `acme` is the profile of your
project.
"""

import os
from datetime import datetime
from pathlib import Path

from cosmos import DbtDag, ProfileConfig, ProjectConfig, RenderConfig
from cosmos.constants import TestBehavior

CADENCES = {"weekly": "0 3 * * 0", "daily": "0 5 * * *", "hourly": "15 * * * *", "report": "0 7 * * *"}
PROJECT = Path(os.environ["DBT_PROJECT_DIR"])

for cadence, cron in CADENCES.items():
    dag_id = f"simclusters_{cadence}"
    globals()[dag_id] = DbtDag(
        dag_id=dag_id,
        schedule=cron,
        start_date=datetime(2026, 1, 1),
        catchup=False,
        max_active_runs=1,
        project_config=ProjectConfig(PROJECT),
        profile_config=ProfileConfig(profile_name="acme", target_name="dev", profiles_yml_filepath=PROJECT / "profiles.yml"),
        render_config=RenderConfig(select=[f"tag:{cadence}"], exclude=["tag:audit"], test_behavior=TestBehavior.AFTER_ALL),
        operator_args={"install_deps": True, "pool": "simclusters"},
    )
