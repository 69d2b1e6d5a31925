"""One jupyter-cache for each digest, opened so that it is always whole.

jupyter-cache writes a notebook's record before its file. A process that is killed in
between leaves a record without a file, on which every later build stumbles. So a cache
is only opened here, where such remains are cleared away first.
"""

import json
import os
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from jupyter_cache.cache.db import DB_NAME, NbCacheRecord
from jupyter_cache.cache.main import JupyterCacheBase

FOLDER = ".jupyter_cache"
KEPT = 3
"""Caches of this many digests are kept, those used last: enough to change the branch
or the backend and come back without executing the book again."""

_TABLES = {"nbcache", "nbproject", "settings"}
_DIGEST = re.compile(r"[0-9a-f]{32}")


def cache_root(book: Path, configured: str | None = None) -> Path:
    """Return the folder that holds the caches of all digests.

    Args:
        book: The book's folder.
        configured: `execute: cache:` of `_config.yml`, if it is set.
    """
    return book / (configured or f"_build/{FOLDER}")


def open_cache(folder: Path) -> JupyterCacheBase:
    """Open the cache in `folder`, or make it, without what an interrupted run left.

    Afterwards every record has its notebook, and every notebook its record.
    """
    if folder.exists() and not _has_tables(folder / DB_NAME):
        shutil.rmtree(folder)
    cache = JupyterCacheBase(folder)
    _drop_records_without_notebook(cache)
    _drop_notebooks_without_record(cache)
    os.utime(folder)  # used now: see `remove_old`
    return cache


def remove_old(root: Path, current: str) -> list[str]:
    """Remove all but the `KEPT` caches used last, and return the removed digests.

    Args:
        root: The folder of all caches; what isn't named like a digest stays.
        current: The digest in use, which always stays.
    """
    found = [path for path in root.iterdir() if _DIGEST.fullmatch(path.name)]
    found.sort(key=lambda path: (path.name == current, path.stat().st_mtime_ns))
    old = found[:-KEPT]
    for path in old:
        shutil.rmtree(path)
    return [path.name for path in old]


def _has_tables(database: Path) -> bool:
    """Say whether the database was made to the end."""
    if not database.is_file():
        return False
    try:
        with closing(sqlite3.connect(database)) as connection:
            rows = connection.execute("select name from sqlite_master").fetchall()
    except sqlite3.DatabaseError:
        return False
    return {name for (name,) in rows} >= _TABLES


def _drop_records_without_notebook(cache: JupyterCacheBase) -> None:
    broken = [
        record.pk
        for record in cache.list_cache_records()
        if not _is_notebook(cache.path / "executed" / record.hashkey / "base.ipynb")
    ]
    if broken:
        NbCacheRecord.remove_records(broken, cache.db)


def _drop_notebooks_without_record(cache: JupyterCacheBase) -> None:
    known = {record.hashkey for record in cache.list_cache_records()}
    for folder in (cache.path / "executed").glob("*"):
        if folder.name not in known:
            shutil.rmtree(folder)


def _is_notebook(path: Path) -> bool:
    """Say whether the file is there and was written to its end."""
    try:
        return "cells" in json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return False
