"""Models that were exported run where none of the three frameworks is installed."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
RUNTIMES = ("numpy", "onnxruntime", "ai-edge-litert")
FRAMEWORKS = ("torch", "tensorflow", "keras", "jax", "flax")

# Runs with the book's Python: a small network, as ONNX, as LiteRT, and its answers.
EXPORT = """
import sys, numpy as np, tensorflow as tf, tf2onnx
folder = sys.argv[1]
rng = np.random.default_rng(0)
kernel, out = (
    tf.Variable(rng.normal(size=size).astype(np.float32))
    for size in ((3, 3, 1, 4), (64, 3))
)
spec = tf.TensorSpec([None, 4, 4, 1], tf.float32, name="image")
net = tf.Module()
net.variables_ = [kernel, out]

@tf.function(input_signature=[spec])
def forward(image):
    maps = tf.nn.relu(tf.nn.conv2d(image, kernel, 1, "SAME"))
    return {"logits": tf.reshape(maps, [-1, 64]) @ out}

X = rng.normal(size=(7, 4, 4, 1)).astype(np.float32)
np.savez(f"{folder}/arrays.npz", X=X, expected=forward(X)["logits"].numpy())
tf2onnx.convert.from_function(forward, [spec], output_path=f"{folder}/net.onnx")
convert = tf.lite.TFLiteConverter.from_concrete_functions
lite = convert([forward.get_concrete_function()], net).convert()
open(f"{folder}/net.tflite", "wb").write(lite)
"""

# Runs in the new environment.
RUN = f"""
import importlib, sys, numpy as np, onnxruntime
from ai_edge_litert.interpreter import Interpreter
folder, arrays = sys.argv[1], np.load(f"{{sys.argv[1]}}/arrays.npz")
session = onnxruntime.InferenceSession(f"{{folder}}/net.onnx")
lite = Interpreter(f"{{folder}}/net.tflite").get_signature_runner()
for n in (1, 7):  # the same files, two sizes of the batch
    X, expected = arrays["X"][:n], arrays["expected"][:n]
    tolerance = 1e-5 * np.abs(expected).max()  # float32, sums of up to 64 terms
    for got in (session.run(None, {{"image": X}})[0], lite(image=X)["logits"]):
        np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance)
for name in {FRAMEWORKS!r}:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        continue
    raise SystemExit(f"expected no {{name}}, and it was imported")
print("equal, without a framework")
"""


def _run(*command: str | Path) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
    )
    assert done.returncode == 0, f"{command[:4]}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _pinned(name: str) -> str:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    [version] = re.findall(rf"(?m)^{re.escape(name)}==(\S+)$", text)
    return f"{name}=={version}"


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a new environment that has the runtimes and nothing else."""
    folder = tmp_path_factory.mktemp("clean")
    _run(sys.executable, "-m", "venv", folder)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    quietly = ["--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
    wanted = [*map(_pinned, RUNTIMES), "-c", ROOT / "constraints.txt"]
    _run(python, "-m", "pip", "install", *quietly, *wanted)
    return python


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a network as ONNX and as LiteRT, its inputs and its answers."""
    folder = tmp_path_factory.mktemp("exported")
    _run(sys.executable, "-c", EXPORT, folder)
    return folder


@pytest.mark.slow
def test_exported_files_run_without_a_framework(clean, exported):
    assert "equal, without a framework" in _run(clean, "-I", "-c", RUN, exported)


@pytest.mark.slow
def test_other_answers_are_noticed(clean, exported, tmp_path):
    folder = shutil.copytree(exported, tmp_path / "other")
    with np.load(folder / "arrays.npz") as arrays:
        X, expected = arrays["X"], arrays["expected"]
    expected[0, 0] += 1e-3 * np.abs(expected).max()
    np.savez(folder / "arrays.npz", X=X, expected=expected)
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        _run(clean, "-I", "-c", RUN, folder)


@pytest.mark.slow
def test_a_framework_that_is_there_is_noticed(clean, exported, tmp_path):
    """What `-I` keeps out, `sys.path` can let in: a module of the name is enough."""
    (tmp_path / "keras.py").touch()
    let_in = f"import sys\nsys.path.append({str(tmp_path)!r})\n"
    with pytest.raises(AssertionError, match="expected no keras"):
        _run(clean, "-I", "-c", let_in + RUN, exported)
