"""The last cell of a chapter: with what, when and for how long it ran."""

import os
import platform
import sys
import time
from datetime import UTC, datetime
from typing import Any

from IPython import get_ipython
from IPython.display import display
from threadpoolctl import threadpool_info

from sidebyside import records
from sidebyside.versions import installed

PACKAGES = ("torch", "tensorflow", "keras", "jax", "numpy", "scikit-learn")
_STARTED = time.perf_counter()
_GLUED = "application/papermill.record/"
"""Before the type of what is kept in an output and not shown, as MyST-NB has it."""


def show(*, seed: int | None = None) -> None:
    """Print versions, machine and run time, and record them for the page's foot.

    Args:
        seed: The seed of the chapter's random numbers, if it has one.

    Numerics:
        The run time [s] counts from the first import of this module.
    """
    fields = collect(seed)
    versions = ", ".join(f"{name} {v}" for name, v in fields["versions"].items())
    machine = fields["machine"]
    rows = [
        ["run", f"{fields['date']}, {fields['seconds']:.1f} s, seed {seed}"],
        ["machine", f"{machine['system']}, {machine['processor']}"],
        ["threads", f"{machine['threads']} of {machine['cores']} cores"],
        ["versions", f"Python {fields['python']}, {versions}"],
        ["Keras backend", fields["backend"] or "Keras was not imported"],
    ]
    header = ["", "this run"]
    records.emit(
        "report",
        fields,
        as_html=records.html_table("Report", header, rows),
        as_text=records.text_table("Report", header, rows),
    )


def collect(seed: int | None = None) -> dict[str, Any]:
    """Return what `show` records, as JSON types."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.perf_counter() - _STARTED, 3),
        "seed": seed,
        "python": platform.python_version(),
        "backend": _backend(),
        "versions": versions(),
        "machine": {
            "system": f"{platform.system()} {platform.machine()}",
            "processor": _processor(),
            "cores": os.cpu_count(),
            "threads": threads(),
        },
    }


def versions() -> dict[str, str]:
    """Return the versions of the packages that the book is about, where installed."""
    by_name = {name: installed(name) for name in PACKAGES}
    return {name: version for name, version in by_name.items() if version}


def threads() -> int:
    """Return how many threads numerical code in this process may use.

    PyTorch is asked if it is imported, else the largest native thread pool.
    """
    torch = sys.modules.get("torch")
    if torch is not None:
        return int(torch.get_num_threads())
    return max((pool["num_threads"] for pool in threadpool_info()), default=1)


def _backend() -> str | None:
    keras = sys.modules.get("keras")
    return None if keras is None else str(keras.config.backend())


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except FileNotFoundError:
        pass  # not Linux
    return platform.processor() or platform.machine()


def quote(name: str, text: str) -> None:
    """Let the chapter's own text quote a result, also above the cell that computed it.

    In the text it is written as ``{glue:text}`name` ``, a role of MyST-NB, which finds
    it in the executed notebook when the site is built. Nothing is shown here.

    Args:
        name: What it is, in words that also make sense where no site is built.
        text: The result as it will be read, with its unit.

    Raises:
        ValueError: If the name or the text is empty, or the name holds a colon or a
            backtick, which would end it.
    """
    if not name or not text or set(name) & set(":`"):
        raise ValueError(
            "quote: expected a name without colon and backtick, and a text; received "
            f"{name!r} and {text!r}"
        )
    if get_ipython() is not None:
        glued = {"scrapbook": {"name": name, "mime_prefix": _GLUED}}
        display({f"{_GLUED}text/plain": repr(text)}, metadata=glued, raw=True)
