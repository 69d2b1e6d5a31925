"""Sweeps on this machine: runs, what is kept of them, table and figure."""

import json
import os
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import swept
from nbformat import v4

from sidebyside.records import MIME, SCHEMA
from sidebyside_book import cli
from sidebyside_book.sweeps import chart, table
from sidebyside_book.sweeps.job import METADATA, Result, stored
from sidebyside_book.sweeps.store import Store


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(swept.MARK, swept.new_mark())
    monkeypatch.chdir(swept.book(tmp_path))
    (tmp_path / "log/driver").write_text(str(os.getpid()))
    return tmp_path


def sweep(book: Path, *arguments: str) -> int:
    return cli.main(["sweep", "1", "-p", "LOG", str(book / "log"), *arguments])


def runs(folder: Path) -> pd.DataFrame:
    frame = pd.read_csv(folder / "results.csv")
    return frame[frame["kind"] == "run"]


def test_a_sweep_is_finished_whatever_its_runs_do(
    book: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--over", "SEED=-1..2", "--over", "backend=jax", "--jobs", "2"]
    assert sweep(book, *arguments) == 1
    said = capfd.readouterr()
    assert "4 runs of 01_one: 0 reused, 4 to make" in said.out
    assert "[4 of 4]" in said.out
    assert "SEED=-1 backend=jax, cell 'stop': AssertionError: too small" in said.err

    begun = swept.begun(book)  # the one whose process was killed: twice
    assert (book / "log/stopped-2").is_file()
    twice = {parent for seed, parent in begun if seed == 2}
    assert len(twice) == 2
    folder = book / "_build/sweeps/01_one"
    assert sorted(runs(folder)["SEED"]) == [-1, 0, 1, 2]
    failed = runs(folder).set_index("SEED").loc[-1]
    assert (failed["state"], failed["cell"]) == ("failed", "stop")
    assert failed["error"] == "AssertionError: too small"
    assert len(list((folder / "runs").iterdir())) == 3
    (kept,) = (folder / "failed").iterdir()
    assert stored(kept.read_text()).parameters["SEED"] == -1
    texts = [path.read_text() for path in (folder / "runs").iterdir()]
    assert all("jax 1 []" in text for text in texts)  # backend, threads, empty folder

    number = len(begun)
    assert sweep(book, *arguments) == 1
    assert "3 reused, 1 to make" in capfd.readouterr().out
    assert [seed for seed, _ in swept.begun(book)[number:]] == [-1]
    assert swept.marked(os.environ[swept.MARK]) == []


def test_a_sweep_that_is_interrupted_goes_on(
    book: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--over", "SEED=3,99,4", "--jobs", "1", "--out", str(book / "mine")]
    assert sweep(book, *arguments) == 130
    assert "Interrupted. What was finished is kept" in capfd.readouterr().err
    assert swept.marked(os.environ[swept.MARK]) == []
    assert not (book / "mine/results.csv").exists()
    (book / "mine/runs/rest.ipynb.new").write_text("half")
    assert sweep(book, *arguments) == 0
    assert "3 runs of 01_one: 1 reused, 2 to make" in capfd.readouterr().out
    assert [seed for seed, _ in swept.begun(book)] == [3, 99, 99, 4]
    assert list(runs(book / "mine")["SEED"]) == [3, 99, 4]
    assert len(list((book / "mine/runs").iterdir())) == 3


def result(seed: int, backend: str, *records: dict, error: str = "") -> Result:
    """Return a run that measured `records`."""
    outputs = [
        v4.new_output("display_data", {MIME: {"schema": SCHEMA, **r}}) for r in records
    ]
    cell = v4.new_code_cell("", id="all", execution_count=1, outputs=outputs)
    found = Result(
        key=f"{seed}-{backend}",
        chapter="01_one",
        parameters={"SEED": seed, "DATASET": "digits"},
        backend=backend,
        seconds=1.25,
        cell="all" if error else "",
        error=error,
        host="here",
    )
    metadata = {METADATA: vars(found)}
    text = json.dumps(v4.new_notebook(cells=[cell], metadata=metadata))
    return replace(found, notebook=text)


def measured(seed: int) -> list[dict]:
    lanes = ("pytorch", "tensorflow", "keras")
    quartiles = {"q1": 0.25, "q3": 0.75, "samples": 7}
    times = {"median": 0.1 / 3, "q1": 0.03, "q3": 0.04, "first": 0.2, "ratio": 1.0}
    rung = {"rung": "loss", "lane": "keras", "worst": 1e-7, "tolerance": 1e-5}
    machine = {"system": "Linux", "processor": "P", "threads": 1, "cores": 2}
    return [
        {
            "kind": "measurement",
            "metric": "peak memory",
            "unit": "B",
            "rows": [{"lane": x, "value": seed + 0.5, **quartiles} for x in lanes],
            "conditions": [["batch", 1200], ["model", "MLP"]],
        },
        {
            "kind": "race",
            "name": "one step",
            "unit": "s",
            "rows": [{"lane": "Keras, compiled", **times}],
        },
        {"kind": "parity", "name": "models", "rungs": [rung]},
        {
            "kind": "verdict",
            "claim": "C90",
            "verdict": "wrong",
            "measured": [["gap", 0.123456]],
        },
        {
            "kind": "report",
            "date": "2026-01-01",
            "python": "3.11.7",
            "machine": machine,
            "versions": {"torch": "2.13.0", "keras": "3.15.1"},
        },
    ]


def made(results: list[Result]) -> pd.DataFrame:
    rows = [row for one in results for row in table.rows(one)]
    return table.make(rows, results[0].parameters)


@pytest.fixture
def frame() -> pd.DataFrame:
    finished = [result(s, b, *measured(s)) for s in (0, 1, 2) for b in ("jax", "torch")]
    return made([*finished, result(3, "jax", error="E: bad")])


def test_the_table_has_a_row_for_everything(frame: pd.DataFrame) -> None:
    assert list(frame["kind"].value_counts()[["run", "measurement", "race"]]) == [
        7,
        18,
        12,
    ]
    (row,) = frame[(frame["run"] == "1-torch") & (frame["lane"] == "tensorflow")].iloc
    want = {
        "SEED": 1,
        "DATASET": "digits",
        "backend": "torch",
        "metric": "peak memory",
        "value": 1.5,
        "q3": 0.75,
        "samples": 7,
        "unit": "B",
        "conditions": "batch 1,200; model MLP",
        "cell": "all",
        "seconds": 1.25,
        "threads": 1,
        "processor": "P",
        "torch": "2.13.0",
        "state": "finished",
    }
    assert {name: row[name] for name in want} == want
    (parity,) = frame[(frame["run"] == "0-jax") & (frame["kind"] == "parity")].iloc
    assert (parity["metric"], parity["value"]) == ("models: loss", 1e-7)
    assert parity["tolerance"] == 1e-5
    (verdict,) = frame[(frame["run"] == "0-jax") & (frame["kind"] == "verdict")].iloc
    assert (verdict["metric"], verdict["verdict"]) == ("C90", "wrong")
    assert verdict["expected"] == "holds"
    (failed,) = frame[frame["run"] == "3-jax"].iloc
    assert (failed["state"], failed["kind"], failed["cell"]) == ("failed", "run", "all")


def test_csv_and_parquet_say_the_same(frame: pd.DataFrame, tmp_path: Path) -> None:
    csv, parquet = table.save(frame, tmp_path)
    read = pd.read_parquet(parquet)
    pd.testing.assert_frame_equal(read, frame)
    same = pd.read_csv(csv).astype(frame.dtypes.to_dict())
    pd.testing.assert_frame_equal(same, frame)
    assert not list(tmp_path.glob("*.new"))


def test_the_figure_has_a_name_and_says_the_medians(
    frame: pd.DataFrame, tmp_path: Path
) -> None:
    axes = {"SEED": (0, 1, 2, 3), "backend": ("jax", "torch")}
    png, svg, txt = chart.save(frame, axes, tmp_path)
    assert png.read_bytes().startswith(b"\x89PNG")
    root = ET.fromstring(svg.read_text())
    assert root.get("role") == "img"
    names = [root[0].tag.split("}")[1], root[1].tag.split("}")[1]]
    assert names == ["title", "desc"]
    told = txt.read_text()
    assert root[1].text == told.rstrip("\n")
    assert "peak memory: PyTorch 1.5 B (0.75 B to 2.25 B, 6 values)" in told
    assert "Keras, jax 1.5 B (1 B to 2 B, 3 values); Keras, torch 1.5 B" in told
    assert "one step: Keras, compiled 33.3 ms" in told
    assert "1 of the runs failed" in told
    assert "models: loss" not in told  # parity only where nothing else was measured


def test_the_figure_sets_cases_apart_and_repetitions_not(frame: pd.DataFrame) -> None:
    frame["WIDTH"] = [8 if seed < 2 else 16 for seed in frame["SEED"]]
    panels, _ = chart._panels(frame, {"WIDTH": (8, 16), "SEED": (0, 1, 2)})
    figure = chart.draw(panels[:1], "WIDTH", "title")
    (ax,) = (ax for ax in figure.axes if ax.get_visible())
    assert [label.get_text() for label in ax.get_xticklabels()] == ["8", "16"]
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["PyTorch", "TensorFlow", "Keras"]
    dots = [line for line in ax.lines if line.get_marker() in "os^"]
    assert sum(len(line.get_ydata()) for line in dots) == 18


def test_nothing_measured_is_no_figure(tmp_path: Path) -> None:
    bare = made([result(0, "jax"), result(1, "jax", error="E: bad")])
    assert len(bare) == 2
    assert chart.save(bare, {"SEED": (0, 1)}, tmp_path) == []


def test_only_whole_runs_are_reused(tmp_path: Path) -> None:
    store, good = Store(tmp_path), result(0, "jax")
    with store.held():
        store.keep(good)
        assert store.load(good.key) == good
        store.keep(replace(result(1, "jax", error="bad")))
        assert store.load("1-jax") is None
        path = tmp_path / f"runs/{good.key}.ipynb"
        path.write_text(good.notebook[:-9])
        assert store.load(good.key) is None
        path.rename(tmp_path / "runs/other.ipynb")
        (tmp_path / "runs/other.ipynb").write_text(good.notebook)
        assert store.load("other") is None
        with (
            pytest.raises(ValueError, match="without another command at work"),
            Store(tmp_path).held(),
        ):
            pass
