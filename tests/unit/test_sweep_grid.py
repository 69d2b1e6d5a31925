"""The grid of a sweep, and what is said of a wrong one."""

from pathlib import Path

import nbformat
import pytest
from swept import book

from sidebyside.parameters import read
from sidebyside_book import cli
from sidebyside_book.execution.digest import look
from sidebyside_book.sweeps import grid, job, pool

JAX = {"KERAS_BACKEND": "jax"}
CELL = """
SEED = 0
RATE = 0.1
DATASET = "digits"
FAST = True
WIDTH = 2 * 8  # 1 to 64; as wide as deep
"""
OFFER = {one.name: one for one in read(CELL)}


def test_axes_are_typed_and_the_last_one_varies_fastest() -> None:
    given = ["SEED=-1..1,7", "RATE=0..1", "backend=jax,torch", "DATASET=a..b"]
    axes = grid.axes(given, OFFER, "01_one")
    assert axes == {
        "SEED": (-1, 0, 1, 7),
        "RATE": (0.0, 1.0),
        "backend": ("jax", "torch"),
        "DATASET": ("a..b",),
    }
    assert [type(value) for value in axes["RATE"]] == [float, float]
    assert grid.axes(["WIDTH=1..3"], OFFER, "01_one") == {"WIDTH": (1, 2, 3)}
    points = grid.points(axes)
    assert len(points) == 16
    assert points[0] == {"SEED": -1, "RATE": 0, "backend": "jax", "DATASET": "a..b"}
    assert points[1]["backend"] == "torch"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["SEED"], "expected NAME=VALUES .* received --over 'SEED'"),
        (["SEED="], "expected NAME=VALUES .* received --over 'SEED='"),
        (["=1"], "expected NAME=VALUES .* received --over '=1'"),
        (["SEED=1,,2"], "a value before and after each comma of --over SEED"),
        (["SEED=1", "SEED=2"], "expected --over SEED once, received it twice"),
        (["SEED=0..2,2,1"], "each value of SEED once, received more than once: 1, 2"),
        (["SEED=9..0"], r"ascends, such as 0\.\.9, for SEED, received '9\.\.0'"),
        (["SEED=1.."], r"type int for SEED, such as 0; received '1\.\.'"),
        (["FAST=0..1"], r"type bool for FAST, such as True; received '0\.\.1'"),
        (["SEEDS=0..2"], r"received 'SEEDS' \(do you mean SEED\?\)"),
        (["Backend=jax"], "expected a parameter of 01_one"),
        (["backend=jxa"], r"received 'jxa' \(do you mean jax\?\)"),
        (["WIDTH=0..3"], "WIDTH to be a number, 1 to 64; received 0$"),
        (["WIDTH=3..65"], "WIDTH to be a number, 1 to 64; received 65$"),
        (["WIDTH=4,a"], r"a literal for WIDTH, in place of 2 \* 8; received 'a'"),
        (["SEED=0..99999999999"], "at most 10,000 runs, received 100,000,000,000"),
        (["SEED=0..999", "RATE=0..10"], "received 11,000: 1,000 of SEED times 11 of R"),
    ],
)
def test_a_wrong_axis_is_refused(given: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=f"^sweep: .*{said}"):
        grid.axes(given, OFFER, "01_one")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--over", "SEED=0..1", "-p", "SEED", "1"], "received both for SEED"),
        (["--over", "backend=jax", "--backend", "jax"], "received both for backend"),
        (["--over", "SEED=0..1", "-p", "RATES", "1"], "do you mean RATE?"),
        (["--over", "SEED=0..1", "--jobs", "0"], "at least 1 job, received --jobs 0"),
        (["--over", "SEED=1", "--out", "_toc.yml"], "received --out _toc.yml: Not a"),
    ],
)
def test_a_wrong_command_runs_nothing(
    tmp_path: Path,
    arguments: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(book(tmp_path))
    assert cli.main(["sweep", "01", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "_build").exists()


def test_a_parameter_may_not_be_named_as_a_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = book(tmp_path) / "chapters/01_one.ipynb"
    path.write_text(path.read_text().replace("RATE = 0.5", "value = 0.5"))
    assert cli.main(["sweep", str(path), "--over", "SEED=0..1"]) == 2
    assert "parameters in capitals, received ['value']" in capsys.readouterr().err


def test_runs_at_once_by_cores_and_memory() -> None:
    assert pool.workers(None, 8, 5 * pool.RUN_BYTES) == 5
    assert pool.workers(None, 2, 5 * pool.RUN_BYTES) == 2
    assert pool.workers(None, 8, 0) == 1
    assert pool.workers(8, 2, 0) == 8


def test_the_key_holds_what_decides_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = book(tmp_path) / "chapters/01_one.ipynb"

    def key(backend: str = "jax", **parameters: int) -> str:
        on = {"KERAS_BACKEND": backend}
        return job.make(path, look(tmp_path), [(parameters, on)])[0].key

    first = key(SEED=0)
    assert key(SEED=0) == first
    assert len({first, key(SEED=1), key("torch", SEED=0)}) == 3
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].source = "Other prose."
    nbformat.write(notebook, path)
    assert key(SEED=0) == first
    notebook.cells[2].source += "\n"
    nbformat.write(notebook, path)
    changed = key(SEED=0)
    assert changed != first
    (path.parent / "helper.py").write_text("A = 1\n")
    assert key(SEED=0) == changed  # a run gets an empty folder
    monkeypatch.setenv("SIDEBYSIDE_THREADS", "4")
    threads = key(SEED=0)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/cuda/lib64")
    assert len({first, changed, threads, key(SEED=0)}) == 4


def test_a_job_takes_along_what_was_chosen_and_no_place_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MKL_CBWR", "COMPATIBLE")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/cuda/lib64")
    monkeypatch.setenv("EDITOR", "ed")
    path = book(tmp_path) / "chapters/01_one.ipynb"
    (made,) = job.make(path, look(tmp_path), [({"SEED": 0}, JAX)])
    assert made.choices["MKL_CBWR"] == "COMPATIBLE"
    assert made.choices["KERAS_BACKEND"] == "jax"
    assert not {"LD_LIBRARY_PATH", "EDITOR"} & made.choices.keys()
