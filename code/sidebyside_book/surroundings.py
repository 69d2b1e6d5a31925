"""What a command finds around it: a home, an encoding, a place to write; or doesn't."""

import argparse
import errno
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)
"""What the system says where it lets nobody write."""
FULL = (errno.ENOSPC, errno.EDQUOT)
"""What it says where there is no room left."""

THREADS = "SIDEBYSIDE_THREADS"
"""The variable that says how many threads a kernel takes."""


def threads(environ: Mapping[str, str]) -> str | None:
    """Return how many threads a kernel takes, None if the variable is missing or empty.

    Raises:
        ValueError: If it is no whole number of 1 or more.
    """
    text = environ.get(THREADS) or None
    if text and not re.fullmatch("[1-9][0-9]*", text):
        raise ValueError(
            f"{THREADS}: expected a whole number of 1 or more, received {text!r}"
        )
    return text


def print_any_character() -> None:
    """Print a number in the place of a character that the locale doesn't have.

    Without this, a command would end in the midst of its output under `LC_ALL=C`.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")


@contextmanager
def home() -> Iterator[None]:
    """Give this process and its kernels a home where the user has none.

    IPython, Jupyter and Matplotlib look for one. It is empty, and taken away again.
    """
    if _has_home():
        yield
        return
    before = os.environ.get("HOME")
    prefix = "sidebyside-home-"
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as made:
        os.environ["HOME"] = made
        try:
            yield
        finally:
            del os.environ["HOME"]
            if before is not None:
                os.environ["HOME"] = before


def _has_home() -> bool:
    try:
        return Path.home().is_dir()
    except RuntimeError:  # no HOME, and no user of this number
        return False


def forget_unwritten() -> None:
    """Drop what standard output did not take, or it fails again when Python ends."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def check_writable(folder: Path) -> None:
    """Check that a folder, and each file in it, can be written; make the folder.

    Raises:
        OSError: If not; it names what can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for place in (folder, *folder.iterdir()):
        if not os.access(place, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(place))


def sentence(error: Exception, arguments: argparse.Namespace) -> str:
    """Return what an error says of the command that it ended, and what to do.

    An error of the system is but a number and a name.
    """
    if not isinstance(error, OSError) or error.errno is None:
        return str(error)
    place = "its output" if error.filename is None else error.filename
    command = getattr(arguments, "command", "sidebyside")
    wanted = f"{command}: expected to read or write {place}"
    return f"{wanted}, received: {error.strerror}. {_remedy(error, arguments)}".strip()


def _remedy(error: OSError, arguments: argparse.Namespace) -> str:
    if error.errno in FULL:
        return "Make room there, or name another place."
    if error.errno not in REFUSED:
        return ""
    if getattr(arguments, "out", None):
        return "Name a place of your own with --out."
    return "Copy the book to a folder of your own, and name that with --book."
