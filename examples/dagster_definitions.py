"""SimClusters as a package of a dbt project, scheduled by Dagster: every table is an asset, every cadence a job.

pip install dagster dagster-dbt dagster-webserver
DBT_PROJECT_DIR=path/to/your/project dagster dev -f examples/dagster_definitions.py

DuckDB has one writer. There, let one job run at a time: `concurrency: {runs: {max_concurrent_runs: 1}}` in `dagster.yaml`.
"""

import os
from pathlib import Path

from dagster import Definitions
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtCliResource,
    DbtProject,
    build_schedule_from_dbt_selection,
    dbt_assets,
)

CADENCES = {"weekly": "0 3 * * 0", "daily": "0 5 * * *", "hourly": "15 * * * *", "minute": "* * * * *", "report": "0 7 * * *"}

project = DbtProject(project_dir=Path(os.environ["DBT_PROJECT_DIR"]))
project.prepare_if_dev()


# dbt chooses the tests: those that read only what the cadence builds, and what slower ones have built. `audit` is for the night.
TESTS = ["--indirect-selection", "buildable", "--exclude", "tag:audit"]
translator = DagsterDbtTranslator(settings=DagsterDbtTranslatorSettings(enable_asset_checks=False))


@dbt_assets(manifest=project.manifest_path, dagster_dbt_translator=translator)
def warehouse(context, dbt: DbtCliResource):
    """All models of the project and its packages; a job builds those of its cadence."""
    yield from dbt.cli(["build", *TESTS], context=context).stream()


schedules = [
    build_schedule_from_dbt_selection([warehouse], job_name=f"simclusters_{cadence}", cron_schedule=cron, dbt_select=f"tag:{cadence}")
    for cadence, cron in CADENCES.items()
]

definitions = Definitions(assets=[warehouse], schedules=schedules, resources={"dbt": DbtCliResource(project_dir=project)})
