"""The table of versions on the page *Run it elsewhere*."""

from pathlib import Path

import pytest
from tiny_book import report, text

from sidebyside import versions
from sidebyside_book.website.pages.elsewhere import render as elsewhere

ROOT = Path(__file__).parents[2]
PART = text("part", "```{evidence} elsewhere\n```")


def test_the_table_shows_what_the_files_pin(book, tmp_path):
    ours = "# The book's.\ntorch==2.13.0\nkeras==3.15.1\nruff==1.0\n"
    (tmp_path / "book/requirements.txt").write_text(ours)
    theirs = "# Colab's.\n\ntorch==2.11.0\nkeras==3.13.2\nscipy==1.16.3\n"
    (tmp_path / "book/requirements-colab.txt").write_text(theirs)
    built = book(PART, report())
    assert not built.warnings
    rows = [
        [cell.get_text() for cell in row.find_all(["th", "td"])]
        for row in built.page.select("tbody tr")
    ]
    assert rows == [["torch", "2.13.0", "2.11.0"], ["keras", "3.15.1", "3.13.2"]]


def test_the_books_files_have_what_it_shows():
    ours = elsewhere.pins(ROOT / elsewhere.HERE)
    theirs = elsewhere.pins(ROOT / elsewhere.COLAB)
    assert versions.OLDEST.keys() | {"jax", "numpy"} <= ours.keys() & theirs.keys()


def test_a_line_that_pins_nothing_is_refused(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("torch>=2\n")
    with pytest.raises(ValueError, match="expected NAME==VERSION, received 'torch>=2'"):
        elsewhere.pins(path)
