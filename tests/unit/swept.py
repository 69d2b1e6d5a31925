"""A small book to sweep: quick cells, no frameworks, and ends of every kind."""

import time
from pathlib import Path
from uuid import uuid4

import nbformat
import psutil
from nbformat import v4

MARK = "SIDEBYSIDE_TEST_MARK"  # such a name reaches the kernels, too
PARAMETERS = 'SEED = 0\nRATE = 0.5\nLOG = ""'
BEGIN = """
import os, signal, time
from pathlib import Path
with open(Path(LOG, "begun"), "a") as log:
    log.write(f"{SEED} {os.getppid()}\\n")
"""
# Seed 2 kills the process that runs it, seed 99 stops the whole sweep: each once.
STOP = """
once = Path(LOG, f"stopped-{SEED}")
if SEED in (2, 99) and not once.exists():
    once.write_text(Path(f"/proc/{os.getppid()}/cmdline").read_text())
    if SEED == 2:
        os.kill(os.getppid(), signal.SIGKILL)
    else:
        os.kill(int(Path(LOG, "driver").read_text()), signal.SIGINT)
    time.sleep(60)
assert SEED >= 0, "too small"
"""
MEASURE = """
rows = [
    {"lane": lane, "value": SEED + place, "q1": 0.5, "q3": 9.5, "samples": 3}
    for place, lane in enumerate(("pytorch", "tensorflow", "keras"))
]
record = {
    "schema": 1, "kind": "measurement", "metric": "loss", "unit": "1", "rows": rows,
    "conditions": [["rate", str(RATE)]], "versions": {"torch": "2.0"}, "threads": 1,
}
from IPython.display import display
display({"application/vnd.sidebyside.record+json": record}, raw=True)
print(os.environ["KERAS_BACKEND"], os.environ["OMP_NUM_THREADS"], os.listdir())
"""


def book(folder: Path) -> Path:
    """Make a book of one chapter, and a folder `log` for what its runs note."""
    (folder / "_config.yml").write_text("title: T\n")
    (folder / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters:\n- file: chapters/01_one\n"
    )
    for name in ("chapters", "log"):
        (folder / name).mkdir()
    cells = [
        v4.new_code_cell(PARAMETERS, id="p", metadata={"tags": ["parameters"]}),
        v4.new_markdown_cell("Prose.", id="prose"),
        *(
            v4.new_code_cell(source, id=name)
            for name, source in (("begin", BEGIN), ("stop", STOP), ("measure", MEASURE))
        ),
    ]
    kernel = {"name": "python3", "display_name": "Python 3"}
    notebook = v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, folder / "chapters/01_one.ipynb")
    return folder


def begun(folder: Path) -> list[tuple[int, int]]:
    """Return seed and parent process of every run that was begun, in their order."""
    lines = (folder / "log/begun").read_text().splitlines()
    return [(int(seed), int(parent)) for seed, parent in map(str.split, lines)]


def new_mark() -> str:
    """Return what the environment of a test's processes is to hold."""
    return uuid4().hex


def marked(mark: str, patience_s: float = 15.0) -> list[str]:
    """Return the command lines of the processes that are left, after some patience."""
    end = time.monotonic() + patience_s
    while (left := _marked(mark)) and time.monotonic() < end:
        time.sleep(0.1)
    return left


def _marked(mark: str) -> list[str]:
    found = []
    for process in psutil.process_iter():
        try:
            command = " ".join(process.cmdline())
            if process.environ().get(MARK) != mark:
                continue
            if "resource_tracker" not in command:  # it ends with this process
                found.append(command)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found
