"""Records of labs: what a long, quiet run measured, kept in the book with its date.

A lab measures a little whenever the book is built. What is cited comes from one run
with full settings, made by `sidebyside lab NUMBER --full` and kept in `data/records/`.
So does a chapter's result on data that the book may not ship: `sidebyside run --keep`.
"""

import json
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import psutil

from sidebyside import records, report
from sidebyside._files import data_file

FOLDER = "records"
KIND = "lab"
"""The kind of record by which a run hands its figures to the command."""

Figures = Mapping[str, Any]


def load() -> dict[str, float | None]:
    """Return how busy this machine is with other work; wait a second for it.

    Returns:
        `"average"`, the tasks that wanted a processor during the last minute (None on
        a system that does not count them), and
        `"others"`, the share of all processors in use while this process waits.
    """
    average = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {"average": average, "others": psutil.cpu_percent(1.0) / 100}


def circumstances() -> dict[str, Any]:
    """Return date, machine and versions, as JSON types."""
    here = report.collect()
    memory = psutil.virtual_memory().total
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {**here["machine"], "memory": memory},
        "python": here["python"],
        "versions": here["versions"],
    }


def publish(name: str, figures: Figures, begun: float) -> None:
    """Hand a run's figures to `sidebyside lab --full`, which keeps them.

    Args:
        name: The lab: `46_speed`.
        figures: What was measured; JSON types only, every float finite.
        begun: When the run began, by `time.perf_counter()`.
    """
    fields = {"lab": name, **circumstances(), "figures": dict(figures)}
    fields["seconds"] = round(time.perf_counter() - begun, 1)
    text = f"{name}: measured in {fields['seconds']:.0f} s, to be kept"
    records.emit(KIND, fields, as_html=f"<p>{text}</p>", as_text=text)


def kept(name: str) -> dict[str, Any] | None:
    """Return the record of a lab that stands in the book, None if there is none."""
    try:
        path = data_file(f"{FOLDER}/{name}.json")
    except FileNotFoundError:
        return None
    return json.loads(path.read_text(encoding="utf-8"))


def in_a_line(record: Mapping[str, Any]) -> str:
    """Return in a line when, on what and with what a record was made."""
    machine, versions = record["machine"], record["versions"]
    packages = ", ".join(f"{name} {version}" for name, version in versions.items())
    return (
        f"{record['date'][:10]}, {machine['processor']}, {machine['cores']} cores; "
        f"{packages}"
    )
