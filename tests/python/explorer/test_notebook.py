"""examples/questions.ipynb: what it shows is what its cells print on the sample.

`python tests/python/explorer/test_notebook.py database` runs its cells on a database and writes the answers into it. The cells need
duckdb alone, so the test needs no Jupyter.
"""

import contextlib
import io
import json
import os
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[3]
NOTEBOOK = PROJECT / "examples" / "questions.ipynb"


def run_cells(notebook, database):
    """Lines that each code cell prints, as a notebook keeps them."""
    os.environ["SIMCLUSTERS_DATABASE"] = str(database)
    names = {}
    printed = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                exec("".join(cell["source"]), names)
            printed.append(output.getvalue().splitlines(keepends=True))
    names["database"].close()
    return printed


def test_the_answers_are_those_of_the_sample(built_warehouse, monkeypatch):
    monkeypatch.setenv("SIMCLUSTERS_DATABASE", "restored after the test")
    notebook = json.loads(NOTEBOOK.read_text())
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    shown = [[line for output in cell["outputs"] for line in output["text"]] for cell in cells]
    answers = run_cells(notebook, built_warehouse.database)
    assert answers == shown, f"the sample has other answers; `python {Path(__file__).relative_to(PROJECT)} database` writes them"
    assert sum(map(len, shown)) > 40


def test_each_question_of_the_readme_is_asked(project_folder):
    rows = [line.split("|") for line in (project_folder / "README.md").read_text().splitlines() if line.startswith("| `")]
    questions = [row[3].strip() for row in rows]
    assert len(questions) > 8
    text = "".join("".join(cell["source"]) for cell in json.loads(NOTEBOOK.read_text())["cells"])
    assert [question for question in questions if question not in text] == []


if __name__ == "__main__":
    notebook = json.loads(NOTEBOOK.read_text())
    answers = iter(run_cells(notebook, sys.argv[1]))
    for place, cell in enumerate(one for one in notebook["cells"] if one["cell_type"] == "code"):
        lines = next(answers)
        cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": lines}] if lines else []
        cell["execution_count"] = place + 1
    NOTEBOOK.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
