"""The book in one file: whole, the same each time, and readable without a network."""

import hashlib
import os
import re
import subprocess
import zipfile
from pathlib import Path
from urllib.parse import urldefrag

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat import v4
from tiny_book import KERNEL, text

from sidebyside_book.cli import main
from sidebyside_book.editions import offline

PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "tiny"
version = "1.2"
[tool.hatch.build.targets.wheel]
packages = ["tiny"]
"""
FILES = {
    "pyproject.toml": PROJECT,
    "tiny/__init__.py": "",
    "LICENSE": "Be kind.",
    "requirements.txt": "nowhere-to-be-found==1\n",
    "requirements-lab.txt": "",
    "constraints.txt": "",
    "data/numbers.csv": "1\n",
    "_build/html/index.html": "<a href='chapters/01_one.html#top'>one</a>",
    "_build/html/chapters/01_one.html": "<p id='top'><a href='../index.html'>up</a>",
    "_build/html/.buildinfo": "noise",
    "_build/slides/01_one.html": "<p>slides</p>",
}
NAME = "side-by-side-offline-1.2"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book of one chapter, as after `make book student slides`."""
    folder = tmp_path / "book"
    notebook = v4.new_notebook(cells=[text("title", "# One & all")], metadata=KERNEL)
    files = FILES | {
        name: nbformat.writes(notebook)
        for name in ("chapters/01_one.ipynb", "_build/student/01_one.ipynb")
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return folder


def test_the_bundle_is_whole_and_its_links_lead_somewhere(book, tmp_path):
    bundle = offline.write(book)
    assert bundle == book / f"_build/{NAME}.zip"
    with zipfile.ZipFile(bundle) as packed:
        packed.extractall(tmp_path / "room")
    room = tmp_path / "room" / NAME
    names = {p.relative_to(room).as_posix() for p in room.rglob("*") if p.is_file()}
    assert names == {
        "LICENSE",
        "README.txt",
        "SHA256SUMS",
        "START-HERE.html",
        "constraints.txt",
        "data/numbers.csv",
        "notebooks/01_one.ipynb",
        "requirements-lab.txt",
        "requirements.txt",
        "site/chapters/01_one.html",
        "site/index.html",
        "slides/01_one.html",
        "student/01_one.ipynb",
        "wheels/tiny-1.2-py2.py3-none-any.whl",
    }
    for line in (room / "SHA256SUMS").read_text().splitlines():
        wanted, name = line.split("  ")
        assert hashlib.sha256((room / name).read_bytes()).hexdigest() == wanted
        names.remove(name)
    assert names == {"SHA256SUMS"}
    for page in room.rglob("*.html"):
        soup = BeautifulSoup(page.read_text(), "html.parser")
        for link in soup.select("a[href]"):
            target = (page.parent / urldefrag(link["href"])[0]).resolve()
            assert target.is_file(), f"{page.name}: {link['href']}"
            assert target.is_relative_to(room.resolve())
    assert "01 One &amp; all" in (room / "START-HERE.html").read_text()
    told = [p.read_text() for p in room.rglob("*") if p.suffix not in (".whl", "")]
    assert not [words for words in told if str(tmp_path) in words]


def test_the_same_book_gives_the_same_bytes(book, tmp_path, monkeypatch):
    first = offline.write(book, tmp_path / "first.zip").read_bytes()
    for path in book.rglob("*"):
        os.utime(path, (1, 1))
    assert offline.write(book, tmp_path / "second.zip").read_bytes() == first
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert offline.write(book, tmp_path / "third.zip").read_bytes() != first


def test_the_commands_of_the_readme_name_files_that_are_there(book, tmp_path):
    with zipfile.ZipFile(offline.write(book)) as packed:
        told = packed.read(f"{NAME}/README.txt").decode()
        names = packed.namelist()
    assert "--no-index --find-links" not in told  # the wheels are not in it
    for name in set(re.findall(r"-[rc] (\S+)", told)):
        assert f"{NAME}/{name}" in names
    assert re.search(r"^Side by Side 1\.2.*\n=+\n", told)


@pytest.mark.parametrize("part", ["html/index.html", "student/01_one.ipynb"])
def test_what_was_not_made_is_named(book, part, capsys):
    (book / "_build" / part).unlink()
    for path in (book / "_build" / part).parent.glob("*"):
        subprocess.run(["rm", "-r", path], check=True)
    assert main(["offline", "--book", str(book)]) == 2
    wanted = "make book" if "html" in part else "make student"
    assert f"which `{wanted}` makes, received none" in capsys.readouterr().err
    assert not list(book.rglob("*.zip"))


def test_a_package_that_cannot_be_had_leaves_the_old_bundle(book, capsys, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    before = offline.write(book).read_bytes()
    assert main(["offline", "--with-wheels", "--book", str(book)]) == 2
    assert "nowhere-to-be-found" in capsys.readouterr().err
    assert (book / f"_build/{NAME}.zip").read_bytes() == before
    left = {path.name for path in (book / "_build").iterdir()}
    assert left == {"html", "slides", "student", f"{NAME}.zip"}
