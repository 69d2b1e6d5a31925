"""A proof that cannot fail proves nothing: change one lane and see parity break."""

import os
import time
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import nbformat
import passed
import pytest
import sample
import share
from nbformat import NotebookNode
from perturb import Failure, Perturbation, changed, failures, first_failure
from perturbations import PERTURBATIONS
from slices import Slices

FOLDER = Path(__file__).resolve().parents[2] / "chapters"
CHAPTERS = sorted(path.stem for path in FOLDER.glob("[0-9]*.ipynb"))


def part_of(
    chapter: str, environ: Mapping[str, str] = os.environ, known: Collection[str] = ()
) -> list[Perturbation]:
    """Return the faults of a chapter that this run tries: others on another day.

    Args:
        chapter: The notebook's name.
        environ: `FULL=1` asks for all, `EVERY=1` for all that have not passed; `PART`
            is the number of the part, the days since 1970 if it is not set.
        known: Those that have passed, as `passed.said` says them.
    """
    every = [fault for fault in PERTURBATIONS if fault.chapter == chapter]
    if environ.get("FULL") == "1":
        return every
    faults = [fault for fault in every if passed.said(fault, chapter) not in known]
    if environ.get("EVERY") == "1" or len(faults) <= share.FAULTS:
        return faults
    part = int(environ.get("PART", int(time.time()) // 86_400))
    begin = part * share.FAULTS % len(faults)
    return [*faults[begin:], *faults[:begin]][: share.FAULTS]


@pytest.mark.slow
@pytest.mark.chapters("faults")
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_fault_in_one_lane_is_noticed(chapter):
    faults = part_of(chapter, known=share.passed_of("faults", chapter))
    path = FOLDER / f"{chapter}.ipynb"
    with passed.keeping("faults", path, [passed.said(f, chapter) for f in faults]):
        text = path.read_text(encoding="utf-8")
        found = dict(failures(nbformat.v4.reads(text), faults, FOLDER))
        assert found.keys() == set(faults)
        lines = [
            f"{unlike(fault, found[fault]) or 'noticed'}: {fault.lane}: {fault}"
            for fault in faults
        ]
        print("\n".join(lines))
        assert all(line.startswith("noticed: ") for line in lines), "\n".join(lines)


def test_ci_tries_every_fault_in_turn():
    chapter = max(CHAPTERS, key=lambda c: sum(p.chapter == c for p in PERTURBATIONS))
    every = {fault for fault in PERTURBATIONS if fault.chapter == chapter}
    tried = [set(part_of(chapter, {"PART": str(part)})) for part in range(len(every))]
    assert all(len(part) == min(share.FAULTS, len(every)) for part in tried)
    assert set().union(*tried) == set(part_of(chapter, {"FULL": "1"})) == every


def test_ci_tries_no_fault_that_has_passed():
    chapter = max(CHAPTERS, key=lambda c: sum(p.chapter == c for p in PERTURBATIONS))
    every = part_of(chapter, {"EVERY": "1"})
    known = {passed.said(fault, chapter) for fault in every[1:]}
    assert part_of(chapter, {}, known) == part_of(chapter, {"EVERY": "1"}, known)
    assert part_of(chapter, {}, known) == every[:1]
    assert part_of(chapter, {"FULL": "1"}, known) == every
    assert passed.which("faults", chapter) == [passed.said(f, chapter) for f in every]


def unlike(change: Perturbation, failure: Failure | None) -> str:
    """Return how a failure differs from what the row expects, empty if it doesn't."""
    if not failure:
        return f"expected {change.notices} to fail, received a run without error"
    came = f"{failure.error} in {failure.cell}: {failure.message[:300]}"
    if failure.error != "ParityError":
        return f"expected a ParityError in {change.notices}, received {came}"
    if "sidebyside/parity/" not in failure.trace.replace("\\", "/"):
        return f"expected it from sidebyside/parity, received {came}"
    # An earlier proof may notice it, too, on this machine or on all.
    rung = f"rung '{change.row}'" if failure.cell == change.notices else "rung "
    rung = rung if change.row else "rung "
    for part in (rung, f"lane '{change.lane}'"):
        if part not in failure.message:
            return f"expected {part}, received {came}"
    return ""


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_chapter_is_perturbed(chapter):
    assert chapter in {change.chapter for change in PERTURBATIONS}


@pytest.mark.parametrize("change", PERTURBATIONS, ids=str)
def test_a_perturbation_fits_its_chapter(change):
    text = (FOLDER / f"{change.chapter}.ipynb").read_text(encoding="utf-8")
    notebook = nbformat.v4.reads(text)
    before = {cell.id: cell.source for cell in notebook.cells}
    after = {cell.id: cell.source for cell in changed(notebook, change).cells}
    assert [name for name in after if after[name] != before[name]] == [change.cell]
    assert list(after)[-1] == change.notices


def _change(
    cell: str = "step-keras", old: str = "seen_ks", notices: str = ""
) -> object:
    notices = notices or "parity-check"
    return Perturbation(cell, old, "other_ks", notices, "keras", "loss", "sample")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_change(cell="stop-keras"), "expected a cell 'stop-keras'"),
        (_change(old="unseen"), "received it 0 times"),
        (_change(old="r"), r"received it \d\d? times"),
        (_change(notices="nowhere"), "expected a cell 'nowhere'"),
        (_change(notices="figure"), "expected the tag 'parity' on 'figure'"),
    ],
)
def test_a_row_that_does_not_fit_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        changed(sample.notebook(), change)


def test_the_notebook_itself_stays_as_it_is():
    notebook = sample.notebook()
    after = changed(notebook, _change())
    assert "other_ks" in sample.at(after, "step-keras").source
    assert notebook == sample.notebook()


@pytest.mark.parametrize(
    ("last", "expected"), [("1 / 0", ("last", "ZeroDivisionError")), ("1", None)]
)
def test_the_first_failure_is_found(tmp_path, last, expected):
    cells = [sample.code("first", "x = 1"), sample.code("last", last)]
    failure = first_failure(nbformat.v4.new_notebook(cells=cells), tmp_path)
    assert (failure and (failure.cell, failure.error)) == expected


PROOF = """\
class ParityError(Exception): pass
if (left, right) != (1, 1): raise ParityError(f"{left} {right}")"""


def _proof() -> NotebookNode:
    sources = {"a": "left = 1", "b": "right = 1", "proof": PROOF, "end": "1 / 0"}
    cells = [sample.code(name, source) for name, source in sources.items()]
    cells[2].metadata["tags"] = ["parity"]
    return nbformat.v4.new_notebook(cells=cells)


def _row(cell: str, old: str, new: str) -> Perturbation:
    return Perturbation(cell, old, new, "proof", "keras", "loss", "proof")


def test_each_change_is_made_alone(tmp_path):
    """One kernel, and yet no change is left when the next is made."""
    rows = [
        _row("b", "= 1", "= 3"),
        _row("a", "= 1", "= 2"),
        _row("a", "left = 1", "left = 1  # nothing"),
        _row("b", "right = 1", "oops"),
    ]
    found = dict(failures(_proof(), rows, tmp_path))
    said = [(f.cell, f.message) if f else None for f in map(found.get, rows)]
    oops = ("b", "name 'oops' is not defined")
    assert said == [("proof", "1 3"), ("proof", "2 1"), None, oops]


def test_cells_that_fail_without_a_change_are_seen(tmp_path):
    notebook = _proof()
    notebook.cells[0].source = "left = globals().get('left', 0) + 1"  # not repeatable
    rows = [_row("a", "+ 1", "+ 5"), _row("b", "= 1", "= 3")]
    with pytest.raises(AssertionError, match="again: expected a run without change"):
        dict(failures(notebook, rows, tmp_path))


LANES = {
    "imports": "import math",
    "kept": "def kept(): return settings['x']",
    "mine": "mine = math.sqrt(1)",
    "settings": "settings = {}",
    "put": "settings['x'] = mine",
    "yours": "yours = math.sqrt(1); ran.append('yours')",
    "proof": "assert kept() == yours",
}


def test_only_what_a_change_reaches_runs_with_it():
    slices = Slices([sample.code(name, source) for name, source in LANES.items()])
    ids = list(LANES)
    run = [ids[k] for k in slices.way(ids.index("mine"), ids.index("proof"))]
    assert run == ["mine", "put", "proof"]
    rests = slices.rests_on(ids.index("yours"))
    assert [ids[k] for k in rests] == ["imports", "yours"]


def test_what_no_name_tells_runs_all(tmp_path):
    """A change goes through a setting that no name shows; and the next is clean."""
    sources = {
        "rate": "import os; os.environ['RATE'] = '1'",
        "train": "import os as system; trained = system.environ['RATE']",
        "proof": f"left, right = int(trained), 1\n{PROOF}",
    }
    cells = [sample.code(name, source) for name, source in sources.items()]
    cells[2].metadata["tags"] = ["parity"]
    notebook = nbformat.v4.new_notebook(cells=cells)
    rows = [_row("rate", "'1'", "'2'"), _row("train", "['RATE']", "['RATE'] + '0'")]
    said = {row.cell: failure for row, failure in failures(notebook, rows, tmp_path)}
    assert [said[name].message for name in ("rate", "train")] == ["2 1", "10 1"]


GOOD = Failure(
    "proof",
    "ParityError",
    "rung 'loss' broke: lane 'keras', tensor 'w'",
    "sidebyside/parity/_show.py",
)


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (None, "expected proof to fail"),
        (replace(GOOD, error="NameError"), "expected a ParityError in proof"),
        (replace(GOOD, trace="proof"), "expected it from sidebyside/parity"),
        (replace(GOOD, message="lane 'keras'"), "expected rung 'loss'"),
        (replace(GOOD, message="rung 'loss'"), "expected lane 'keras'"),
    ],
)
def test_another_failure_than_expected_is_said(failure, message):
    row = _row("a", "= 1", "= 2")
    assert unlike(row, GOOD) == ""
    assert (
        unlike(row, replace(GOOD, cell="earlier", message="rung 'x': lane 'keras'"))
        == ""
    )
    assert unlike(row, failure).startswith(message)
