"""The cache of the chapters' results: jupyter-cache, which also looks at our key.

jupyter-cache finds a result by the notebook's cells of code and its kernel. All else
that can change a result is in the key of `digest`. It is put into the kernel's
specification of the notebook in memory, so jupyter-cache takes it for a part of that;
in this way every chapter has a key of its own, and MyST-NB finds the same results.

jupyter-cache writes a notebook's record before its file. A process that is killed in
between leaves a record without a whole file, on which every later build would stumble;
such a record is thrown away when the cache is opened, and the chapter runs again. As
long as a process executes chapters (see `alone`), such a record may be one whose file
is just being written: then nobody throws it away, and it does not count as a result.
"""

import errno
import os
import re
import shutil
import sqlite3
import time
from pathlib import Path

import nbformat
from filelock import Timeout
from jupyter_cache.cache.db import DB_NAME, NbCacheRecord
from jupyter_cache.cache.main import JupyterCacheBase
from nbformat import NotebookNode
from sqlalchemy import ExceptionContext, event
from sqlalchemy.exc import OperationalError

from sidebyside_book.execution.alone import lock_of
from sidebyside_book.execution.chapters import Chapter
from sidebyside_book.execution.digest import Around
from sidebyside_book.execution.manager import NAME
from sidebyside_book.surroundings import check_writable

FOLDER = ".jupyter_cache"
KEY = "sidebyside_key"
"""Where a notebook's kernelspec has the key, as long as it is in memory or cached."""
KEPT = 3
"""Results that are kept of each chapter, those used last: enough to change the branch
or the backend and come back without executing it again."""

SECONDS = "execution_seconds"
"""Names what a record says of its execution's time, as MyST-NB reads it."""
VERSION = "__version__.txt"
"""What jupyter-cache writes last when it makes a cache."""
PASSING = {
    sqlite3.SQLITE_BUSY: errno.EAGAIN,
    sqlite3.SQLITE_LOCKED: errno.EAGAIN,
    sqlite3.SQLITE_PROTOCOL: errno.EAGAIN,
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_NOMEM: errno.ENOMEM,
    sqlite3.SQLITE_PERM: errno.EACCES,
    sqlite3.SQLITE_READONLY: errno.EROFS,
    sqlite3.SQLITE_CANTOPEN: errno.EIO,
    sqlite3.SQLITE_IOERR: errno.EIO,
}
"""What SQLite says of what surrounds a database, with which nothing need be wrong ->
the number by which the system would say so."""
_PAUSE_S = 0.05
_END = b"\n}"
"""How a notebook's file ends; in the midst of it no line begins with a brace."""


def cache_root(book: Path, configured: str | None = None) -> Path:
    """Return the folder of the cache.

    Args:
        book: The book's folder.
        configured: `execute: cache:` of `_config.yml`, if it is set.
    """
    return book / (configured or f"_build/{FOLDER}")


class Cache:
    """The results of a book's chapters under what surrounds them now."""

    def __init__(self, folder: Path, around: Around) -> None:
        self.around, self.results = around, open_cache(folder)

    @property
    def path(self) -> Path:
        """Its folder."""
        return self.results.path

    def read(self, chapter: Chapter) -> NotebookNode:
        """Return a chapter's notebook as it stands, with its key.

        Raises:
            ValueError: If the file is no notebook.
        """
        return self.keyed(chapter.name, nbformat.read(chapter.path, as_version=4))

    def keyed(self, chapter: str, notebook: NotebookNode) -> NotebookNode:
        """Give a chapter's notebook its key, and return it."""
        if "kernelspec" not in notebook.metadata:
            notebook.metadata["kernelspec"] = {"name": NAME, "display_name": NAME}
        notebook.metadata["kernelspec"][KEY] = self.around.key(chapter, notebook)
        return notebook

    def match(self, notebook: NotebookNode) -> NbCacheRecord | None:
        """Return the record of the result of a notebook with its key, if there is one.

        It counts as used now.
        """
        try:
            record = self.results.match_cache_notebook(notebook)
        except KeyError:
            return None
        if not _is_whole(notebook_of(self.results, record)):
            return None
        NbCacheRecord.touch(record.pk, self.results.db)
        return record

    def remove_old(self, uri: str) -> None:
        """Remove all but the `KEPT` results used last of the notebook's file `uri`.

        The newest one stays in any case: the clock may have been ahead before.
        """
        records = NbCacheRecord.records_from_uri(uri, self.results.db)
        newest = max((record.pk for record in records), default=None)
        records.sort(key=lambda r: (r.pk == newest, r.accessed), reverse=True)
        for record in records[KEPT:]:
            self.remove(record)

    def remove(self, record: NbCacheRecord) -> None:
        """Remove a result."""
        _remove(self.results, record)

    def close(self) -> None:
        """Leave the database; it is entered again when it is asked for something."""
        self.results.db.dispose()


def notebook_of(cache: JupyterCacheBase, record: NbCacheRecord) -> Path:
    """Return the file of a result."""
    return cache.path / "executed" / record.hashkey / "base.ipynb"


def seconds_of(record: NbCacheRecord) -> float | None:
    """Return how long a record's execution took [s]; None if it does not say."""
    return (record.data or {}).get(SECONDS)


def open_cache(folder: Path) -> JupyterCacheBase:
    """Open the cache in `folder`, or make it, without results that are damaged.

    While another process executes chapters, it is opened as it stands.

    Raises:
        ValueError: If jupyter-cache, which reads the path as part of an address, would
            read another one.
    """
    if re.search(r"\?|%[0-9A-Fa-f]{2}", str(folder)):
        raise ValueError(
            "execute: expected a book in a folder without '?', and without '%' before "
            f"two digits, in its path, received {folder}"
        )
    while True:
        try:
            with lock_of(folder).acquire(blocking=False):
                return _mended(folder)
        except Timeout:
            if (folder / VERSION).is_file():
                return _entered(folder)
            time.sleep(_PAUSE_S)  # the other process is making it


def _mended(folder: Path) -> JupyterCacheBase:
    """Return the cache, or a new one, without results that are damaged.

    A database that can't be read takes all results with it.

    Raises:
        OSError: If the folder or a file in it can't be written, which reading needs, or
            the database can't be read now: another program writes, say.
    """
    check_writable(folder)
    cache = _entered(folder)
    try:
        records = cache.list_cache_records()
    except OSError:
        cache.db.dispose()
        raise
    except Exception:  # whatever is wrong with it: results can be made again
        cache.db.dispose()
        shutil.rmtree(folder)
        return _entered(folder)
    for record in records:
        if not _is_whole(notebook_of(cache, record)):
            _remove(cache, record)
    return cache


def _entered(folder: Path) -> JupyterCacheBase:
    """Return the cache as it stands, made if there is none.

    What surrounds its database is told as an `OSError`, now and later: jupyter-cache
    hides it behind the advice to clear the cache.
    """
    cache = JupyterCacheBase(folder)
    try:
        database = cache.db  # made, if there is none
    except OperationalError as error:
        raise _of_system(error.orig, folder) or error from error
    event.listen(database, "handle_error", _tell)
    return cache


def _tell(context: ExceptionContext) -> OSError | None:
    """Return what SQLAlchemy shall raise in the place of an error; None: that one."""
    folder = Path(context.engine.url.database).parent
    return _of_system(context.original_exception, folder)


def _of_system(error: BaseException, folder: Path) -> OSError | None:
    """Return the error of the system for one of SQLite's that is `PASSING`."""
    number = PASSING.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    return OSError(number, str(error), str(folder / DB_NAME)) if number else None


def _remove(cache: JupyterCacheBase, record: NbCacheRecord) -> None:
    shutil.rmtree(notebook_of(cache, record).parent, ignore_errors=True)
    NbCacheRecord.remove_records([record.pk], cache.db)


def _is_whole(path: Path) -> bool:
    """Say whether the notebook is there and was written to its end."""
    try:
        with path.open("rb") as file:
            file.seek(-len(_END), os.SEEK_END)
            return file.read() == _END
    except OSError:  # no file, or an empty one
        return False
