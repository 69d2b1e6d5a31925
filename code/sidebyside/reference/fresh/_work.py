"""The work of the three programs, and how it is reported."""

import json
import resource
import sys
import time

import numpy as np

BATCH, NUM_INPUTS, NUM_HIDDENS, NUM_CLASSES, NUM_STEPS = 64, 64, 128, 10, 100
LR = 0.1


def batch() -> tuple[np.ndarray, np.ndarray]:
    """Return inputs (B, C) float32 and labels (B,) int32."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(BATCH, NUM_INPUTS)).astype(np.float32)
    return X, rng.integers(NUM_CLASSES, size=BATCH).astype(np.int32)


def tell(started: float, imported: float, stepped: float) -> None:
    """Print the figures: three moments of `time.perf_counter`, and the peak memory."""
    unit = 1 if sys.platform == "darwin" else 1024  # getrusage(2): bytes there, else kB
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    figures = {
        "import_s": imported - started,
        "first_step_s": stepped - imported,
        "peak_bytes": peak,
        "total_s": time.perf_counter() - started,
    }
    print(json.dumps(figures))
