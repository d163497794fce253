"""What a first run compiles beside itself: all that its models call, and nothing that outlives it."""

import importlib
import importlib.util
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import duckdb

import simclusters
from simclusters import kernel_cache
from simclusters.kernel_cache import STEPS, KernelCompiler


class Tables:
    """What a Python model is given: tables by name, and the settings of its yml."""

    is_incremental, this = False, None

    def __init__(self, connection, settings):
        self.ref, self.config, self.meta_get = connection.table, self, settings.get


def imported(name, file=None):
    specification = importlib.util.spec_from_file_location(name, file) if file else importlib.util.find_spec(name)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def signatures():
    """Of each kernel of the package, what it is compiled for."""
    return {
        (module.name, name, str(signature))
        for module in pkgutil.walk_packages(simclusters.__path__, "simclusters.")
        if module.name in sys.modules
        for name, kernel in vars(sys.modules[module.name]).items()
        if hasattr(kernel, "py_func")
        for signature in kernel.signatures
    }


def signatures_that_only_models_need(database, manifest, project):
    """Run the toys, then the Python models of the project on a built warehouse."""
    for step in dict.fromkeys(STEPS.values()):
        step()
    before = signatures()
    assert before
    with duckdb.connect(database, read_only=True) as connection:
        for node in json.loads(Path(manifest).read_text())["nodes"].values():
            if node["config"].get("materialized") == "kernel_table":
                module = importlib.import_module(f"simclusters.steps.{node['name']}")
            elif node.get("language") == "python":
                module = imported(node["name"], Path(project, node["original_file_path"]))
            else:
                continue
            rows = module.model(Tables(connection, node["config"]["meta"]), connection)
            getattr(rows, "read_all", lambda: None)()
    return sorted(signatures() - before)


def test_models_call_what_is_compiled(built_warehouse, project_folder):
    """In a process of its own, because other tests compile for other arrays."""
    arguments = [built_warehouse.database, built_warehouse.folder / "target" / "manifest.json", project_folder]
    found = subprocess.run([sys.executable, __file__, *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True)
    assert json.loads(found.stdout) == []


def test_each_name_is_a_model(manifest):
    assert set(STEPS) <= {node["name"] for node in manifest["nodes"].values()}


def test_the_compiler_ends_with_the_run(tmp_path, monkeypatch):
    """A run that ends in any way closes its end of the pipe."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    compiler = KernelCompiler()
    compiler.process.stdin.close()
    assert compiler.process.wait() == 0
    for model in STEPS:
        compiler.wait_for(model)
    assert not kernel_cache.is_compiled()


def test_nothing_is_compiled_twice(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    kernel_cache.mark_compiled()
    compiler = KernelCompiler()
    compiler.wait_for("int_communities")
    assert compiler.process is None


def test_what_is_compiled_of_other_code_is_forgotten(tmp_path, monkeypatch):
    """numba sees a change of the file that a kernel is in, but not of another whose functions it inlines."""
    monkeypatch.setattr(kernel_cache, "__file__", str(tmp_path / "package" / "kernel_cache.py"))
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "package").mkdir()
    source, compiled = tmp_path / "package" / "scores.py", tmp_path / "cache" / "kernels_1" / "kernels.best.nbi"
    source.write_text("@njit\n")
    outcomes = []
    for change in (None, "@njit  # the same formula\n", None):
        compiled.parent.mkdir(parents=True, exist_ok=True)
        compiled.touch()
        if change:
            source.write_text(change)
        kernel_cache.forget_older_kernels()
        outcomes.append(compiled.exists())
    assert outcomes == [False, False, True]


def test_kernels_need_no_duckdb():
    """Where they run for BigQuery or on Spark there is none."""
    modules = ["relation_io", "products", "embeddings", "similarity", "communities.history", "explorer.map_table"]
    code = "import sys; sys.modules['duckdb'] = None; " + "; ".join(f"import simclusters.{module}" for module in modules)
    subprocess.run([sys.executable, "-c", code], check=True)


if __name__ == "__main__":
    print(json.dumps(signatures_that_only_models_need(*sys.argv[1:])))
