"""Every chapter of the book keeps every rule; reference pages keep those of hygiene."""

import re
from pathlib import Path

import pytest

from sidebyside_book.authoring.rules import RULES, hygiene, problems, setup_problems
from sidebyside_book.chapter import read_notebook

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "chapters").glob("*.ipynb"))
CHAPTERS = [path for path in NOTEBOOKS if path.stem[:2].isdigit()]
REFERENCE = ["defaults", "move_your_model", "one_task", "rosetta", "scoreboard"]
"""Notebooks that are no chapters: they run what the pages of the same name show."""


def test_there_are_chapters():
    assert CHAPTERS, "expected notebooks in chapters/, received none"


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_chapter_keeps_a_rule(path, rule):
    found = problems(read_notebook(path), [rule])
    assert not found, "\n".join([rule.__doc__, *found])


@pytest.mark.parametrize(
    "path",
    [path for path in NOTEBOOKS if path not in CHAPTERS],
    ids=lambda path: path.stem,
)
@pytest.mark.parametrize("rule", hygiene.RULES, ids=lambda rule: rule.__name__)
def test_a_reference_page_keeps_a_rule_of_hygiene(path, rule):
    found = problems(read_notebook(path), [rule])
    assert not found, "\n".join([rule.__doc__, *found])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_as_all_are(path):
    found = hygiene.stored_form(path.read_text(encoding="utf-8"))
    assert not found, "\n".join(found)


def test_the_setup_cell_is_the_same_in_all_notebooks():
    found = setup_problems(map(read_notebook, NOTEBOOKS))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_chapter_has_a_number_and_a_name(path):
    assert path.stem in REFERENCE or re.fullmatch(r"\d\d_[a-z][a-z0-9_]*", path.stem)
