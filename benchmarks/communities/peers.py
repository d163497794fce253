"""One tool on one graph, in a process of its own, so that its peak memory is its own.

    python peers.py GRAPH.npz TOOL OPTIONS OUTPUT

GRAPH.npz holds source, target (positions, int64) and weight; OPTIONS is a JSON object with w (symbol w of the objective), k and
seed. OUTPUT.npz gets labels (-1 for none), and OUTPUT.json seconds, seconds of building the tool's own graph, and peak memory.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

JAVA_CLASSES = "SBF_CLASSES"
# What README.md was measured with; where dbt_project.yml differs, it walks more epochs.
MEASURED = {"epochs": 6, "greedy_epochs": 6, "cooling_ratio": 0.6}


def peak_memory(process_id: int) -> float:
    """Most memory that a process has held so far, in MiB; 0 when it is gone. Linux only."""
    try:
        status = Path(f"/proc/{process_id}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def pair_cost_and_units(weight: np.ndarray, w: float) -> tuple[int, np.ndarray]:
    units = np.maximum(1, np.floor(weight * 1e6 + 0.5)).astype(np.int64)
    return max(1, int(np.floor((int(units.sum()) // len(units)) / w))), units


def simclusters(graph, options, **more):
    sys.path.append(str(Path(__file__).resolve().parents[2] / "tests" / "python"))
    from kernel_communities import detect

    settings = MEASURED | more
    # Compiling, or reading compiled code, is no part of the measurement.
    small = np.arange(60)
    detect(small, small + 1, np.ones(60), **settings)
    cpu = time.process_time()
    found = detect(graph["source"], graph["target"], graph["weight"], seed=options["seed"], **settings)
    cpu = time.process_time() - cpu
    report = found.report
    labels = np.full(int(max(graph["source"].max(), graph["target"].max())) + 1, -1)
    labels[found.producer_ids] = found.cluster_ids - 1
    facts = {"reason": report.reason, "w_found": report.true_positive_weight}
    return labels, report.graph_seconds, report.seconds - report.graph_seconds, cpu, facts


def simclusters_k(graph, options):
    return simclusters(graph, options, k=options["k"])


def simclusters_fixed(graph, options):
    return simclusters(graph, options, true_positive_weight=options["w"])


def simclusters_sweeps(graph, options):
    return simclusters(graph, options, true_positive_weight=options["w"], community_moves=False, epochs=12, start_temperature=0.5)


def simclusters_sql(graph, options):
    """The SQL engine with its moves, in a project of its own on DuckDB. Seconds and memory are those of the whole `dbt run`."""
    root = Path(__file__).resolve().parents[2]
    sys.path += [str(root), str(root / "tests" / "python")]
    import duckdb
    import pyarrow as pa
    from kernel_communities import SWEEPS
    from tests.python.communities.sql.project import EDGE_SCHEMA, CommunitiesProject

    with tempfile.TemporaryDirectory() as folder:
        project = CommunitiesProject(Path(folder), "4GB")
        columns = [pa.array(["planted"] * len(graph["source"])), graph["source"], graph["target"], graph["weight"]]
        project.write_edge_table(pa.table(columns, schema=EDGE_SCHEMA))
        settings = SWEEPS | {"communities_k": options["k"], "true_positive_weight": 0, "as_of": "2026-01-01", "community_moves": True}
        started = time.perf_counter()
        run = project.start({"planted": settings})
        log, _ = run.communicate()
        seconds = time.perf_counter() - started
        if run.returncode:
            raise RuntimeError(log)
        with duckdb.connect(str(project.database), read_only=True) as connection:
            found = connection.execute("select producer_id, cluster_id from planted").fetchnumpy()
    labels = np.full(int(max(graph["source"].max(), graph["target"].max())) + 1, -1)
    labels[found["producer_id"]] = found["cluster_id"] - 1
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return labels, 0.0, seconds, usage.ru_utime + usage.ru_stime, {"peak_mib": usage.ru_maxrss / 1024}


def igraph_tool(graph, options, run: Callable):
    import igraph

    igraph.set_random_number_generator(__import__("random").Random(options["seed"]))
    started = time.perf_counter()
    nodes = int(max(graph["source"].max(), graph["target"].max())) + 1
    built = igraph.Graph(n=nodes, edges=np.stack([graph["source"], graph["target"]], axis=1))
    is_weighted = bool((graph["weight"] != graph["weight"][0]).any())
    built_at, cpu = time.perf_counter(), time.process_time()
    labels = run(built, graph, is_weighted)
    return np.array(labels), built_at - started, time.perf_counter() - built_at, time.process_time() - cpu, {}


def potts(graph, is_weighted, w):
    """(edge weights or None, resolution): edges of weight_units + pair_cost at pair_cost, the objective that the kernel has."""
    if not is_weighted:
        return None, 1 / (w + 1)
    pair_cost, units = pair_cost_and_units(graph["weight"], w)
    return ((units + pair_cost) / pair_cost).tolist(), 1.0


def igraph_leiden_cpm(graph, options):
    def run(built, graph, is_weighted):
        weights, resolution = potts(graph, is_weighted, options["w"])
        return built.community_leiden("CPM", weights=weights, resolution=resolution, n_iterations=2).membership

    return igraph_tool(graph, options, run)


def igraph_leiden_modularity(graph, options):
    def run(built, graph, is_weighted):
        weights = graph["weight"].tolist() if is_weighted else None
        return built.community_leiden("modularity", weights=weights, n_iterations=2).membership

    return igraph_tool(graph, options, run)


def networkit_tool(graph, options, algorithm: Callable):
    """At the resolution that gives as many communities as asked, to 2 %: one run there is timed, the search for it is not."""
    import networkit

    networkit.setSeed(options["seed"], False)
    source, target, weight = graph["source"], graph["target"], graph["weight"]
    started = time.perf_counter()
    built = networkit.GraphFromCoo((weight, (source, target)), n=int(max(source.max(), target.max())) + 1, weighted=True)
    build_seconds = time.perf_counter() - started

    def labels_at(gamma):
        return np.array(algorithm(networkit.community, built, gamma).run().getPartition().getVector())

    def miss(gamma):
        return len(np.unique(labels_at(gamma))) / options["k"] - 1

    gammas, misses = [1.0, 4.0 * len(source)], []
    for _ in range(14):
        gamma = float(np.sqrt(gammas[0] * gammas[1]))
        misses.append((miss(gamma), gamma))
        if abs(misses[-1][0]) <= 0.02:
            break
        gammas[int(misses[-1][0] > 0)] = gamma
    gamma = min(misses, key=lambda found: abs(found[0]))[1]
    started, cpu = time.perf_counter(), time.process_time()
    labels = labels_at(gamma)
    return labels, build_seconds, time.perf_counter() - started, time.process_time() - cpu, {}


def networkit_louvain(graph, options):
    return networkit_tool(graph, options, lambda community, built, gamma: community.PLM(built, refine=True, gamma=gamma))


def networkit_leiden(graph, options):
    return networkit_tool(graph, options, lambda community, built, gamma: community.ParallelLeiden(built, gamma=gamma))


def original(graph, options):
    """The original sampler, https://github.com/twitter/sbf, with the communities and the reward that it is asked for.

    Option sbf: keys of its own configuration besides.
    """
    source, target, weight = graph["source"], graph["target"], graph["weight"]
    is_weighted = bool((weight != weight[0]).any())
    nodes = int(max(source.max(), target.max())) + 1
    rows, columns = np.concatenate([source, target]), np.concatenate([target, source])
    order = np.lexsort((columns, rows))
    columns, values = columns[order] + 1, np.concatenate([weight, weight])[order]
    start = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=nodes))])
    with tempfile.TemporaryDirectory() as folder:
        lines = [f"{nodes} {len(source)}" + (" 1" if is_weighted else "")]
        for node in range(nodes):
            row = slice(start[node], start[node + 1])
            if is_weighted:
                lines.append(" ".join(f"{c} {v:.7g}" for c, v in zip(columns[row], values[row], strict=True)))
            else:
                lines.append(" ".join(map(str, columns[row].tolist())))
        (Path(folder) / "graph.txt").write_text("\n".join(lines) + "\n")
        settings = {
            "metisFile": f"{folder}/graph.txt",
            "K": options["k"],
            "cpu": os.cpu_count(),
            "wtCoeff": options["w"],
            "evalEvery": 1_000_000,
            "outputByRowsFile": f"{folder}/rows",
        } | options.get("sbf", {})
        (Path(folder) / "config").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        command = ["java", "-cp", os.environ[JAVA_CLASSES], "com.twitter.sbf.app.Main", f"{folder}/config"]
        cpu = os.times()
        with (Path(folder) / "log").open("w") as log:
            run = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
            peak_mib = 0.0
            while run.poll() is None:
                peak_mib = max(peak_mib, peak_memory(run.pid))
                time.sleep(0.02)
        text = (Path(folder) / "log").read_text()
        if run.returncode:
            raise RuntimeError(f"the original sampler ended with code {run.returncode}:\n{text[-500:]}")
        seconds = float(re.search(r"initialize & optimize: ([\d.]+)", text)[1])
        labels = np.full(nodes, -1)
        for node, line in enumerate((Path(folder) / "rows").read_text().splitlines()[:nodes]):
            if line.split():
                labels[node] = int(line.split()[0])
    now = os.times()
    cpu_seconds = now.children_user - cpu.children_user + now.children_system - cpu.children_system
    return labels, 0.0, seconds, cpu_seconds, {"peak_mib": peak_mib}


TOOLS = {
    "simclusters, k asked": simclusters_k,
    "simclusters, w given": simclusters_fixed,
    "simclusters, sweeps alone": simclusters_sweeps,
    "simclusters, SQL, k asked": simclusters_sql,
    "igraph Leiden CPM": igraph_leiden_cpm,
    "igraph Leiden modularity": igraph_leiden_modularity,
    "NetworKit PLM": networkit_louvain,
    "NetworKit ParallelLeiden": networkit_leiden,
    "original sampler": original,
}


def main() -> None:
    graph_file, tool, options, output = sys.argv[1:]
    with np.load(graph_file) as stored:
        graph = {name: stored[name] for name in ("source", "target", "weight")}
    labels, build_seconds, seconds, cpu_seconds, facts = TOOLS[tool](graph, json.loads(options))
    np.savez(f"{output}.npz", labels=labels)
    facts = {
        "peak_mib": peak_memory(os.getpid()),
        "build_seconds": build_seconds,
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
    } | facts
    Path(f"{output}.json").write_text(json.dumps(facts))


if __name__ == "__main__":
    main()
