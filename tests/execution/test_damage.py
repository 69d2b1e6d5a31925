"""What is damaged in the cache is thrown away, and can be made again."""

import shutil
from pathlib import Path

import pytest
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.cache.main import JupyterCacheBase
from nbformat.v4 import new_code_cell, new_notebook

from sidebyside_book.execution.cache import notebook_of, open_cache


def _keep(folder: Path, *numbers: int) -> list[Path]:
    """Put notebooks into the cache, and return their files."""
    cache, files = open_cache(folder), []
    for number in numbers:
        notebook = new_notebook(cells=[new_code_cell(f"{{{number}:\n}}")])
        bundle = CacheBundleIn(notebook, f"{number}.ipynb")
        record = cache.cache_notebook_bundle(
            bundle, check_validity=False, overwrite=True
        )
        files.append(notebook_of(cache, record))
    cache.db.dispose()
    return files


def _kept(folder: Path) -> list[str]:
    cache = open_cache(folder)
    names = [record.uri for record in cache.list_cache_records()]
    cache.db.dispose()
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


def test_a_database_that_another_process_writes_to_is_left_alone(tmp_path, monkeypatch):
    (first,) = _keep(tmp_path, 1)

    def locked(self: JupyterCacheBase) -> None:
        raise RuntimeError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(JupyterCacheBase, "list_cache_records", locked)
        with pytest.raises(RuntimeError, match="locked"):
            open_cache(tmp_path)
    assert first.is_file()
    assert _kept(tmp_path) == ["1.ipynb"]
