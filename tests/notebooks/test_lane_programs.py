"""Each lane of a chapter runs alone, as a program and as a notebook.

What a lane must do without:

| lane | cannot be imported |
|---|---|
| PyTorch | TensorFlow, Keras, JAX |
| TensorFlow | PyTorch, Keras, JAX; `import tensorflow` only looks where Keras is |
| Keras | PyTorch, TensorFlow, JAX, but for the one that `KERAS_BACKEND` names |

With its helpers written in, `sidebyside` cannot be imported either. A file of `data/`
that such a program needs lies beside it: its reader has fetched it once.
"""

import os
import shutil
import subprocess
import sys
import time
from itertools import product
from pathlib import Path

import nbformat
import pytest
import share
from test_chapters import CHAPTERS

from sidebyside_book.chapter import LANES, read_notebook
from sidebyside_book.editions.lanes import files, sources
from sidebyside_book.editions.lanes.program import as_notebook, program
from sidebyside_book.editions.places import places

BOOK = CHAPTERS[0].parents[1]
WHERE = places(BOOK, ".ipynb", ())
BY_NAME = {path.stem: path for path in CHAPTERS}
FRAMEWORKS = ("torch", "tensorflow", "keras", "jax")
RUN = Path(__file__).with_name("alone.py")
BACKEND = os.environ.get("KERAS_BACKEND", "tensorflow")


def chosen() -> list[str]:
    """Return chapters with a lane that runs: a third in CI, each day others, or all."""
    names = sorted(BY_NAME)
    if not os.environ.get(share.SHARE) or os.environ.get("FULL") == "1":
        return names
    return share.turn(names, 1 / 3, int(time.time()) // 86_400)


ALONE = list(product(chosen(), LANES))


def blocked(lane: str, *, standalone: bool) -> list[str]:
    """Return what a lane's program must do without."""
    own = {"pytorch": {"torch"}, "tensorflow": {"tensorflow"}}
    needs = own.get(lane, {"keras", BACKEND})
    return sorted({*FRAMEWORKS} - needs | ({"sidebyside"} if standalone else set()))


def run(arguments: list[str], lane: str, folder: Path, *, standalone: bool) -> str:
    """Run something of a lane in a folder, and return what it printed."""
    without = " ".join(blocked(lane, standalone=standalone))
    if standalone:
        for file in BOOK.glob("data/*.npz"):
            shutil.copy(file, folder)
    more = {"MPLBACKEND": "Agg", "WITHOUT": without, "KERAS_BACKEND": BACKEND}
    more["OMP_NUM_THREADS"] = "1"  # as the book's kernels: others run beside it
    ran = subprocess.run(
        [sys.executable, str(RUN), *arguments],
        cwd=folder,
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    return ran.stdout


@pytest.mark.parametrize(("name", "lane"), list(product(sorted(BY_NAME), LANES)))
def test_every_lane_can_be_cut_out(name, lane):
    assert sources(BY_NAME[name], lane)


@pytest.mark.slow
@pytest.mark.programs
@pytest.mark.parametrize("standalone", [True, False], ids=["standalone", "helpers"])
@pytest.mark.parametrize(("name", "lane"), ALONE)
def test_a_program_runs_without_the_other_frameworks(name, lane, standalone, tmp_path):
    text = sources(BY_NAME[name], lane, standalone=standalone)
    (tmp_path / "program.py").write_text(text, encoding="utf-8")
    assert run(["program.py"], lane, tmp_path, standalone=standalone).strip()


@pytest.mark.slow
@pytest.mark.programs
@pytest.mark.parametrize(("name", "lane"), ALONE)
def test_a_notebook_runs_without_the_other_frameworks(name, lane, tmp_path):
    notebook = read_notebook(BY_NAME[name])
    made = program(notebook, lane, WHERE, standalone=True)
    node = as_notebook(made, notebook.node.metadata.kernelspec)
    nbformat.write(node, tmp_path / "lane.ipynb")
    run(["lane.ipynb"], lane, tmp_path, standalone=True)
    done = nbformat.read(tmp_path / "lane.ipynb", 4)
    outputs = [cell.outputs for cell in done.cells if cell.cell_type == "code"]
    assert any(outputs)


def test_what_is_blocked_can_not_be_imported(tmp_path):
    (tmp_path / "program.py").write_text("import json\nimport torch.nn\n")
    with pytest.raises(AssertionError, match="No module named 'torch'"):
        run(["program.py"], "tensorflow", tmp_path, standalone=False)


def test_a_blocked_package_is_blocked_in_a_notebook_too(tmp_path):
    node = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("import torch")],
        metadata=read_notebook(CHAPTERS[0]).node.metadata,
    )
    nbformat.write(node, tmp_path / "lane.ipynb")
    with pytest.raises(AssertionError, match="No module named 'torch'"):
        run(["lane.ipynb"], "keras", tmp_path, standalone=False)


@pytest.mark.parametrize(("name", "lane"), ALONE[:6])
def test_the_files_are_the_same_each_time(name, lane, tmp_path):
    notebook = read_notebook(BY_NAME[name])
    texts = []
    for folder in ("a", "b"):
        made = program(notebook, lane, WHERE, standalone=True)
        paths = files.write_lane(notebook, made, tmp_path / folder)
        texts.append([path.read_bytes() for path in paths])
    assert texts[0] == texts[1]
