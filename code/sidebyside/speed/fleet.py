"""Starts one process for each framework, asks them in turn, and ends them."""

import ast
import json
import linecache
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sidebyside import _processes
from sidebyside.speed.tasks import ROWS, Task, write, write_rows


@dataclass(frozen=True)
class Way:
    """A way to run a model.

    Attributes:
        worker: The process, one of `LANES`.
        way: The way, as the lane's `Runner` knows it.
        quick: Whether it is measured whenever the book is built, too.
    """

    worker: str
    way: str
    quick: bool = True


WAYS = {
    "PyTorch, eager": Way("pytorch", "eager"),
    "PyTorch, compiled": Way("pytorch", "compiled", quick=False),
    "TensorFlow, graph": Way("tensorflow", "graph"),
    "TensorFlow, graph, loop inside": Way("tensorflow", "graph, loop inside"),
    "TensorFlow, XLA": Way("tensorflow", "XLA"),
    "TensorFlow, XLA, loop inside": Way("tensorflow", "XLA, loop inside"),
    "Keras on TensorFlow": Way("keras-tensorflow", "fit"),
    "Keras on TensorFlow, 10 steps": Way("keras-tensorflow", "10 steps"),
    "Keras on TensorFlow, 10 steps, XLA": Way("keras-tensorflow", "10 steps, XLA"),
    "Keras on JAX": Way("keras-jax", "fit"),
    "Keras on JAX, 10 steps": Way("keras-jax", "10 steps"),
    "Keras on PyTorch": Way("keras-torch", "fit"),
}
"""All ways, by the names that tables have. What follows the first comma or *on* is no
part of the lane's name."""
LANES = {
    "pytorch": ("pytorch", None),
    "tensorflow": ("tensorflow", None),
    "keras-tensorflow": ("keras", "tensorflow"),
    "keras-jax": ("keras", "jax"),
    "keras-torch": ("keras", "torch"),
}
"""Process -> its lane, and the backend of Keras in it."""

HEADS = {
    "pytorch": """import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset
""",
    "tensorflow": "import tensorflow as tf\n\nfrom sidebyside import tfcore\n",
    "keras": "import keras\nfrom keras import layers\n",
}
"""What the cells of a lane find imported."""

PATIENCE = 600.0
"""Seconds after which a process that gives no answer is ended."""
PROGRAM = [sys.executable, "-m", "sidebyside.speed.worker"]
"""What a process runs."""


def environment(threads: int, backend: str | None, folder: Path) -> dict[str, str]:
    """Return the variables of a process: so many threads, no GPU, and nothing else.

    Args:
        threads: How many each library may use.
        backend: Of Keras.
        folder: Where what is compiled is kept: it is empty at first.
    """
    made = _processes.environment(threads)
    made |= {"KERAS_HOME": str(folder / "keras"), "PYTHONSAFEPATH": "1"}
    made["TORCHINDUCTOR_CACHE_DIR"] = str(folder / "inductor")
    return made | ({"KERAS_BACKEND": backend} if backend else {})


def page(functions: Sequence[Callable[..., Any]]) -> str:
    """Return what the cells define in which these functions or classes stand.

    All functions and classes of a cell are taken, letter by letter, and nothing else:
    so what a process runs is what the page shows.
    """
    files = dict.fromkeys(_file(function) for function in functions)
    cells = ("".join(linecache.getlines(file)) for file in files)
    return "\n\n\n".join(part for cell in cells for part in _definitions(cell))


def _definitions(cell: str) -> Iterator[str]:
    for part in ast.parse(cell).body:
        if isinstance(part, ast.FunctionDef | ast.ClassDef):
            yield ast.get_source_segment(cell, part) or ""


def _file(function: Callable[..., Any]) -> str:
    code = function.__init__ if isinstance(function, type) else function
    return code.__code__.co_filename  # type: ignore[attr-defined]


class Worker:
    """A process that imports one framework and waits for requests.

    Attributes:
        name: One of `LANES`.
        start: Seconds from its start until the framework had computed something, by
            the clock and of the processor; nothing before `ready`.
    """

    def __init__(self, name: str, folder: Path, threads: int) -> None:
        self.name, (lane, backend) = name, LANES[name]
        self._errors = folder / f"{name}.txt"
        self.start, self._begin = (0.0, 0.0), time.perf_counter()
        self._number = 0
        with self._errors.open("w", encoding="utf-8") as errors:
            self._process = subprocess.Popen(
                [*PROGRAM, lane, str(folder)],
                env=environment(threads, backend, folder),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def ready(self) -> None:
        """Wait until the framework has computed something."""
        worked = self._answer()["processor"]
        self.start = time.perf_counter() - self._begin, worked

    def ask(self, do: str, **request: Any) -> dict[str, Any]:
        """Send a request, and return the answer.

        Raises:
            RuntimeError: If the process has ended, or gives no answer for `PATIENCE`
                seconds; the message has its exit status and its last line.
        """
        self._number += 1
        text = json.dumps({"do": do, "number": self._number, **request})
        with suppress(OSError, ValueError):  # the answer will say why
            print(text, file=self._in, flush=True)
        return self._answer()

    def used(self) -> tuple[float, float]:
        """Return the seconds since its start, by the clock and of the processor."""
        worked = self.ask("used")["processor"]
        return time.perf_counter() - self._begin, worked

    def close(self) -> None:
        """End the process, whatever has become of it."""
        with suppress(OSError):  # it may be dead, and a request unread
            self._in.close()
        self._process.stdout.close()  # type: ignore[union-attr]
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def _in(self) -> Any:
        return self._process.stdin

    def _answer(self) -> dict[str, Any]:
        timer = threading.Timer(PATIENCE, self._process.kill)
        timer.daemon = True
        timer.start()
        try:
            while line := self._line():
                answer = json.loads(line)
                if answer.pop("number") == self._number:
                    return answer  # else that of a request that was interrupted
        finally:
            timer.cancel()
        self.close()
        said = self._errors.read_text(encoding="utf-8", errors="replace").strip()
        last = said.splitlines()[-1] if said else "it said nothing"
        why = f"it ended with status {self._process.returncode}; {last}"
        raise RuntimeError(f"speed: expected an answer of {self.name}; {why}")

    def _line(self) -> str:
        out = self._process.stdout
        return "" if out is None or out.closed else out.readline()


class Fleet:
    """All processes of a race. Use it in a `with` block, which ends them.

    Args:
        cells: Lane -> its functions on the page.
        tasks: Key -> task.
        names: Which processes; all of `LANES` if None.
        threads: Of each process.
        seed: Seeds data and first weights.
        together: Start them at once: sooner done, but each in the way of the others.
    """

    def __init__(
        self,
        cells: Mapping[str, Sequence[Callable[..., Any]]],
        tasks: Mapping[str, Task],
        *,
        names: Sequence[str] | None = None,
        threads: int = 1,
        seed: int = 0,
        together: bool = False,
    ) -> None:
        self._kept = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.folder, self._seed = Path(self._kept.name), seed
        self.tasks: dict[str, Task] = {}
        for lane, functions in cells.items():
            text = f"{HEADS[lane]}\n\n{page(functions)}\n"
            (self.folder / f"page_{lane}.py").write_text(text, encoding="utf-8")
        self.add(tasks)
        self.workers: dict[str, Worker] = {}
        try:
            for name in names or LANES:
                self.workers[name] = Worker(name, self.folder, threads)
                if not together:
                    self.workers[name].ready()
            for worker in self.workers.values() if together else ():
                worker.ready()
        except BaseException:
            self.close()
            raise

    def add(self, tasks: Mapping[str, Task]) -> None:
        """Write the data of more tasks."""
        write(self.folder, tasks, self._seed)
        self.tasks.update(tasks)

    def stream(self, name: str, path: Path) -> int:
        """Let a process train on a file of rows, and return how far it grows [bytes].

        It has been through a short file before.
        """
        key, short = f"{path}/stream", self.folder / "short.bin"
        write_rows(short, 10 * ROWS)
        files = {"path": str(path), "short": str(short)}
        self.workers[name].ask("stream", key=key, **files)
        return int(self.workers[name].ask("peak", key=key)["bytes"])

    def ask(self, name: str, do: str, task: str, **request: Any) -> dict[str, Any]:
        """Ask a process for something about a task."""
        settings = asdict(self.tasks[task])
        return self.workers[name].ask(do, task=task, settings=settings, **request)

    def build(
        self, way: "Way", task: str, *stretches: str, warmup: int = 2
    ) -> dict[str, Any]:
        """Build a task's model in a way, take its first step, and warm up its calls.

        Returns:
            `"build"` and `"first"`, both in seconds of the clock.
        """
        more = {"stretches": stretches, "warmup": warmup}
        return self.ask(way.worker, "build", task, way=way.way, **more)

    def rehearse(self, way: "Way", task: str, steps: int) -> dict[str, Any]:
        """Run a few steps in float64.

        Returns:
            What training and evaluation said, the answer to one request, and `"moved"`:
            what training has added to each weight, by name.
        """
        out = self.folder / "rehearsed.npz"
        more = {"steps": steps, "out": str(out)}
        self.ask(way.worker, "rehearse", task, way=way.way, **more)
        with np.load(out) as file:
            every = {name: file[name] for name in file.files}
        moved = {n[6:]: every.pop(n) for n in list(every) if n.startswith("moved/")}
        return {**every, "moved": moved}

    def close(self) -> None:
        """End all processes, and forget their files."""
        for worker in self.workers.values():
            worker.close()
        self._kept.cleanup()

    def __enter__(self) -> "Fleet":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
