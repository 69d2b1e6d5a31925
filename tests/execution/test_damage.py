"""What is damaged in the cache is thrown away, and can be made again."""

import errno
import shutil
import sqlite3
from pathlib import Path

import pytest
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.cache.db import DB_NAME
from nbformat.v4 import new_code_cell, new_notebook
from sqlalchemy import event

from sidebyside_book.execution import cache
from sidebyside_book.execution.cache import notebook_of, open_cache


def _keep(folder: Path, *numbers: int) -> list[Path]:
    """Put notebooks into the cache, and return their files."""
    results, files = open_cache(folder), []
    for number in numbers:
        notebook = new_notebook(cells=[new_code_cell(f"{{{number}:\n}}")])
        bundle = CacheBundleIn(notebook, f"{number}.ipynb")
        record = results.cache_notebook_bundle(
            bundle, check_validity=False, overwrite=True
        )
        files.append(notebook_of(results, record))
    results.db.dispose()
    return files


def _kept(folder: Path) -> list[str]:
    results = open_cache(folder)
    names = [record.uri for record in results.list_cache_records()]
    results.db.dispose()
    return names


def _no_file(notebook: Path) -> None:
    notebook.unlink()


def _no_folder(notebook: Path) -> None:
    shutil.rmtree(notebook.parent)


def _cut_off(notebook: Path) -> None:
    notebook.write_bytes(notebook.read_bytes()[:-1])


def _empty_file(notebook: Path) -> None:
    notebook.write_text("")


@pytest.mark.parametrize("harm", [_no_file, _no_folder, _cut_off, _empty_file])
def test_a_damaged_result_is_thrown_away_and_no_other(tmp_path, harm):
    first, second = _keep(tmp_path, 1, 2)
    before = second.stat().st_mtime_ns
    harm(first)
    assert _kept(tmp_path) == ["2.ipynb"]
    assert second.stat().st_mtime_ns == before
    assert _keep(tmp_path, 1) == [first]
    assert sorted(_kept(tmp_path)) == ["1.ipynb", "2.ipynb"]


@pytest.mark.parametrize("content", [b"", b"not a database" * 100, None])
def test_a_damaged_database_takes_all_results_with_it(tmp_path, content):
    """None: it is not there at all, but the notebooks are."""
    _keep(tmp_path, 1, 2)
    database = tmp_path / "global.db"
    database.unlink() if content is None else database.write_bytes(content)
    assert _kept(tmp_path) == []
    _keep(tmp_path, 2)
    assert _kept(tmp_path) == ["2.ipynb"]


def test_a_database_that_another_program_writes_to_is_left_alone(tmp_path):
    """jupyter-cache says of this one, too, that "it may need to be cleared"."""
    (first,) = _keep(tmp_path, 1)
    other = sqlite3.connect(tmp_path / DB_NAME, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(BlockingIOError, match="locked") as told:
        open_cache(tmp_path)
    other.close()
    assert told.value.filename == str(tmp_path / DB_NAME)
    assert first.is_file()
    assert _kept(tmp_path) == ["1.ipynb"]


def test_a_full_disk_is_told_and_what_is_kept_stays(tmp_path):
    (first,) = _keep(tmp_path, 1)
    results = open_cache(tmp_path)
    event.listen(results.db, "connect", _without_room)
    results.db.dispose()
    bundle = CacheBundleIn(new_notebook(cells=[new_code_cell("2")]), "2" * 10_000)
    with pytest.raises(OSError, match="full") as told:
        results.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    results.db.dispose()
    assert told.value.errno == errno.ENOSPC
    assert first.is_file()
    assert _kept(tmp_path) == ["1.ipynb"]


def _without_room(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("PRAGMA max_page_count=1")  # or as many as there are


def test_a_database_that_cannot_be_made_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(
        cache, "check_writable", lambda _: None
    )  # it would say so first
    (tmp_path / DB_NAME).symlink_to(tmp_path / "missing" / DB_NAME)
    with pytest.raises(OSError, match="unable to open database file") as told:
        open_cache(tmp_path)
    assert told.value.filename == str(tmp_path / DB_NAME)
