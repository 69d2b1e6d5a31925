"""A sweep on a real Ray cluster on this machine, and on none."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import swept

from sidebyside_book import cli
from sidebyside_book.execution.digest import look
from sidebyside_book.sweeps import cluster, job

SEEDS = range(6)


def test_no_run_is_lost_or_counted_twice_when_a_worker_is_killed(
    tmp_path: Path,
) -> None:
    book, mark = swept.book(tmp_path), swept.new_mark()
    # In a process of its own: Ray keeps threads and handlers in the one that uses it.
    command = [
        sys.executable,
        "-m",
        "sidebyside_book.cli",
        "sweep",
        "1",
        "--book",
        book,
    ]
    command += ["-p", "LOG", book / "log", "--over", f"SEED=0..{SEEDS[-1]}"]
    ended = subprocess.run(
        [*command, "--ray", "local", "--jobs", "2"],
        env={**os.environ, swept.MARK: mark},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "6 runs finished, 0 failed." in ended.stdout

    begun = swept.begun(book)
    killed = (book / "log/stopped-2").read_text()
    assert killed.startswith("ray::run_there"), "it was a worker, at work"
    assert sorted(seed for seed, _ in begun) == [0, 1, 2, 2, 3, 4, 5]
    first, second = (parent for seed, parent in begun if seed == 2)
    assert first != second
    assert len({parent for _, parent in begun}) >= 3, "two workers, and one more"

    folder = book / "_build/sweeps/01_one"
    frame = pd.read_csv(folder / "results.csv")
    assert list(frame[frame["kind"] == "run"]["SEED"]) == list(SEEDS)
    lanes = frame[frame["kind"] == "measurement"].groupby("SEED")["lane"]
    assert {seed: len(rows) for seed, rows in lanes} == dict.fromkeys(SEEDS, 3)
    assert frame["run"].nunique() == len(list((folder / "runs").iterdir())) == 6
    assert swept.marked(mark) == []


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("127.0.0.1:1", "expected a Ray cluster at '127.0.0.1:1', received: .*refused"),
        ("ray://127.0.0.1:1", "cluster at 'ray://127.0.0.1:1', received: .*refused"),
        ("here", "expected a Ray cluster at 'here', received: "),
    ],
)
def test_a_cluster_that_is_not_there_is_said_at_once(address: str, said: str) -> None:
    with (
        pytest.raises(cluster.SetupError, match=said),
        cluster.connected(address, 2),
    ):
        pass


def test_without_ray_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    book = str(swept.book(tmp_path))
    assert (
        cli.main(["sweep", "1", "--book", book, "--over", "SEED=1", "--ray", "a"]) == 2
    )
    assert "pip install 'sidebyside[ray]'" in capsys.readouterr().err


def test_what_travels_says_what_is_missing_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = swept.book(tmp_path) / "chapters/01_one.ipynb"
    (one,) = job.make(path, look(tmp_path), [({"SEED": 1}, {})])
    fields = {name: value for name, value in vars(one).items() if name != "source"}
    carried = cluster._carried()
    assert "<locals>" in carried.__qualname__  # pickled as a whole, not by name
    monkeypatch.setitem(sys.modules, "sidebyside_book.sweeps", None)
    with pytest.raises(ModuleNotFoundError, match="sidebyside"):
        carried(one.source, fields)
