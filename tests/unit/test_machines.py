"""Chapters under the settings of other machines: quick stand-ins, no frameworks."""

import json
import os
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from sidebyside import ledger
from sidebyside.records import MIME, SCHEMA
from sidebyside_book import cli
from sidebyside_book.execution.chapters import find_chapters
from sidebyside_book.execution.digest import look
from sidebyside_book.machines import parts, running, settings, verdicts
from sidebyside_book.machines.verdicts import Turn, turned, turns

CLAIM = next(c.id for c in ledger.load().claims.values() if c.expected == "holds")
BEGIN = """
import os, signal, time
from pathlib import Path
log = Path(os.environ["SIDEBYSIDE_LOG"])
aten = os.environ.get("ATEN_CPU_CAPABILITY", "")
threads = os.environ["OMP_NUM_THREADS"]
with (log / "begun").open("a") as file:
    file.write(f"NAME {aten} {threads} {globals().get('SEED', '')}\\n")
"""
FAIL = "assert aten != 'default', 'other sums\\non this processor'"
STOP = """
once = log / "stopped"
if threads == "4" and not once.exists():
    once.touch()
    os.kill(int((log / "driver").read_text()), signal.SIGINT)
    time.sleep(60)
"""
SETTLE = f"""
from IPython.display import display
verdict = "wrong" if globals().get("SEED") == 3 else "holds"
record = {{"schema": {SCHEMA}, "kind": "verdict", "claim": "{CLAIM}"}}
display({{"{MIME}": {{**record, "verdict": verdict}}}}, raw=True)
"""


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A book of two chapters; the first one has a seed, and settles a claim."""
    (tmp_path / "_config.yml").write_text("title: T\n")
    entries = "".join(f"- file: chapters/{name}\n" for name in ("01_one", "02_two"))
    (tmp_path / "_toc.yml").write_text(
        f"format: jb-book\nroot: index\nchapters:\n{entries}"
    )
    for name in ("chapters", "log"):
        (tmp_path / name).mkdir()
    add(tmp_path, "01_one", SETTLE, seed="SEED = 1")
    add(tmp_path, "02_two", FAIL)
    monkeypatch.setenv("SIDEBYSIDE_LOG", str(tmp_path / "log"))
    (tmp_path / "log/driver").write_text(str(os.getpid()))
    return tmp_path


def add(book: Path, name: str, *sources: str, seed: str = "") -> None:
    """Write a chapter that notes each of its runs."""
    cells = [v4.new_code_cell(BEGIN.replace("NAME", name), id="begin")]
    for place, source in enumerate(sources):
        cells.append(v4.new_code_cell(source, id=f"cell-{place}"))
    if seed:
        tags = {"tags": ["parameters"]}
        cells.insert(0, v4.new_code_cell(seed, id="parameters", metadata=tags))
    kernel = {"name": "python3", "display_name": "Python 3"}
    notebook = v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, book / f"chapters/{name}.ipynb")


def machines(book: Path, *arguments: str) -> int:
    return cli.main(["machines", "--book", str(book), "--jobs", "2", *arguments])


def begun(book: Path) -> list[str]:
    """Return the runs that were begun since the last call."""
    path = book / "log/begun"
    lines = path.read_text().splitlines() if path.exists() else []
    path.unlink(missing_ok=True)
    return sorted(" ".join(line.split()) for line in lines)


def written(book: Path) -> dict[tuple[str, str], dict]:
    """Return what the JSON says of each run."""
    content = json.loads((book / "_build/machines.json").read_text())
    assert content["well"] == all(r["state"] == "passed" for r in content["runs"])
    return {(run["chapter"], run["setting"]): run for run in content["runs"]}


def test_the_table_says_what_failed_where_and_which_verdict_turned(
    book: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    chosen = ["--settings", "aten-default", "seed-1", "seed-3"]
    assert machines(book, *chosen) == 1
    assert begun(book) == [  # a setting that changes nothing is no run of its own
        "01_one 1 1",
        "01_one 1 3",
        "01_one default 1 1",
        "02_two 1",
        "02_two default 1",
    ]
    states = {name: run["state"] for name, run in written(book).items()}
    assert states == {
        ("01_one", "plain"): "passed",
        ("01_one", "aten-default"): "passed",
        ("01_one", "seed-1"): "passed",
        ("01_one", "seed-3"): "turned",
        ("02_two", "plain"): "passed",
        ("02_two", "aten-default"): "failed",
    }
    said = capfd.readouterr().out
    table = [line.replace(" ", "") for line in said.splitlines() if line[:1] == "|"]
    assert table[0] == "|chapter|plain|aten-default|seed-1|seed-3|"
    assert table[2:] == [
        "|01_one|passed|passed|passed|turned|",
        "|02_two|passed|failed|||",
    ]
    where = (
        "- 02_two, aten-default: failed, cell `cell-0`: AssertionError: other sums\n"
    )
    assert where in said
    turn = f"{CLAIM} turned: 'wrong' here, 'holds' expected, 'holds' as it is"
    assert f"- 01_one, seed-3: {turn}\n" in said
    assert "6 runs: 4 passed, 1 turned, 1 failed (1 of them had been made" in said
    assert (book / "_build/machines.md").read_text() in said


def test_what_passed_is_used_again_as_long_as_nothing_has_changed(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = ["--settings", "aten-default", "seed-0"]
    assert machines(book, *chosen) == 1
    assert len(begun(book)) == 5
    assert machines(book, *chosen) == 1
    assert begun(book) == ["02_two default 1"], "what failed is made again"
    assert written(book)["01_one", "seed-0"]["reused"]
    add(book, "02_two", "pass")
    assert machines(book, *chosen) == 0
    assert begun(book) == ["02_two 1", "02_two default 1"]
    monkeypatch.setenv("SIDEBYSIDE_MINE", "1")
    assert machines(book, "02", *chosen) == 0
    assert begun(book) == ["02_two 1", "02_two default 1"]
    assert set(written(book)) == {("02_two", "plain"), ("02_two", "aten-default")}


def test_an_interrupted_command_goes_on_and_writes_nothing_by_halves(
    book: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    add(book, "02_two", STOP)
    chosen = ["--jobs", "1", "--settings", "threads-4", "seed-0"]
    assert machines(book, *chosen) == 130
    assert "Interrupted. What passed is kept" in capfd.readouterr().err
    assert not (book / "_build/machines.json").exists()
    assert "01_one 4 1" in begun(book)
    assert machines(book, *chosen) == 0
    assert begun(book) == ["02_two 4"]
    assert len(written(book)) == 5


def test_a_chapter_that_fails_as_it_is_is_in_the_table(
    book: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    add(book, "01_one", "assert SEED == 3, 'bad luck'", SETTLE, seed="SEED = 1")
    assert machines(book, "01", "--settings", "seed-3", "seed-4") == 1
    states = {setting: run["state"] for (_, setting), run in written(book).items()}
    assert states == {"plain": "failed", "seed-3": "turned", "seed-4": "failed"}
    said = capfd.readouterr().out
    failed = "failed, cell `cell-0`: AssertionError: bad luck\n"
    assert f"- 01_one, plain, seed-4: {failed}" in said, "once for both"
    assert f"- 01_one, seed-3: {CLAIM} turned: 'wrong' here, 'holds' expected" in said


def test_all_runs_together_leave_no_run_of_former_times(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = settings.SETTINGS[:1]
    monkeypatch.setattr(settings, "SETTINGS", few)
    monkeypatch.setattr("sidebyside_book.machines.command.SETTINGS", few)
    add(book, "02_two", "pass")
    folder = book / "_build/machines/runs"
    assert machines(book) == 0
    first = {path.name for path in folder.iterdir()}
    add(book, "02_two", "1")
    assert machines(book, "--part", "0") == 0
    assert len(list(folder.iterdir())) == 3, "a part forgets nothing"
    assert machines(book) == 0
    left = {path.name for path in folder.iterdir()}
    assert len(left) == 2
    assert len(left & first) == 1


def test_a_cell_may_take_longer_than_as_it_is_and_not_for_ever(book: Path) -> None:
    (page,) = running.pages(find_chapters(book, ["1"]), timeout_s=20)
    names = running.names([page], settings.SETTINGS[:2])
    made = running.jobs([page], settings.SETTINGS, names[:1], look(book))
    assert {name: job.timeout_s for name, job in made.items()} == {names[0]: 60}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["03"], "expected one of 01_one, 02_two, received '03'"),
        (["--settings", "avx3"], "machines: expected settings of aten-default, avx2"),
        (["--part", "-1"], "expected a number or 'today' for a part, received '-1'"),
        (["--jobs", "0"], "expected at least 1 job, received jobs=0"),
    ],
)
def test_a_wrong_command_runs_nothing(
    book: Path,
    arguments: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert machines(book, *arguments) == 2
    assert said in capsys.readouterr().err
    assert begun(book) == []
    assert not (book / "_build").exists()


def test_undecided_turns_nothing() -> None:
    assert turned("holds", "wrong")
    assert turned("holds", None)
    assert not turned("holds", "holds")
    assert not turned("undecided", "wrong")
    assert not turned("holds", "undecided")
    assert not turned(None, "undecided")


def test_verdicts_turn_against_the_ledger_and_against_the_chapter_as_it_is() -> None:
    expected = {"C01": "holds", "C02": "wrong", "C03": "outdated"}
    plain = {"C01": "holds", "C02": "holds", "C04": "holds"}
    here = {"C01": "wrong", "C02": "wrong", "C03": "outdated"}
    assert turns(here, expected, plain) == [
        Turn("C01", "wrong", "holds", "holds"),
        Turn("C02", "wrong", "wrong", "holds"),
        Turn("C03", "outdated", "outdated", None),
        Turn("C04", None, None, "holds"),
    ]
    assert turns(plain, expected, None) == [Turn("C02", "holds", "wrong", None)]
    assert turns({"C01": "undecided"}, expected, {"C01": "holds"}) == []


def test_the_ledgers_verdicts_are_known() -> None:
    assert verdicts.of_ledger()[CLAIM] == "holds"


SETTINGS = [setting.name for setting in settings.SETTINGS]
NAMES = [(f"{n:02}_x", name) for n in range(parts.SIZE) for name in SETTINGS]
"""As many parts as settings: each could be of one setting only."""


def test_the_parts_are_all_runs_each_once_and_always_the_same() -> None:
    number = parts.count(NAMES)
    assert number == -(-len(NAMES) // parts.SIZE)
    every = [parts.part(NAMES, which) for which in range(number)]
    assert sorted(name for part in every for name in part) == sorted(NAMES)
    assert max(map(len, every)) <= parts.SIZE
    assert parts.part(NAMES, number + 1) == every[1]
    assert parts.part(NAMES[::-1], 1) == every[1][::-1]
    for part in every:
        assert min(len({name[i] for name in part}) for i in (0, 1)) > 2, "mixed"
    assert parts.count([]) == 1
    assert parts.part([], 17) == []
    assert [len(parts.part(NAMES, k, 1)) for k in range(3)] == [1, 1, 1]
    assert parts.count(NAMES, 1) == len(NAMES)


def test_every_day_has_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    class Later(parts.datetime):
        @classmethod
        def now(cls, tz=None):
            return parts.datetime(2026, 1, 2, tzinfo=tz)

    monkeypatch.setattr(parts, "datetime", Later)
    assert parts.number("today") == 739618
    assert parts.number("17") == 17


def test_a_part_is_named_so_that_it_can_be_repeated(
    book: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    chosen = ["--size", "2", "--settings", "avx2", "seed-0"]
    assert machines(book, *chosen, "--part", "7") == 0
    said = capfd.readouterr().out
    assert "part 1 of 0 to 1; PART=1 SIZE=2 repeats it" in said
    first = set(written(book))
    assert machines(book, *chosen, "--part", "1") == 0
    assert set(written(book)) == first
    assert machines(book, *chosen, "--part", "0") == 0
    assert set(written(book)) | first >= {("01_one", "seed-0"), ("02_two", "avx2")}


def test_settings_are_those_that_the_book_is_held_against() -> None:
    names = [setting.name for setting in settings.SETTINGS]
    assert len(names) == len(set(names))
    assert [s.parameters["SEED"] for s in settings.SETTINGS if s.parameters] == [
        *range(5)
    ]
    variables = {name for s in settings.SETTINGS for name in s.variables}
    assert "ONEDNN_MAX_CPU_ISA" not in variables
    assert all(s.changes({}) or s.name == "threads-1" for s in settings.SETTINGS)
