"""The reading paths: every direction, sections that exist, what chapters need."""

import copy
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

from sidebyside._files import data_file
from sidebyside_book.chapter import About, about, read_notebook
from sidebyside_book.website.pages.paths import table as paths

CHAPTERS = sorted((Path(__file__).parents[2] / "chapters").glob("[0-9]*.ipynb"))
TITLE = re.compile(r"^#{2,3} (.+)$", re.M)
LABEL = re.compile(r"^:label: (\S+)$", re.M)


def sources(path: Path) -> str:
    cells = nbformat.read(path, as_version=4).cells
    return "\n".join(c.source for c in cells if c.cell_type == "markdown")


ABOUT = {path.name[:2]: about(read_notebook(path)) for path in CHAPTERS}
TEXT = {path.name[:2]: sources(path) for path in CHAPTERS}
SECTIONS = {number: TITLE.findall(text) for number, text in TEXT.items()}


@pytest.mark.parametrize("direction", paths.load(), ids="-".join)
def test_a_path_fits_the_chapters(direction: paths.Direction) -> None:
    path = paths.load()[direction]
    assert not paths.problems(path, ABOUT, SECTIONS)
    assert paths.minutes(path, ABOUT) == sum(
        ABOUT[s.chapter].minutes for s in path.steps
    )
    assert path.exercise.label in LABEL.findall(TEXT[path.exercise.chapter])


def test_each_direction_has_words_of_its_own() -> None:
    found = [s.why for p in paths.load().values() for s in (*p.steps, *p.skip)]
    assert len(set(found)) == len(found)


def tiny() -> tuple[paths.Path, dict[str, About]]:
    steps = (
        paths.Step("04", "First.", ("Loss",)),
        paths.Step("11", "Then.", ("`fit`",)),
    )
    exercise = paths.Exercise("04", "ex-04", "Do.")
    told = {
        "04": About("04_loop", "The loop", 20, ("NumPy",), ()),
        "11": About("11_images", "Images", 5, ("04 The loop",), ()),
    }
    return paths.Path("keras", "pytorch", ("NumPy",), steps, (), exercise), told


def test_a_path_that_fits() -> None:
    path, told = tiny()
    sections = {"04": ["Loss"], "11": ["`fit`"]}
    assert paths.problems(path, told, sections) == []
    assert paths.problems(path, told, {**sections, "11": ["fit"]}) == []
    assert paths.plain("Each `fit`’s “own”") == 'Each fit\'s "own"'
    assert paths.minutes(path, told) == 25


def test_what_a_chapter_needs_comes_before_it_or_is_known() -> None:
    path, told = tiny()
    sections = {"04": ["Loss"], "11": ["`fit`"]}
    turned = paths.Path(**{**vars(path), "steps": path.steps[::-1]})
    found = paths.problems(turned, told, sections)
    assert found == ["chapter 11: expected ['04 The loop'] before it"]
    ignorant = paths.Path(**{**vars(path), "known": ()})
    assert "expected ['NumPy'] before it" in paths.problems(ignorant, told, sections)[0]


def test_chapters_and_sections_that_are_gone_are_named() -> None:
    path, told = tiny()
    found = paths.problems(path, told, {"04": ["Gone"], "11": ["fit"]})
    assert found == ["chapter 04: expected sections, received ['Loss']"]
    without = {"04": told["04"]}
    assert paths.problems(path, without, {}) == [
        "expected chapters of the book, received ['11']"
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c["paths"].pop(), "expected each of"),
        (lambda c: c["paths"].append(c["paths"][0]), "expected each of"),
        (lambda c: c["paths"][0].pop("skip"), "pytorch to tensorflow: expected"),
        (
            lambda c: c["paths"][0]["steps"][0].pop("why"),
            "pytorch to tensorflow: .*why",
        ),
        (lambda c: c["paths"][0]["steps"][0].pop("look"), "sections to look at"),
        (
            lambda c: c["paths"][0]["skip"].append(c["paths"][0]["steps"][0]),
            "each chapter once",
        ),
    ],
)
def test_a_bad_file_is_refused(change: Any, said: str) -> None:
    content = yaml.safe_load(data_file(paths.FILE).read_text(encoding="utf-8"))
    content = copy.deepcopy(content)
    change(content)
    with pytest.raises(ValueError, match=f"paths.yaml: .*{said}"):
        paths.parse(content)
