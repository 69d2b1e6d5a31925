"""What a chapter measured, and which claims that settles, in the notebook's own output.

A call shows a table or a card and attaches the same as a record (`sidebyside.records`)
to the cell's output. The site gathers the records of all chapters into the ledger of
claims and the scoreboard; `sidebyside evidence` prints them.
"""

import html
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sidebyside import ledger, records, report
from sidebyside.figures import UNITS, Figure, Kept, Quantity, kept, quantity, shown
from sidebyside.plots import LANES

__all__ = ["METRICS", "UNITS", "Quantity", "Verdict", "measure", "quantity", "settle"]

METRICS = {
    "time per training step": "s",
    "time to first step": "s",
    "import time": "s",
    "peak memory": "B",
    "parameters": "count",
    "accuracy": "1",
    "AUC": "1",
    "loss": "1",
    "mistakes that pass in silence": "count",
}
"""What the scoreboard compares, with the unit that each must have."""

Values = float | Sequence[float] | np.ndarray
Figures = Mapping[str, Figure]


class Verdict(str):
    """A verdict; a notebook has shown its card and does not echo it."""

    def _ipython_display_(self) -> None:
        """Show nothing: the card stands above already."""


def measure(
    metric: str,
    values: Mapping[str, Values],
    *,
    unit: str | None = None,
    conditions: Figures | None = None,
) -> None:
    """Record a measurement of the lanes, and show it as a table.

    Args:
        metric: What was measured: one of `METRICS`, or a name of your own.
        values: Lane -> a number, or the samples, shape (n,), of which the median and
            the quartiles are kept. One to three lanes.
        unit: One of `UNITS`; may be left out for one of `METRICS`.
        conditions: What else a reader must know: batch size, steps, threads; as in
            `settle`.

    Raises:
        ValueError: If metric, lane or unit is not known, or a value is not finite.
    """
    unit = _unit(metric, unit)
    unknown = [lane for lane in values if lane not in LANES]
    if unknown or not values:
        raise ValueError(
            f"measure: {metric}: expected values of lanes of {list(LANES)}, "
            f"received {list(values)}"
        )
    rows = [_row(metric, lane, values[lane]) for lane in LANES if lane in values]
    header = ["lane", "value", "quartiles"]
    table = [
        [
            LANES[row["lane"]].label,
            quantity(row["value"], unit),
            f"{quantity(row['q1'], unit)} to {quantity(row['q3'], unit)}"
            if row["samples"] > 1
            else "one value",
        ]
        for row in rows
    ]
    figures = _kept(metric, conditions or {})
    caption = f"Measured: {metric}" + "".join(
        f"; {name} {shown(figure)}" for name, figure in figures.items()
    )
    fields = {
        "metric": metric,
        "unit": unit,
        "rows": rows,
        "conditions": list(figures.items()),
        **_circumstances(),
    }
    records.emit(
        "measurement",
        fields,
        as_html=records.html_table(caption, header, table),
        as_text=records.text_table(caption, header, table),
    )


def settle(
    name: str,
    parts: Mapping[str, ledger.Truth],
    *,
    overtaken: Mapping[str, ledger.Truth] | None = None,
    measured: Figures | None = None,
) -> Verdict:
    """Settle a claim by what was measured, and show the verdict as a card.

    Args:
        name: The claim's id in `data/claims/`: `"C28"`.
        parts: What the claim says, each part in words -> whether that was found so;
            None where what was measured doesn't decide it (`Interval.above`). The truth
            values are computed by the chapter, never typed.
        overtaken: Signs that time has passed the claim by -> whether they were found,
            e.g. `{"torch.jit.script warns that it will go": bool(warned)}`. Only for a
            claim of which the ledger says until when it was true (`once`).
        measured: Figures to show beside the verdict: name -> number, `Quantity`,
            `intervals.Interval` or short text. Numbers are kept with all their digits.

    Returns:
        The verdict, by the rule of `ledger.decide`.

    Raises:
        ValueError: If there is no such claim, it has no parts, a part is not a truth
            value or None, or a figure is not finite.
    """
    claim = ledger.load().claim(name, "settle")
    parts = _truths(name, "parts", parts)
    signs = _truths(name, "overtaken", overtaken or {})
    if not parts:
        raise ValueError(f"settle: {name}: expected parts of the claim, received none")
    if claim.expected == ledger.UNTESTABLE:
        raise ValueError(
            f"settle: {name}: expected a claim that can be tested, received one whose "
            f"ledger entry says {ledger.UNTESTABLE!r}"
        )
    if signs and not claim.once:
        raise ValueError(
            f"settle: {name}: expected `once` in data/{claim.file} (until when the "
            f"claim was true) for a claim with `overtaken`, received none"
        )
    verdict = ledger.decide(claim, parts, signs)
    figures = _kept(name, measured or {})
    records.emit(
        "verdict",
        {
            "claim": name,
            "verdict": verdict,
            # as pairs: a notebook's file sorts the keys of objects
            "parts": list(parts.items()),
            "overtaken": list(signs.items()),
            "measured": list(figures.items()),
            **_circumstances(),
        },
        as_html=_card_html(claim, verdict, {**parts, **signs}, figures),
        as_text=_card_text(claim, verdict, {**parts, **signs}, figures),
    )
    return Verdict(verdict)


def _unit(metric: str, unit: str | None) -> str:
    known = METRICS.get(metric)
    unit = unit or known
    if unit not in UNITS or (known and unit != known):
        expected = known or f"one of {list(UNITS)}"
        raise ValueError(
            f"measure: {metric}: expected the unit {expected}, received {unit!r}"
        )
    return unit


def _row(metric: str, lane: str, values: Values) -> dict[str, Any]:
    samples = np.atleast_1d(np.asarray(values, dtype=np.float64))
    if samples.ndim != 1 or not samples.size or not np.isfinite(samples).all():
        raise ValueError(
            f"measure: {metric}: expected one finite number or a row of them for lane "
            f"{lane!r}, received {values!r}"
        )
    q1, median, q3 = (float(q) for q in np.percentile(samples, [25, 50, 75]))
    return {
        "lane": lane,
        "value": median,
        "q1": q1,
        "q3": q3,
        "samples": int(samples.size),
    }


def _truths(
    name: str, what: str, given: Mapping[str, ledger.Truth]
) -> dict[str, ledger.Truth]:
    for part, truth in given.items():
        if truth is not None and not isinstance(truth, bool | np.bool_):
            raise ValueError(
                f"settle: {name}: expected True, False or None for {what} {part!r}, "
                f"received {truth!r}"
            )
    return {p: None if truth is None else bool(truth) for p, truth in given.items()}


def _kept(place: str, figures: Figures) -> dict[str, Kept]:
    """Return the figures of a claim or a metric as its record keeps them."""
    return {
        name: kept(f"evidence: {place}: {name!r}", figure)
        for name, figure in figures.items()
    }


def _circumstances() -> dict[str, Any]:
    """Return under what the record was made: versions, threads, Keras' backend."""
    everything = report.collect()
    return {
        "versions": everything["versions"],
        "threads": everything["machine"]["threads"],
        "processor": everything["machine"]["processor"],
        "backend": everything["backend"],
    }


def _card_html(
    claim: ledger.Claim,
    verdict: str,
    parts: Mapping[str, ledger.Truth],
    figures: Mapping[str, Kept],
) -> str:
    def line(part: str, truth: ledger.Truth) -> str:
        word = _WORDS[truth]
        return f'<li class="{word}"><b>{word}</b> {records.prose(part)}</li>'

    rows = "".join(
        f"<div><dt>{html.escape(name)}</dt><dd>{html.escape(shown(figure))}</dd></div>"
        for name, figure in figures.items()
    )
    kind = verdict.replace(" ", "-")
    change = _change(claim, verdict)
    return (
        f'<div class="sidebyside-verdict" role="group" aria-label="Claim {claim.id}">'
        f'<p><span class="verdict {kind}">{verdict}</span> '
        f"<b>{claim.id}</b> {records.prose(claim.claim)}</p>"
        f"<ul>{''.join(line(*part) for part in parts.items())}</ul>"
        + (f"<dl>{rows}</dl>" if rows else "")
        + (f'<p class="change">{html.escape(change)}</p>' if change else "")
        + "</div>"
    )


def _card_text(
    claim: ledger.Claim,
    verdict: str,
    parts: Mapping[str, ledger.Truth],
    figures: Mapping[str, Kept],
) -> str:
    lines = [f"{claim.id} {verdict}: {claim.claim}"]
    lines += [f"  {_WORDS[truth]:4s} {part}" for part, truth in parts.items()]
    lines += [f"  {name}: {shown(figure)}" for name, figure in figures.items()]
    lines += [f"  {text}" for text in [_change(claim, verdict)] if text]
    return "\n".join(lines)


_WORDS = {True: "yes", False: "no", None: "open"}


def _change(claim: ledger.Claim, verdict: str) -> str:
    """Return what a reader must know of a verdict: what is open, what is unexpected."""
    said = []
    if verdict != claim.expected:
        said.append(f"Here: {verdict}; the authors got {claim.expected!r}.")
    if verdict == ledger.UNDECIDED and claim.undecided:
        said.append(f"It would be decided by {claim.undecided}.")
    return " ".join(said)
