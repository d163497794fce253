"""Modules import in one direction, kernels need no DuckDB, and what numba has compiled of other code is forgotten."""

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest
from dbt_command import PROJECT

from simclusters.kernel_tuples import forget_older_kernels


def import_order(folder: Path) -> list[str]:
    """Modules below a folder, each after those that it imports, at the top or inside a function. Raises CycleError for a circle."""
    files = {".".join(file.relative_to(folder).with_suffix("").parts).removesuffix(".__init__"): file for file in folder.rglob("*.py")}
    imported = {}
    for module, file in files.items():
        names = set()
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names |= {inside if (inside := f"{node.module}.{alias.name}") in files else node.module for alias in node.names}
        imported[module] = names & files.keys() - {module}
    return list(graphlib.TopologicalSorter(imported).static_order())


def test_no_module_imports_in_a_circle():
    assert len(import_order(PROJECT / "python_udfs")) > 50


def test_a_circle_is_named(tmp_path):
    (tmp_path / "first.py").write_text("import second")
    (tmp_path / "second.py").write_text("def late():\n    from first import anything")
    with pytest.raises(graphlib.CycleError, match="first"):
        import_order(tmp_path)


def test_what_is_compiled_of_other_code_is_forgotten(tmp_path, monkeypatch):
    """numba sees a change of the file that a kernel is in, but not of another whose functions it inlines."""
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
        forget_older_kernels(tmp_path / "package")
        outcomes.append(compiled.exists())
    assert outcomes == [False, False, True]


def test_kernels_need_no_duckdb():
    """Where they run for BigQuery or on Spark there is none."""
    modules = ["relation_io", "products", "embeddings", "similarity", "communities.history", "explorer.map_table"]
    code = "import sys; sys.modules['duckdb'] = None; " + "; ".join(f"import simclusters.{module}" for module in modules)
    subprocess.run([sys.executable, "-c", code], check=True)
