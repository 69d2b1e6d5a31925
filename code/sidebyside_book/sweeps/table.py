"""The table of a sweep: one row for each run, measurement, lane and verdict."""

import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sidebyside import ledger
from sidebyside.figures import shown
from sidebyside.report import PACKAGES
from sidebyside_book import gather
from sidebyside_book.gather import PageRecord
from sidebyside_book.sweeps.job import Result
from sidebyside_book.sweeps.store import write

Row = dict[str, Any]

RUN = {
    "run": "string",
    "chapter": "string",
    "state": "string",
    "backend": "string",
}
"""What stands in every row before the chapter's parameters."""
RECORD = {
    "kind": "string",
    "metric": "string",
    "lane": "string",
    "value": "Float64",
    "q1": "Float64",
    "q3": "Float64",
    "samples": "Int64",
    "unit": "string",
    "tolerance": "Float64",
    "verdict": "string",
    "expected": "string",
    "conditions": "string",
    "cell": "string",
    "error": "string",
}
"""What one row says. `kind` is `run` (how a run ended, and its seconds), `measurement`,
`race`, `parity` (the largest difference, and the lane that has it) or `verdict`."""
AROUND = {
    "seconds": "Float64",
    "date": "string",
    "host": "string",
    "system": "string",
    "processor": "string",
    "threads": "Int64",
    "python": "string",
    **{name: "string" for name in PACKAGES},
}
"""With what, when and where the run was made; in every row."""
COLUMNS = (*RUN, *RECORD, *AROUND)


def make(rows: Sequence[Row], parameters: Iterable[str]) -> pd.DataFrame:
    """Return the table.

    Args:
        rows: What `rows` yielded for each run.
        parameters: The names of the chapter's parameters.
    """
    frame = pd.DataFrame(rows, columns=[*RUN, *parameters, *RECORD, *AROUND])
    return frame.astype({**RUN, **RECORD, **AROUND})


def save(frame: pd.DataFrame, folder: Path) -> list[Path]:
    """Write `results.csv` and `results.parquet`, with the same content."""
    csv, parquet = folder / "results.csv", folder / "results.parquet"
    write(csv, frame.to_csv(index=False).encode())
    buffer = io.BytesIO()
    frame.to_parquet(buffer, engine="pyarrow", index=False)
    write(parquet, buffer.getvalue())
    return [csv, parquet]


def rows(result: Result) -> Iterator[Row]:
    """Yield the rows of a run: how it ended, then its records in their order."""
    records = _records(result)
    common = {
        "run": result.key,
        "chapter": result.chapter,
        "state": "failed" if result.error else "finished",
        "backend": result.backend,
        **result.parameters,
        **_around(result, records),
    }
    yield {
        **common,
        "kind": "run",
        "metric": "time of the run",
        "value": result.seconds,
        "unit": "s",
        "cell": result.cell or None,
        "error": result.error or None,
    }
    for placed in records:
        for row in _KINDS.get(placed.record["kind"], _nothing)(placed.record):
            yield {**common, "kind": placed.record["kind"], "cell": placed.cell, **row}


def _records(result: Result) -> list[PageRecord]:
    """Return the records of a run, up to the cell that failed; maybe none."""
    if not result.notebook:
        return []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "executed.ipynb")
        path.write_text(result.notebook, encoding="utf-8")
        try:
            return list(gather.from_notebook(path, result.chapter))
        except ValueError:
            if result.error:  # before the first cell
                return []
            raise


def _around(result: Result, records: Sequence[PageRecord]) -> Row:
    """Return with what the run was made, as far as its records tell."""
    facts: Row = {}
    for placed in records:
        record = placed.record
        machine = record.get("machine", record)
        facts |= {k: machine[k] for k in ("system", "processor") if k in machine}
        facts |= {k: machine[k] for k in ("threads",) if k in machine}
        facts |= {k: record[k] for k in ("date", "python") if k in record}
        facts |= record.get("versions", {})
    known = {name: value for name, value in facts.items() if name in AROUND}
    return {"seconds": result.seconds, "host": result.host, **known}


def _measurement(record: Mapping[str, Any]) -> Iterator[Row]:
    conditions = "; ".join(
        f"{name} {shown(value)}" for name, value in record["conditions"]
    )
    for row in record["rows"]:
        yield {
            **{k: row[k] for k in ("lane", "value", "q1", "q3", "samples")},
            "metric": record["metric"],
            "unit": record["unit"],
            "conditions": conditions or None,
        }


def _race(record: Mapping[str, Any]) -> Iterator[Row]:
    for row in record["rows"]:
        common = {"lane": row["lane"], "unit": record["unit"]}
        quartiles = {"value": row["median"], "q1": row["q1"], "q3": row["q3"]}
        yield {**common, **quartiles, "metric": record["name"]}
        yield {
            **common,
            "value": row["first"],
            "metric": f"{record['name']}: first call",
        }


def _parity(record: Mapping[str, Any]) -> Iterator[Row]:
    for rung in record["rungs"]:
        yield {
            "metric": f"{record['name']}: {rung['rung']}",
            "lane": rung["lane"],
            "value": rung["worst"],
            "tolerance": rung["tolerance"],
            "unit": "1",
        }


def _verdict(record: Mapping[str, Any]) -> Iterator[Row]:
    yield {
        "metric": record["claim"],
        "verdict": record["verdict"],
        "expected": ledger.load().claim(record["claim"], "sweep").expected,
        "conditions": "; ".join(f"{k} {shown(v)}" for k, v in record["measured"])
        or None,
    }


def _nothing(record: Mapping[str, Any]) -> Iterator[Row]:
    return iter(())


_KINDS: dict[str, Callable[[Mapping[str, Any]], Iterator[Row]]] = {
    "measurement": _measurement,
    "race": _race,
    "parity": _parity,
    "verdict": _verdict,
}
