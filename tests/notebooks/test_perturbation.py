"""A proof that cannot fail proves nothing: change one lane and see parity break."""

from pathlib import Path

import nbformat
import pytest
import sample
from perturb import Perturbation, changed, first_failure
from perturbations import PERTURBATIONS

FOLDER = Path(__file__).resolve().parents[2] / "chapters"
CHAPTERS = sorted(path.stem for path in FOLDER.glob("[0-9]*.ipynb"))


@pytest.mark.slow
@pytest.mark.parametrize("change", PERTURBATIONS, ids=str)
def test_parity_notices_a_change_of_one_lane(change):
    text = (FOLDER / f"{change.chapter}.ipynb").read_text(encoding="utf-8")
    failure = first_failure(changed(nbformat.v4.reads(text), change), FOLDER)
    assert failure, f"expected {change.notices} to fail, received a run without error"
    assert (failure.cell, failure.error) == (change.notices, "ParityError"), failure
    assert "sidebyside/parity.py" in failure.trace.replace("\\", "/")
    assert f"rung '{change.rung}'" in failure.message
    assert f"lane '{change.lane}'" in failure.message


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
    return Perturbation("sample", cell, old, "other_ks", notices, "keras", "loss")


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
