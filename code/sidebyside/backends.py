"""One Keras program in several processes, each of them with another backend.

Keras takes its backend when it is imported, so a process has one. The program finds
these names ready:

| name | is |
|---|---|
| `keras`, `layers`, `np` | imported; on any backend but its own, TensorFlow is hidden |
| the settings | as they were given |
| `data` | the arrays of `data.npz` |
| `backend`, `trains`, `file` | its name; whether it can train; where to save a model |
| `answer(results)` | hands arrays and numbers by name to whoever started the program |
| `Rounds()` | a callback of `fit`: each epoch is a round that waits to be asked for |
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sidebyside import _processes

BEGIN = """
import json, os, sys, time
if os.environ["KERAS_BACKEND"] != "tensorflow":
    sys.modules["tensorflow"] = None  # as if it were not installed
import keras, numpy as np
from keras import layers

folder, backend = sys.argv[1], keras.config.backend()
trains, file = backend not in ("numpy", "openvino"), f"{folder}/{backend}.keras"
globals().update(json.loads(sys.argv[2]))
data = np.load(f"{folder}/data.npz")

def answer(results):
    np.savez(f"{folder}/{backend}.npz", **results)
    print(json.dumps(bool(sys.modules.get("tensorflow"))), flush=True)

class Rounds(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        sys.stdin.readline()  # waits
        self.begin = time.perf_counter()
    def on_epoch_end(self, epoch, logs=None):
        loss = float(logs["loss"])  # by then the last step is done
        print(time.perf_counter() - self.begin, self.params["steps"], flush=True)

"""
"""What each program begins with."""


class Process:
    """A program on a backend.

    Attributes:
        backend: The backend's name.
        error: The last line that the program wrote before it failed; empty if it
            answered.
        has_tensorflow: Whether TensorFlow was imported when it answered.
        results: What it answered, by name; empty if it failed.
    """

    def __init__(
        self, backend: str, program: str, folder: Path, settings: Mapping[str, object]
    ) -> None:
        self.backend, self.error, self.has_tensorflow = backend, "", False
        self.results: dict[str, np.ndarray] = {}
        self._folder = folder
        command = [sys.executable, "-P", "-c", BEGIN + program, str(folder)]
        with self._errors.open("w") as errors:
            self._process = subprocess.Popen(
                [*command, json.dumps(dict(settings))],
                env=_processes.environment(1) | self._own,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self._questions: Any = self._process.stdin
        self._answers: Any = self._process.stdout

    @property
    def _own(self) -> dict[str, str]:
        """What only this process is told; its folder has no `keras.json`."""
        home = str(self._folder / self.backend)
        return {"KERAS_BACKEND": self.backend, "KERAS_HOME": home}

    @property
    def _errors(self) -> Path:
        return self._folder / f"{self.backend}.txt"

    def wait(self) -> None:
        """Wait until the program has answered or failed."""
        for line in self._answers:
            if line in ("true\n", "false\n"):
                self.has_tensorflow = json.loads(line)
                self.results = dict(np.load(self._folder / f"{self.backend}.npz"))
                return
        lines = self._errors.read_text().strip().splitlines()
        self.error = (lines or ["no message"])[-1]

    def turn(self) -> tuple[float, int]:
        """Let the program make a round.

        Returns:
            Its time [s], from the beginning to the end of an epoch, and its steps.
        """
        self._questions.write("a round, please\n")
        self._questions.flush()
        seconds, steps = self._answers.readline().split()
        return float(seconds), int(steps)

    def close(self) -> None:
        """Let the program end; rounds that it waits for are made at once."""
        self._process.communicate()


def run(
    backends: Sequence[str],
    program: str,
    data: Mapping[str, np.ndarray],
    folder: Path,
    settings: Mapping[str, object],
) -> dict[str, Process]:
    """Start a program on each backend, and wait for all answers.

    Two processes run at a time. Each is told only the few variables of the environment
    that a program needs, one thread, and to compute on the processor.

    Args:
        backends: Names of backends, of whatever age.
        program: Its text; what it finds ready, the module says.
        data: Arrays for `data`, any shape.
        folder: An empty folder.
        settings: Names of the program -> numbers or texts.

    Returns:
        Backend -> its process, in the order of `backends`. Those that answered may wait
        for rounds: `close` each of them.
    """
    np.savez(folder / "data.npz", **data)
    processes: dict[str, Process] = {}
    for first in range(0, len(backends), 2):
        names = backends[first : first + 2]
        started = {name: Process(name, program, folder, settings) for name in names}
        for process in started.values():
            process.wait()
        processes |= started
    return processes
