"""The folder of a sweep: each run is there as a whole, or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from sidebyside_book.sweeps.job import Result, stored

LOCK, NEW = ".lock", ".new"


class Store:
    """Finished runs in `runs/KEY.ipynb`, failed ones in `failed/KEY.ipynb`.

    Only the process that holds the folder writes into it; the workers send what they
    made. So a run that is made twice, since a worker died, is kept once.
    """

    def __init__(self, folder: Path, command: str = "sweep") -> None:
        self.folder, self.command = folder, command
        self.runs, self.failed = folder / "runs", folder / "failed"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Make the folder and keep other sweeps out of it.

        Raises:
            ValueError: If it can't be made, or another sweep is at work there.
        """
        try:
            for folder in (self.runs, self.failed):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ValueError(
                f"{self.command}: expected a folder that can be written, received "
                f"--out {self.folder}: {error.strerror}"
            ) from error
        try:
            lock = FileLock(self.folder / LOCK).acquire(blocking=False)
        except Timeout:
            raise ValueError(
                f"{self.command}: expected a folder without another command at "
                f"work, received {self.folder}"
            ) from None
        with lock:
            for left in self.folder.rglob(f"*{NEW}"):
                left.unlink()  # by a sweep that was killed while it wrote
            yield

    def load(self, key: str) -> Result | None:
        """Return a finished run; None if it is not there, or is damaged."""
        try:
            result = stored((self.runs / f"{key}.ipynb").read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        return result if result.key == key and not result.error else None

    def keep(self, result: Result) -> None:
        """Write the notebook of a run that ended."""
        name = f"{result.key}.ipynb"
        if not result.notebook:
            return
        if result.error:
            write(self.failed / name, result.notebook.encode())
            return
        write(self.runs / name, result.notebook.encode())
        (self.failed / name).unlink(missing_ok=True)


def write(path: Path, content: bytes) -> None:
    """Write a file so that it is there as a whole, or as it was before."""
    new = path.with_name(path.name + NEW)
    with open(new, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
