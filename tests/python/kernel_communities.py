"""Community detection by the kernel, with what dbt_project.yml tunes it by: for tests and benchmarks."""

import yaml
from dbt_command import PROJECT

from simclusters.communities import Communities, Settings, detect_communities

VARS = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
SWEEPS = {name: VARS[f"sweep_{name}"] for name in ("seed", "epochs", "start_temperature", "cooling_ratio")}
SWEEPS["blocks"] = 2
# Only runs without community moves read it; the models give none.
SWEEPS["greedy_epochs"] = 8


def detect(source, target, weight, *, previous=None, threads=None, **asked) -> Communities:
    """The communities of an edge list. ``asked`` : settings beside those of dbt_project.yml, or in their place."""
    return detect_communities(source, target, weight, Settings(**SWEEPS | asked), previous=previous, threads=threads)


def members(found: Communities) -> dict[int, int]:
    """Cluster id of each producer in a community."""
    pairs = zip(found.producer_ids.tolist(), found.cluster_ids.tolist(), strict=True)
    return {producer_id: cluster_id for producer_id, cluster_id in pairs if cluster_id > 0}
