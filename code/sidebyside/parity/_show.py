"""Show comparisons as a table, attach them as a record, and raise if one failed."""

from dataclasses import asdict
from typing import Any

from sidebyside import records
from sidebyside.parity._compare import ParityError, Rung, Rungs

_NOT_KEPT = ("why", "index")
"""Of a rung, in a record: the sentence stands in the error, the index in the place."""


def show(
    name: str,
    rungs: Rungs,
    dtype: str,
    columns: dict[str, list[float]] | None = None,
) -> Rungs:
    """Show the table and return the rungs.

    Args:
        name: What was shown equal; the title of the table.
        rungs: The comparisons.
        dtype: In which the lanes computed.
        columns: More columns, heading -> a number for each rung; they stand before
            the column of what is allowed.

    Raises:
        ParityError: If a comparison failed; the first one is named.
    """
    more = columns or {}
    header = ["rung", "worst difference", *more, "allowed", "seen in", "verdict"]
    rows = [
        [
            rung.rung,
            records.number(rung.worst),
            *(records.number(numbers[place]) for numbers in more.values()),
            records.number(rung.tolerance),
            f"{rung.lane} {rung.place}".strip()
            if rung.worst or rung.rung == "shapes"
            else "",
            _verdict(rung),
        ]
        for place, rung in enumerate(rungs)
    ]
    caption = f"Parity: {name} ({dtype})"
    fields: list[dict[str, Any]] = [
        {key: value for key, value in asdict(rung).items() if key not in _NOT_KEPT}
        | {"tensor": rung.place}
        | {heading: numbers[place] for heading, numbers in more.items()}
        for place, rung in enumerate(rungs)
    ]
    passed = all(rung.passed for rung in rungs)
    records.emit(
        "parity",
        {"name": name, "passed": passed, "dtype": dtype, "rungs": fields},
        as_html=records.html_table(caption, header, rows),
        as_text=records.text_table(caption, header, rows),
    )
    for rung in rungs:
        if not rung.passed:
            raise ParityError(f"parity of {name}: rung {rung.rung!r} broke: {rung.why}")
    return rungs


def _verdict(rung: Rung) -> str:
    if not rung.passed:
        return "BROKEN"
    return f"differs: {rung.cause}" if rung.cause else "equal"
