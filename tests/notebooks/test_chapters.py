"""Every chapter of the book keeps every rule; reference pages keep those of hygiene."""

import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from rules import RULES, problems, setup_problems
from rules_hygiene import RULES as HYGIENE
from rules_hygiene import stored_form

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "chapters").glob("*.ipynb"))
CHAPTERS = [path for path in NOTEBOOKS if path.stem[:2].isdigit()]
REFERENCE = ["defaults", "rosetta", "scoreboard"]
"""Notebooks that are no chapters: they run what the pages of the same name show."""


def read(path: Path) -> NotebookNode:
    return nbformat.v4.reads(path.read_text(encoding="utf-8"))


def test_there_are_chapters():
    assert CHAPTERS, "expected notebooks in chapters/, received none"


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_chapter_keeps_a_rule(path, rule):
    found = problems(path.stem, read(path), [rule])
    assert not found, "\n".join([rule.__doc__, *found])


@pytest.mark.parametrize(
    "path",
    [path for path in NOTEBOOKS if path not in CHAPTERS],
    ids=lambda path: path.stem,
)
@pytest.mark.parametrize("rule", HYGIENE, ids=lambda rule: rule.__name__)
def test_a_reference_page_keeps_a_rule_of_hygiene(path, rule):
    found = problems(path.stem, read(path), [rule])
    assert not found, "\n".join([rule.__doc__, *found])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_as_all_are(path):
    found = stored_form(path.read_text(encoding="utf-8"))
    assert not found, "\n".join(found)


def test_the_setup_cell_is_the_same_in_all_notebooks():
    found = setup_problems({path.stem: read(path) for path in NOTEBOOKS})
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_chapter_has_a_number_and_a_name(path):
    assert path.stem in REFERENCE or re.fullmatch(r"\d\d_[a-z][a-z0-9_]*", path.stem)
