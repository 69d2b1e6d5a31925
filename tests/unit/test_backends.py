"""The Keras lane on JAX and on PyTorch: the tests of the lanes, once more.

Not those in float64: on these backends Keras computes products and means of float64
tensors in float32 (its `result_type` knows float64 on TensorFlow alone).
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
AGAIN = ["test_lanes.py", "test_lane_modules.py", "test_recurrent.py"]


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_the_lanes_with_keras_on(backend: str) -> None:
    files = [str(HERE / name) for name in AGAIN]
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-k", "not float64"]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *files],
        cwd=HERE.parents[1],
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (passed,) = re.findall(r"(\d+) passed", ran.stdout)
    assert int(passed) > 70
    assert "skipped" not in ran.stdout
