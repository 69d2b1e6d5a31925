"""What the book needs of a machine: system, cores, memory, disk, GPU, programs."""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sidebyside_book.doctor.finding import (
    Finding,
    pip_install,
    shown,
    system_install,
)

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
COMPILERS = ("c++", "g++", "clang++")
GIB = 2**30
MIN_MEMORY, MIN_DISK = 4 * GIB, 5 * GIB


def examine() -> Iterator[Finding]:
    """Look at the machine, and at the programs on it."""
    yield system()
    yield threads()
    yield memory()
    yield disk(Path())
    yield from writable(Path(), Path(tempfile.gettempdir()))
    yield gpu()
    yield program("C++ compiler", COMPILERS, "compiled chapters", system_install("g++"))
    yield browser()
    yield program("npm", ("npm",), "make test-browser", system_install("npm"))


def system() -> Finding:
    """Tell the operating system; the book is made on Linux and macOS."""
    seen = f"{platform.system()} {platform.release()}, {platform.machine()}"
    if platform.system() == "Windows":
        return Finding("system", seen, "look", "wsl --install")
    return Finding("system", seen)


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
        mend = pip_install("psutil")
        return Finding("memory", "not seen: psutil is missing", "look", mend)
    free = psutil.virtual_memory().available
    seen = f"{free / GIB:.1f} GiB free"
    if free >= MIN_MEMORY:
        return Finding("memory", seen)
    return Finding("memory", seen, "look", "make book JOBS=1")


def disk(folder: Path) -> Finding:
    """Check how much of the disk is free."""
    free = shutil.disk_usage(folder).free
    seen = f"{free / GIB:.1f} GiB free"
    if free >= MIN_DISK:
        return Finding("disk", seen)
    return Finding("disk", seen, "look", "make clean")


def writable(*folders: Path) -> Iterator[Finding]:
    """Check that files can be written, by writing one."""
    refused = []
    for folder in folders:
        try:
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            refused.append(f"{shown(folder.resolve())}: {error.strerror}")
    if refused:
        mend = "cd to a folder of your own"
        yield Finding("writing", "; ".join(refused), "bad", mend)
    else:
        yield Finding("writing", ", ".join(shown(f.resolve()) for f in folders))


def gpu() -> Finding:
    """Tell whether there is a GPU; the book needs none."""
    tool = shutil.which("nvidia-smi")
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        return Finding("GPU", "Apple silicon (the book runs on the CPU)")
    if tool is None:
        return Finding("GPU", "none, and none is needed")
    asked = "--query-gpu=name,driver_version,memory.total"
    try:
        ran = subprocess.run(
            [tool, asked, "--format=csv,noheader"],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding("GPU", f"nvidia-smi does not answer: {error}")
    if ran.returncode:
        return Finding("GPU", "nvidia-smi finds none, and none is needed")
    return Finding("GPU", "; ".join(ran.stdout.strip().splitlines()))


def browser() -> Finding:
    """Look for a Chromium: one on the path, or Playwright's own."""
    mend = f"{shown(sys.executable)} -m playwright install chromium"
    seen = program("browser", BROWSERS, "make test-browser", mend)
    own = None if seen.state == "good" else playwrights_own()
    return Finding("browser", shown(own)) if own else seen


def playwrights_own() -> Path | None:
    """Return the Chromium that Playwright has downloaded, or None."""
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        return None
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() else None


def program(what: str, names: tuple[str, ...], use: str, mend: str) -> Finding:
    """Check that one of several programs is there."""
    place = next((path for path in map(shutil.which, names) if path), None)
    if place:
        return Finding(what, place)
    return Finding(what, f"none ({use} will do less)", "look", mend)
