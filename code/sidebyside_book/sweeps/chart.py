"""The figure of a sweep: what each run measured, with the spread of every lane."""

import html
import io
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sidebyside import evidence, plots
from sidebyside_book.sweeps.grid import BACKEND
from sidebyside_book.sweeps.grid import Axes as Grid
from sidebyside_book.sweeps.store import write

KINDS = ("measurement", "race", "parity")
"""What is drawn: of these the first two, the last only where there is nothing else."""
MOST_PANELS = 12
MOST_STEPS = 8
"""More values along an axis are not drawn apart."""
REPEATS = "SEED"
"""The parameter whose values are repetitions of the same, not another case."""
FAR = 30
"""When the largest value is so many times the smallest, the axis is logarithmic."""
GREY = "#525252"
UNITS = {"s": "seconds", "B": "bytes", "1": "", "count": ""}


@dataclass(frozen=True)
class Panel:
    """One metric: its rows of the table, and the series that it draws."""

    metric: str
    unit: str
    rows: pd.DataFrame
    series: tuple[str, ...]


def save(frame: pd.DataFrame, swept: Grid, folder: Path) -> list[Path]:
    """Draw the sweep, and write it with its description for those who can't see it.

    Args:
        frame: The table.
        swept: The axes of the sweep.
        folder: Where `results.png`, `results.svg` and `results.txt` go.

    Returns:
        The files; none if no run measured anything.
    """
    apart = next((a for a in swept if _apart(a, swept)), None)
    panels, more = _panels(frame, swept)
    if not panels:
        return []
    description = describe(frame, panels, more, swept, apart)
    matplotlib.use("agg")
    figure = draw(panels, apart, _title(frame))
    files = [folder / f"results.{suffix}" for suffix in ("png", "svg", "txt")]
    write(files[0], _rendered(figure, "png"))
    write(files[1], _titled(_rendered(figure, "svg"), _title(frame), description))
    write(files[2], f"{description}\n".encode())
    matplotlib.pyplot.close(figure)
    return files


def _apart(name: str, swept: Grid) -> bool:
    """Say whether the values of an axis are drawn next to each other."""
    return name not in (REPEATS, BACKEND) and 1 < len(swept[name]) <= MOST_STEPS


def _panels(frame: pd.DataFrame, swept: Grid) -> tuple[list[Panel], int]:
    """Return what is drawn, and how many metrics are not."""
    kinds = KINDS[:2] if frame["kind"].isin(KINDS[:2]).any() else KINDS[2:]
    rows = frame[frame["kind"].isin(kinds)].copy()
    rows = rows[~rows["metric"].str.endswith(": first call")]
    rows["series"] = [
        f"{lane}, {backend}"
        if lane == "keras" and len(swept.get(BACKEND, ())) > 1
        else lane
        for lane, backend in zip(rows["lane"], rows[BACKEND], strict=True)
    ]
    order = [*plots.LANES, *(f"keras, {name}" for name in swept.get(BACKEND, ()))]
    place = {name: at for at, name in enumerate(order)}
    panels = []
    for metric, part in rows.groupby("metric", sort=False):
        names = sorted(
            part["series"].unique(),
            key=lambda name: (place.get(name, place.get(_lane(name), 99)), name),
        )
        panels.append(Panel(str(metric), part["unit"].iloc[0], part, tuple(names)))
    return panels[:MOST_PANELS], len(panels[MOST_PANELS:])


def draw(panels: Sequence[Panel], apart: str | None, title: str) -> Figure:
    """Return the figure: small multiples, each run a dot.

    Args:
        panels: What to draw.
        apart: The axis whose values stand next to each other, if there is one.
        title: Of the whole.
    """
    columns = min(3 if apart is None else 2, len(panels))
    rows = math.ceil(len(panels) / columns)
    steps = max(len(p.series) * _steps(p, apart) for p in panels)
    width = max(2.6, (0.66 if apart is None else 0.4) * steps + 0.9)
    figure, axes = plots.figure(
        columns, rows, width=columns * width, height=rows * 2.9 + 0.5
    )
    flat = list(np.atleast_1d(axes).flat)
    for ax, panel in zip(flat, panels, strict=False):
        _draw_panel(ax, panel, apart)
    for ax in flat[len(panels) :]:
        ax.set_visible(False)
    figure.suptitle(
        f"{title}\ndots are runs, bars the median and the quartiles", fontsize=10
    )
    return figure


def _steps(panel: Panel, apart: str | None) -> int:
    return 1 if apart is None else panel.rows[apart].nunique()


def _draw_panel(ax: Axes, panel: Panel, apart: str | None) -> None:
    steps = [None] if apart is None else list(panel.rows[apart].unique())
    number = len(panel.series)
    for i, step in enumerate(steps):
        for j, name in enumerate(panel.series):
            at = panel.rows["series"] == name
            if apart is not None:
                at &= panel.rows[apart] == step
            values = panel.rows[at]["value"].dropna().to_numpy(float)
            if values.size:
                _draw_series(ax, i * (number + 1) + j, name, values, label=i == 0)
    _label(ax, panel, apart, steps)


def _draw_series(
    ax: Axes, x: float, name: str, values: np.ndarray, *, label: bool
) -> None:
    """Draw the runs as dots beside one another, and their median and quartiles."""
    look = plots.LANES.get(_lane(name))
    color, marker = (look.color, look.marker) if look else (GREY, "D")
    spread = 0.12 * (np.arange(values.size) % 3 - 1)  # so that equal ones are seen
    ax.plot(
        x - 0.12 + spread,
        values,
        marker,
        color=color,
        alpha=0.55,
        markersize=4.5,
        markeredgewidth=0,
        linestyle="",
        label=_display_name(name) if label else None,
    )
    q1, median, q3 = np.percentile(values, [25, 50, 75])
    ax.plot(
        [x + 0.28] * 2,
        [q1, q3],
        color=color,
        linewidth=5,
        alpha=0.4,
        solid_capstyle="butt",
    )
    ax.plot([x + 0.14, x + 0.42], [median] * 2, color=color, linewidth=2)


def _label(ax: Axes, panel: Panel, apart: str | None, steps: Sequence[object]) -> None:
    number = len(panel.series)
    ax.set_title(_wrapped(panel.metric), fontsize=9)
    parity = (panel.rows["kind"] == "parity").all()
    ax.set_ylabel("relative difference" if parity else UNITS[panel.unit], fontsize=8)
    ax.tick_params(labelsize=8)
    if apart is None:
        names = [_display_name(name).replace(", ", ",\n", 1) for name in panel.series]
        ax.set_xticks(range(number), names)
        ax.set_xlim(-0.6, max(number, 3) - 0.4)
    else:
        middles = [i * (number + 1) + (number - 1) / 2 for i in range(len(steps))]
        ax.set_xticks(middles, [str(step) for step in steps])
        ax.set_xlabel(apart, fontsize=9)
        ax.legend(frameon=False, fontsize=7)
    values = panel.rows["value"].dropna().to_numpy(float)
    if values.min() > 0 and values.max() > FAR * values.min():
        ax.set_yscale("log")
    ax.margins(y=0.12)


def _lane(series: str) -> str:
    """Return the lane of a series: of `keras, jax`, and of `Keras, compiled`, too."""
    return series.split(",")[0].lower()


def _display_name(series: str) -> str:
    lane, comma, rest = series.partition(",")
    look = plots.LANES.get(lane)
    return f"{look.label if look else lane}{comma}{rest}"


def _wrapped(text: str, width: int = 32) -> str:
    return "\n".join(textwrap.wrap(text, width))


def _title(frame: pd.DataFrame) -> str:
    return f"{frame['chapter'].iloc[0]}, {frame['run'].nunique()} runs"


def describe(
    frame: pd.DataFrame,
    panels: Sequence[Panel],
    more: int,
    swept: Grid,
    apart: str | None,
) -> str:
    """Return in words what the figure shows."""
    over = "; ".join(f"{k} = {', '.join(map(str, v))}" for k, v in swept.items())
    failed = int((frame[frame["kind"] == "run"]["state"] == "failed").sum())
    lines = [
        f"Sweep of {_title(frame)}, over {over}. {failed} of the runs failed. "
        f"One panel a metric: each run a dot, beside it the median and the quartiles "
        f"of each lane" + (f", apart by {apart}." if apart else ".")
    ]
    for panel in panels:
        parts = [_in_words(panel, name) for name in panel.series]
        lines.append(f"{panel.metric}: {'; '.join(parts)}.")
    if more:
        lines.append(f"{more} more metrics stand in the table only.")
    return "\n".join(lines)


def _in_words(panel: Panel, name: str) -> str:
    values = panel.rows[panel.rows["series"] == name]["value"].dropna().to_numpy(float)
    low, middle, high = (
        evidence.quantity(float(q), panel.unit)
        for q in np.percentile(values, [25, 50, 75])
    )
    number = "1 value" if values.size == 1 else f"{values.size} values"
    return f"{_display_name(name)} {middle} ({low} to {high}, {number})"


def _rendered(figure: Figure, kind: str) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(
        buffer, format=kind, metadata={"Date": None} if kind == "svg" else {}
    )
    return buffer.getvalue()


def _titled(svg: bytes, title: str, description: str) -> bytes:
    """Give the drawing a name and a description that a screen reader finds."""
    head, tag, rest = svg.decode().partition("<svg ")
    attributes, end, body = rest.partition(">")
    names = (
        f"<title>{html.escape(title)}</title><desc>{html.escape(description)}</desc>"
    )
    return f'{head}{tag}role="img" {attributes}{end}{names}{body}'.encode()
