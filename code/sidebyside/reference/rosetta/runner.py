"""Runs the lines of the Rosetta table and compares what they give."""

import re
import time
import warnings
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from sidebyside import records
from sidebyside.reference import snippets
from sidebyside.reference.rosetta import givens
from sidebyside.reference.rosetta.entries import (
    DIFFERENCES,
    SECTIONS,
    Entry,
    load,
)


class RosettaError(AssertionError):
    """Rows of the table that fail or disagree; the message names each of them."""


def check(entries: Iterable[Entry] | None = None) -> None:
    """Run every line of the table in its lane, compare, show a table and record it.

    Args:
        entries: The rows to run; all if None.

    Raises:
        RosettaError: If a line fails or lanes disagree; the message has all such rows.
    """
    begin, differences, wrong = time.perf_counter(), {}, []
    rows = list(load().values()) if entries is None else list(entries)
    for entry in rows:
        try:
            differences[entry.id] = difference(entry)
        except RosettaError as error:
            wrong.append(str(error))
    if wrong:
        raise RosettaError("\n".join([f"{len(wrong)} rows are wrong:", *wrong]))
    _show(rows, differences, time.perf_counter() - begin)


def difference(entry: Entry) -> float:
    """Run an entry in its lanes and return the largest difference of the results.

    Returns:
        The largest difference from the first lane, relative to its largest value; 0 if
        values are not compared.

    Raises:
        RosettaError: If a line fails, or the results differ by more than the entry's
            tolerance, or in shape.
    """
    results = {lane: _run(entry, lane) for lane in entry.lines}
    if entry.compare == "runs" or len(results) < 2:
        return 0.0
    first, *others = results
    worst = 0.0
    for lane in others:
        try:
            worst = max(worst, _gap(entry, results[first], results[lane]))
        except ValueError as error:
            raise RosettaError(f"{entry.id}: {first} and {lane}: {error}") from None
    return worst


def _run(entry: Entry, lane: str) -> Any:
    code = entry.lines[lane]
    after = entry.result.get(lane, "_")
    names: dict[str, Any] = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wanted = set(re.findall(r"\b[A-Za-z_]\w*", f"{code} {after}"))
            names = givens.names(lane, wanted)
            names["_"] = snippets.run(code, names)
            return snippets.to_arrays(snippets.run(after, names))
    except Exception as error:
        text = str(error).strip().splitlines() or [""]
        raise RosettaError(
            f"{entry.id}: {lane}: {type(error).__name__}: {text[0][:200]}"
        ) from error
    finally:
        if givens.FOLDER in names:
            names[givens.FOLDER].cleanup()


def _gap(entry: Entry, a: Any, b: Any) -> float:
    """Return the difference of two results, part by part."""
    if isinstance(a, list | dict) or isinstance(b, list | dict):
        if type(a) is not type(b) or len(a) != len(b):
            raise ValueError(f"expected results of one kind, received {a!r} and {b!r}")
        pairs = zip(
            *(x.values() if isinstance(x, dict) else x for x in (a, b)), strict=True
        )
        return max((_gap(entry, *pair) for pair in pairs), default=0.0)
    if a is None or isinstance(a, str | bytes):
        if a != b:
            raise ValueError(f"expected {a!r}, received {b!r}")
        return 0.0
    return _array_gap(entry, np.asarray(a), np.asarray(b))


def _array_gap(entry: Entry, a: np.ndarray, b: np.ndarray) -> float:
    if entry.compare == "distribution":
        a, b = (np.array([x.mean(), x.std()]) for x in (a, b))
    if a.shape != b.shape:
        raise ValueError(f"expected shape {a.shape}, received {b.shape}")
    if entry.compare == "shape":
        return 0.0
    if a.dtype.kind in "bSU":
        off = float(np.mean(a != b)) if a.size else 0.0
    else:
        a, b = (x.astype(np.complex128) for x in (a, b))
        scale = max(float(np.abs(a).max(initial=0)), 1.0)
        off = float(np.abs(a - b).max(initial=0)) / scale
    if not off <= entry.tolerance:
        raise ValueError(
            f"expected a difference up to {entry.tolerance:g}, received {off:.3g}: "
            f"{np.asarray(a).ravel()[:4]} and {np.asarray(b).ravel()[:4]}"
        )
    return off


def _show(rows: list[Entry], differences: dict[str, float], seconds: float) -> None:
    counts = Counter(entry.section for entry in rows)
    classes = Counter(entry.difference for entry in rows)
    values = [differences[entry.id] for entry in rows if entry.compare == "values"]
    table = [[section, str(counts[section])] for section in SECTIONS if counts[section]]
    lines = sum(len(entry.lines) for entry in rows)
    table.append(["all", f"{len(rows)} rows, {lines} lines run in {seconds:.0f} s"])
    table.append(["largest difference", records.number(max(values, default=0.0))])
    caption, header = "The Rosetta table, run", ["section", "rows"]
    records.emit(
        "rosetta",
        {
            "differences": differences,
            "classes": {name: classes[name] for name in DIFFERENCES},
            "lines": lines,
            "seconds": round(seconds, 3),
        },
        as_html=records.html_table(caption, header, table),
        as_text=records.text_table(caption, header, table),
    )
