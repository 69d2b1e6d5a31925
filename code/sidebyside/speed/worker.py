"""The program of a process: one framework, requests in, answers out, as lines of JSON.

The first answer comes when the framework is imported and has computed something; what
else is needed is imported after that, so that the start of the process is measured
without it. What frameworks print goes to stderr.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, TextIO

Request = dict[str, Any]


def compute(lane: str) -> None:
    """Import the framework, and compute something with it."""
    if lane == "pytorch":
        import torch

        (torch.ones(2, 2) @ torch.ones(2, 2)).numpy()
    elif lane == "tensorflow":
        import tensorflow as tf

        (tf.ones([2, 2]) @ tf.ones([2, 2])).numpy()
    else:
        from keras import ops

        ops.convert_to_numpy(ops.ones((2, 2)) @ ops.ones((2, 2)))


class Desk:
    """What a process keeps between requests: its runners, by task and way."""

    def __init__(self, lane: str, folder: Path) -> None:
        self.lane, self.folder = lane, folder
        self.module = import_module(f"sidebyside.speed.in_{lane}")
        self.page = _load(folder / f"page_{lane}.py")
        self.turns: dict[str, Callable[[], Any]] = {}

    def build(self, request: Request) -> Request:
        """Build a runner and take its first step; then warm up all its calls."""
        from sidebyside.speed.tasks import read

        task = self._task(request)
        data, first = read(self.folder, request["task"])
        begin = time.perf_counter()
        runner = self.module.Runner(self.page, task, request["way"], data, first)
        built = time.perf_counter()
        answer = runner.first()
        ended = time.perf_counter()
        key = f"{request['task']}/{request['way']}"
        for stretch in request["stretches"]:
            call = getattr(runner, stretch)
            self.turns[f"{key}/{stretch}"] = call
            for _ in range(request.get("warmup", 2)):
                call()
        return {"build": built - begin, "first": ended - built, "said": _plain(answer)}

    def turn(self, request: Request) -> Request:
        """Take one turn of a call: seconds of the clock, and of the processor."""
        from sidebyside.timing import turn

        call, repeats = self.turns[request["key"]], request.get("repeats", 1)
        begin = time.process_time()
        seconds = turn(call, repeats)
        worked = (time.process_time() - begin) / repeats
        return {"seconds": seconds, "processor": worked}

    def peak(self, request: Request) -> Request:
        """Measure how far the process grows while a call runs."""
        from sidebyside import memory

        call = self.turns[request["key"]]
        return {"bytes": memory.peak({"": call}, calls=1)[""]}

    def used(self, request: Request) -> Request:
        """Say how many seconds of the processor were used since the process began."""
        return {"processor": time.process_time()}

    def stream(self, request: Request) -> Request:
        """Make a turn of training on a file of rows; warm up with a short one."""
        paths = (request["short"], request["path"])
        warm, call = (self.module.stream(self.page, path) for path in paths)
        warm()
        self.turns[request["key"]] = call
        return {}

    def roof(self, request: Request) -> Request:
        """Make a turn of nothing but matrix products, in two libraries."""
        from sidebyside.speed.tasks import products

        task = self._task(request)
        calls = self.module.roof(products(task.name, task.batch_size, task.sizes))
        for library, call in zip(("PyTorch", "NumPy"), calls, strict=True):
            call()
            self.turns[f"{request['task']}/{library}/roof"] = call
        return {}

    def rehearse(self, request: Request) -> Request:
        """Run a few steps in float64, and write what came out into a file."""
        import numpy as np

        from sidebyside import parity
        from sidebyside.speed.tasks import read

        task = replace(self._task(request), steps=request["steps"])
        data, first = read(self.folder, request["task"])
        n = task.examples
        data = {name: array[:n] for name, array in parity.doubled(data).items()}
        data |= {n: a[: task.batch_size] for n, a in data.items() if "test" in n}
        with parity.float64():
            runner = self.module.Runner(self.page, task, request["way"], data, first)
            results = {"training": runner.ready(), "evaluation": runner.evaluate()}
            results["answer"] = runner.answer()
            moved = {f"moved/{k}": v - first[k] for k, v in runner.weights().items()}
        np.savez(request["out"], **results, **moved)
        return {}

    def _task(self, request: Request) -> Any:
        from sidebyside.speed.tasks import Task

        return Task(
            **{**request["settings"], "sizes": tuple(request["settings"]["sizes"])}
        )


def _plain(value: Any) -> list[float]:
    return [float(part) for part in value]


def _load(path: Path) -> ModuleType:
    """Import the functions of the page, which stand in a file."""
    sys.path.insert(0, str(path.parent))
    return import_module(path.stem)


def serve(requests: TextIO, answers: TextIO, lane: str, folder: Path) -> None:
    """Answer one request after the other, until there are none."""
    compute(lane)
    worked = {"processor": time.process_time(), "number": 0}  # since it began
    print(json.dumps(worked), file=answers, flush=True)
    desk: Desk | None = None
    for line in requests:
        desk = desk or Desk(lane, folder)
        request = json.loads(line)
        answer = getattr(desk, request["do"])(request) | {"number": request["number"]}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    own = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    serve(sys.stdin, own, sys.argv[1], Path(sys.argv[2]))
