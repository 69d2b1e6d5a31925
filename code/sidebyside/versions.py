"""Which packages a notebook needs, and what to do where one is missing or too old.

And that Python keeps `assert`, by which every notebook checks itself. Only metadata is
read: no framework is imported, and nothing is installed.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import sidebyside

OLDEST = {"torch": (2, 11), "tensorflow": (2, 20), "keras": (3, 13)}
"""The oldest frameworks with which the chapters are tested: those of Colab."""

NEWEST = {"torch": (2, 13), "tensorflow": (2, 21), "keras": (3, 15)}
"""The newest ones: those with which the book is made (requirements.txt)."""

_SAME = {"tensorflow": ("tensorflow-cpu", "tensorflow-macos", "tf-nightly")}
"""Distribution -> others that bring the same package."""

PACKAGE = "sidebyside"

NO_ASSERTS = (
    "expected Python to keep assert, by which the book checks itself, received the "
    "option -O: unset PYTHONOPTIMIZE, and start Python again"
)
"""Why nothing runs in a Python that was started with `-O`."""


class VersionsError(RuntimeError):
    """Something that a notebook needs is missing, too old or switched off.

    In a notebook the message stands alone: a traceback would say nothing more.
    """

    def _render_traceback_(self) -> list[str]:
        return str(self).splitlines()


def check(*, book: str) -> None:
    """Check what every notebook of the book needs; the setup cell calls this.

    Args:
        book: The version of this package for which the notebook was written.

    Raises:
        VersionsError: If this package or a framework is too old, or something is
            missing, or Python drops `assert`, or this package is but a folder that
            Python came across. The message says what was expected, what came, and
            what to do.
    """
    if sys.flags.optimize:
        raise VersionsError(f"This notebook: {NO_ASSERTS}.")
    if installed(PACKAGE) is None:
        raise VersionsError(_copied(Path(sidebyside.__file__).parent))
    if _numbers(sidebyside.__version__) < _numbers(book):
        raise VersionsError(_stale(book))
    _mend([*_frameworks(), *_missing(own_needs())])


def require(*names: str) -> None:
    """Check what one chapter needs beside that, by the names that pip knows.

    Raises:
        VersionsError: If one is not installed. The message says what to do.
    """
    _mend(list(_missing(names)))


def own_needs() -> list[str]:
    """Return the distributions that this package itself requires, frameworks apart.

    On Colab it is installed without them, so that pip replaces nothing. What only an
    extra asks for is not needed.
    """
    lines = metadata.requires(PACKAGE) or []
    return [_name(line) for line in lines if "extra ==" not in line]


def distribution(name: str) -> metadata.Distribution | None:
    """Return an installed distribution, or None.

    TensorFlow has several distributions; any of them will do. An interrupted
    installation leaves folders without metadata, which are passed over.
    """
    for alias in (name, *_SAME.get(name, ())):
        for box in metadata.distributions(name=alias):
            with suppress(FileNotFoundError):  # so says the package importlib_metadata
                if box.metadata.get("Version"):
                    return box
    return None


def installed(name: str) -> str | None:
    """Return the version of an installed distribution, or None; see `distribution`."""
    box = distribution(name)
    return box.metadata["Version"] if box else None


def release(version: str) -> tuple[int, int]:
    """Return the first two numbers of a version.

    Example:
        >>> release("2.13.0+cpu"), release("3.0rc1"), release("4")
        ((2, 13), (3, 0), (4, 0))
    """
    major, minor = (*_numbers(version), 0, 0)[:2]
    return major, minor


def dotted(numbers: Sequence[int]) -> str:
    """Return numbers as a version."""
    return ".".join(map(str, numbers))


def _frameworks() -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a framework, and what pip should be asked for."""
    for name, oldest in OLDEST.items():
        version, wanted = installed(name), dotted(oldest)
        if version is None:
            yield f"{name}: expected {wanted} or newer, found none", f"{name}>={wanted}"
        elif release(version) < oldest:
            problem = f"{name}: expected {wanted} or newer, found {version}"
            yield problem, f"{name}>={wanted}"


def _missing(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        if installed(name) is None:
            yield f"{name}: expected it to be installed, found none", name


def _mend(problems: list[tuple[str, str]]) -> None:
    if problems:
        reasons, wanted = zip(*problems, strict=True)
        raise VersionsError(
            _message("This notebook needs other packages.", reasons, wanted)
        )


def _message(title: str, reasons: Sequence[str], wanted: Sequence[str]) -> str:
    """Return what is wrong, and the one command that mends it all."""
    what = " ".join(
        f'"{argument}"' if re.search("[<>=@]", argument) else argument
        for argument in wanted
    )
    lines = [title, *(f"  {line}" for line in reasons), ""]
    lines += ["To mend it, run this in a cell of its own, then restart the kernel (on"]
    lines += ["Colab: Runtime, Restart session), and begin at the top again:", ""]
    if find_spec("pip") is None:  # as uv makes environments
        lines += ["  import ensurepip; ensurepip.bootstrap()"]
    return "\n".join([*lines, f"  %pip install -q {what}"])


def _copied(folder: Path) -> str:
    """Return what to do about a copy of this package without its metadata."""
    return (
        f"{PACKAGE}: expected it to be installed, found only the folder {folder}.\n"
        "Give that folder another name, restart the kernel, and begin at the top again."
    )


def _stale(book: str) -> str:
    reason = f"{PACKAGE}: expected {book} or newer, found {sidebyside.__version__}"
    urls = metadata.metadata(PACKAGE).get_all("Project-URL") or []
    (address,) = (url.split(", ")[1] for url in urls if url.startswith("Repository"))
    title = "This notebook is newer than the book's helpers that are installed."
    wanted = ["--no-deps", "--force-reinstall", f"git+{address}"]
    return _message(title, [reason], wanted)


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement)[0]


def _numbers(version: str) -> tuple[int, ...]:
    """Return the numbers at the start of a version, as far as dots go."""
    start = re.match(r"\d+(\.\d+)*", version)
    return tuple(map(int, start[0].split("."))) if start else ()
