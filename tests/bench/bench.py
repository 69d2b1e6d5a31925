"""Times the book's two commands, as a reader who changes something meets them.

Three measurements, in a copy of the working tree, so that its own cache stays as it is:
a cold build, a second one with nothing changed, and one after an edit of the chapter
that takes longest. Exits with status 1 if one of them takes longer than its limit.

Run as `make bench`. The limits are meant for two cores that have nothing else to do.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
EXECUTE = [str(BIN / "sidebyside"), "execute"]
BUILD = [str(BIN / "jupyter-book"), "build", "-W", "--keep-going", "--quiet", "."]


@dataclass(frozen=True)
class Measured:
    """How long one way to build the book took, in seconds."""

    what: str
    execute_s: float
    build_s: float
    limit_s: float

    @property
    def total_s(self) -> float:
        """Both commands together [s]."""
        return self.execute_s + self.build_s

    @property
    def is_slow(self) -> bool:
        """Whether the limit is passed."""
        return self.total_s > self.limit_s


def main() -> int:
    """Measure, print the table, and return the exit status."""
    with tempfile.TemporaryDirectory(prefix="side-by-side-bench-") as folder:
        copy = copy_tree(Path(folder) / "book")
        rows = [measure("cold", copy, limit_s=300)]
        rows.append(measure("nothing changed", copy, limit_s=10))
        edited = edit_longest(copy)
        rows.append(measure(f"{edited} edited", copy, limit_s=60))
    show(rows)
    return int(any(row.is_slow for row in rows))


def copy_tree(target: Path) -> Path:
    """Copy what git knows or would add, not what was built."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():  # listed, but perhaps deleted
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def measure(what: str, book: Path, limit_s: float) -> Measured:
    """Execute and build the book, and stop everything if that fails."""
    return Measured(what, run(EXECUTE, book), run(BUILD, book), limit_s)


def run(command: list[str], book: Path) -> float:
    """Run a command in the book's folder and return its wall-clock time [s]."""
    print("$", Path(command[0]).name, *command[1:], flush=True)
    begin = time.perf_counter()
    done = subprocess.run(command, cwd=book, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        sys.exit(
            f"bench: expected the book to build, received status {done.returncode}"
        )
    return time.perf_counter() - begin


def edit_longest(book: Path) -> str:
    """Add a comment to the first code cell of the chapter that ran longest."""
    last = (book / "_build/.jupyter_cache/last-run.json").read_text(encoding="utf-8")
    seconds: dict[str, float] = json.loads(last)["seconds"]
    name = max(seconds, key=lambda chapter: seconds[chapter])
    path = book / f"chapters/{name}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cell = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    cell["source"] = "".join(cell["source"]) + "\n# edited"
    path.write_text(json.dumps(notebook, indent=1) + "\n", encoding="utf-8")
    return name


def show(rows: list[Measured]) -> None:
    """Print one line a measurement."""
    load = os.getloadavg()[1]
    print(f"\n{os.cpu_count()} cores, load {load:.1f} over the last five minutes")
    print("seconds of wall-clock time")
    print(f"{'':32}{'execute':>9}{'build':>9}{'total':>9}{'limit':>9}")
    for row in rows:
        times = (row.execute_s, row.build_s, row.total_s, row.limit_s)
        verdict = "  TOO SLOW" if row.is_slow else ""
        print(f"{row.what:32}" + "".join(f"{t:9.1f}" for t in times) + verdict)


if __name__ == "__main__":
    sys.exit(main())
