"""Lets one process alone execute the chapters of a book, and write into their cache.

The system keeps the lock: it is free again when its process ends, however that ends.
On a file system without such locks, filelock takes the file itself for one. An empty
one may come from elsewhere, with a copy of the book, and would be waited for in vain.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, SoftFileLock, Timeout


@contextmanager
def alone(cache: Path, who: str) -> Iterator[None]:
    """Be the only process that executes chapters for a cache.

    If another one does, wait until it has ended, and say so on stderr.

    Args:
        cache: The folder of the cache.
        who: Who waits, for the message.
    """
    lock = lock_of(cache)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        end = ". If there is none, remove that file" * isinstance(lock, SoftFileLock)
        print(
            f"{who}: waiting for another `sidebyside execute` or build that executes "
            f"chapters of this book; it holds {lock.lock_file}{end}",
            file=sys.stderr,
            flush=True,
        )
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def lock_of(cache: Path) -> FileLock:
    """Return the lock of a cache, which a process that holds it may take once more.

    It lies beside the cache, which may be removed and made again.
    """
    cache.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(cache.with_name(f"{cache.name}.lock"), is_singleton=True)
