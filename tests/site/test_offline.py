"""The book in one file: whole, the same each time, and readable without a network."""

import hashlib
import io
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
from tiny_book import KERNEL, PROJECT, text

from sidebyside_book.cli import main
from sidebyside_book.editions import known, offline

FORCED = """[tool.hatch.build.targets.wheel.force-include]
"data" = "tiny/_data"
"""
FILES = {
    "pyproject.toml": PROJECT + FORCED,
    "tiny/__init__.py": "",
    "LICENSE": "Be kind.",
    "requirements.txt": "nowhere-to-be-found==1\n",
    "requirements-lab.txt": "",
    "constraints.txt": "",
    "_toc.yml": "format: jb-book\nroot: index\nchapters: [{file: chapters/01_one}]\n",
    "data/datasets.yaml": "{}\n",
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
        "data/datasets.yaml",
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


def test_a_date_that_no_zip_file_has_becomes_the_first_one(book, capsys, monkeypatch):
    """Nix and Guix know only 1970."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    with zipfile.ZipFile(offline.write(book)) as packed:
        assert {entry.date_time for entry in packed.infolist()} == {
            (1980, 1, 1, 0, 0, 0)
        }
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    assert main(["offline", "--book", str(book)]) == 2
    assert "expected SOURCE_DATE_EPOCH as seconds" in capsys.readouterr().err


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


PRIVATE = (
    ".env",
    "chapters/.env",
    "chapters/.01_one.ipynb",
    "chapters/08_gone.ipynb",
    "chapters/grades.csv",
    "data/.env",
    "data/chapters/08_gone.yaml",
    "data/grades.yaml",
    "tiny/.env",
    "_build/html/.env",
    "_build/html/chapters/08_gone.html",
    "_build/html/_sources/chapters/08_gone.ipynb",
    "_build/slides/08_gone.html",
    "_build/student/my-notes.md",
    "_build/student/08_gone.ipynb",
)


def test_what_is_not_the_books_is_named_and_left_out(book, tmp_path, capsys):
    for name in PRIVATE:
        (book / name).parent.mkdir(parents=True, exist_ok=True)
        (book / name).write_text("a secret", encoding="utf-8")
    out = tmp_path / "bundle.zip"
    assert main(["offline", "--book", str(book), "--out", str(out)]) == 0
    told = capsys.readouterr().err
    for name in PRIVATE:
        elsewhere = name in (".env", "tiny/.env")  # in no folder that is packed
        assert (f"not of the book: {name}\n" in told) != elsewhere, name
    assert len(told.splitlines()) == len(PRIVATE) - 2
    with zipfile.ZipFile(out) as packed:
        for name in packed.namelist():
            assert b"a secret" not in packed.read(name), name
            if name.endswith(".whl"):
                with zipfile.ZipFile(io.BytesIO(packed.read(name))) as wheel:
                    assert not [
                        n for n in wheel.namelist() if b"secret" in wheel.read(n)
                    ]


def test_a_page_that_the_site_lacks_is_named(book, capsys):
    (book / "_build/html/chapters/01_one.html").unlink()
    (book / "_build/html/chapters/02_more.html").write_text("")
    assert main(["offline", "--book", str(book)]) == 2
    wanted = "_build/html/chapters/01_one.html, which `make book` makes"
    assert wanted in capsys.readouterr().err


def test_a_file_of_ones_own_is_no_bundle_to_replace(book, tmp_path, capsys):
    own = tmp_path / "holiday.zip"
    with zipfile.ZipFile(own, "w") as packed:
        packed.writestr("beach.png", "sand")
    before = own.read_bytes()
    assert main(["offline", "--book", str(book), "--out", str(own)]) == 2
    assert f"received {own}, which is no bundle" in capsys.readouterr().err
    assert own.read_bytes() == before


def test_all_of_the_books_own_data_is_known():
    root = Path(__file__).parents[2]
    listed = subprocess.check_output(["git", "ls-files", "data"], cwd=root, text=True)
    (data,) = (source for source in known.SOURCES if source.folder == "data")
    found = data.known(root, known.pages_of(root))
    assert {f"data/{name}" for name in found} >= set(listed.splitlines())
