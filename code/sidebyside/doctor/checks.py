"""What the book needs of a machine, and what mends it where it is missing."""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

State = Literal["good", "look", "bad"]
OLDEST = {"torch": (2, 11), "tensorflow": (2, 20), "keras": (3, 13)}
"""The oldest versions of the frameworks with which the chapters are tested."""

NEEDED = ("numpy", "matplotlib", "ipykernel", "scikit-learn", "PyYAML", "pooch")
OPTIONAL = {"jax": "Keras on JAX", "papermill": "sidebyside run"}
PYTHONS = ((3, 11), (3, 13))
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
COMPILERS = ("c++", "g++", "clang++")
GIB = 2**30
MIN_MEMORY, MIN_DISK = 4 * GIB, 5 * GIB


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report.

    Attributes:
        what: What was looked at.
        found: What is there.
        state: `good`; `look`, if some chapters or tests will miss it; `bad`, if the
            book won't work.
        mend: The one command, or the one thing to do; empty if all is good.
    """

    what: str
    found: str
    state: State = "good"
    mend: str = ""


def examine() -> list[Finding]:
    """Look at everything that can be seen without running a framework."""
    return [
        python(),
        *packages(),
        backend(),
        threads(),
        memory(),
        disk(Path()),
        gpu(),
        program("C++ compiler", COMPILERS, "compiled chapters", "install g++"),
        program("browser", BROWSERS, "make test-browser", "install chromium"),
    ]


def python() -> Finding:
    """Check Python's version."""
    version, found = sys.version_info[:2], platform.python_version()
    if PYTHONS[0] <= version <= PYTHONS[1]:
        return Finding("Python", f"{found} at {sys.executable}")
    told = " to ".join(".".join(map(str, one)) for one in PYTHONS)
    return Finding("Python", found, "bad", f"install Python {told}, then: make book")


def packages() -> Iterator[Finding]:
    """Check the frameworks and what the chapters import beside them."""
    for name, oldest in OLDEST.items():
        version = installed(name)
        told = ".".join(map(str, oldest))
        if version is None:
            yield Finding(name, "missing", "bad", f"pip install {name}")
        elif release(version) < oldest:
            mend = f"pip install '{name}>={told}'"
            yield Finding(name, f"{version}, older than {told}", "bad", mend)
        else:
            yield Finding(name, version)
    for name in NEEDED:
        version = installed(name)
        missing = Finding(name, "missing", "bad", f"pip install {name}")
        yield Finding(name, version) if version else missing
    for name, use in OPTIONAL.items():
        version = installed(name)
        missing = Finding(name, f"missing ({use})", "look", f"pip install {name}")
        yield Finding(name, version) if version else missing


def backend() -> Finding:
    """Check the backend that Keras will take."""
    wanted = os.environ.get("KERAS_BACKEND", "")
    if wanted in ("", "tensorflow", "jax", "torch"):
        return Finding(
            "Keras backend", wanted or "not chosen: the book takes tensorflow"
        )
    return Finding("Keras backend", wanted, "bad", "unset KERAS_BACKEND")


def threads() -> Finding:
    """Tell how many cores there are, and how many of them may be used."""
    usable = getattr(os, "sched_getaffinity", None)
    cores = len(usable(0)) if usable else os.cpu_count() or 1
    limit = os.environ.get("OMP_NUM_THREADS", "not limited")
    return Finding("cores", f"{cores} usable; OMP_NUM_THREADS: {limit}")


def memory() -> Finding:
    """Check how much memory is free."""
    try:
        import psutil
    except ModuleNotFoundError:
        return Finding(
            "memory", "not seen: psutil is missing", "look", "pip install psutil"
        )
    free = psutil.virtual_memory().available
    found = f"{free / GIB:.1f} GiB free"
    if free >= MIN_MEMORY:
        return Finding("memory", found)
    return Finding(
        "memory", found, "look", "close other programs, or: make book JOBS=1"
    )


def disk(folder: Path) -> Finding:
    """Check how much of the disk is free."""
    free = shutil.disk_usage(folder).free
    found = f"{free / GIB:.1f} GiB free"
    if free >= MIN_DISK:
        return Finding("disk", found)
    return Finding("disk", found, "look", "make clean")


def gpu() -> Finding:
    """Tell whether there is a GPU; the book needs none."""
    tool = shutil.which("nvidia-smi")
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        return Finding("GPU", "Apple silicon (the book runs on the CPU)")
    if tool is None:
        return Finding("GPU", "none, and none is needed")
    asked = [tool, "--query-gpu=name", "--format=csv,noheader"]
    ran = subprocess.run(asked, capture_output=True, text=True, timeout=20, check=False)
    found = ", ".join(ran.stdout.split("\n")).strip(", ")
    return Finding("GPU", found or "nvidia-smi finds none")


def program(what: str, names: tuple[str, ...], use: str, mend: str) -> Finding:
    """Check that one of several programs is there."""
    found = next((path for path in map(shutil.which, names) if path), None)
    if found:
        return Finding(what, found)
    return Finding(what, f"none ({use} will do less)", "look", mend)


def installed(name: str) -> str | None:
    """Return the version of an installed distribution, or None.

    TensorFlow has several distributions; any of them will do.
    """
    names = ("tensorflow", "tensorflow-cpu", "tensorflow-macos")
    for one in names if name == "tensorflow" else (name,):
        try:
            return metadata.version(one)
        except metadata.PackageNotFoundError:
            continue
    return None


def release(version: str) -> tuple[int, int]:
    """Return the first two numbers of a version: `2.13.0+cpu` gives `(2, 13)`."""
    major, minor = version.split(".")[:2]
    return int(major), int("".join(filter(str.isdigit, minor)) or 0)
