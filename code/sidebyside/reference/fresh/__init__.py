"""What it costs to begin: each lane in a process of its own, from nothing.

The programs `from_pytorch.py`, `from_tensorflow.py` and `from_keras.py` beside this
file do the same work: import the framework, build a small network, take a training
step, then many more. Each prints what it measured as JSON.
"""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

PROGRAMS = ("pytorch", "tensorflow", "keras")
FIGURES = ("import_s", "first_step_s", "peak_bytes")
_TIMEOUT_S = 300


def measure(rounds: int = 3) -> dict[str, dict[str, list[float]]]:
    """Run the three programs in turns, one at a time, and return what they measured.

    Before that, all three run once, at the same time, and are not measured: that warms
    the disk's cache.

    Args:
        rounds: How often each is measured.

    Returns:
        Figure -> lane -> one value a round. The figures: `import_s`, from the start of
        the import to its end [s]; `first_step_s`, from there to the end of the first
        training step, building and compiling included [s]; `peak_bytes`, the most
        memory that the process held [B].

    Raises:
        ValueError: If `rounds` is below 1.
        RuntimeError: If a program fails; the message is the end of what it said.
    """
    if rounds < 1:
        raise ValueError(f"measure: expected rounds >= 1, received {rounds}")
    with ThreadPoolExecutor(len(PROGRAMS)) as pool:
        list(pool.map(run, PROGRAMS))
    samples: dict[str, dict[str, list[float]]] = {
        figure: {lane: [] for lane in PROGRAMS} for figure in FIGURES
    }
    for _ in range(rounds):
        for lane in PROGRAMS:
            said = run(lane)
            for figure in FIGURES:
                samples[figure][lane].append(said[figure])
    return samples


def run(lane: str) -> dict[str, float]:
    """Run one program, and return what it printed.

    Raises:
        RuntimeError: If it fails; the message is the end of what it said.
    """
    ran = subprocess.run(
        [sys.executable, "-m", f"sidebyside.reference.fresh.from_{lane}"],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    if ran.returncode:
        raise RuntimeError(f"fresh: {lane} failed: {ran.stderr.strip()[-500:]}")
    return dict(json.loads(ran.stdout.splitlines()[-1]))
