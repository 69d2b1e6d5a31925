"""Figures: kept as numbers with all their digits, shown in short."""

import json
from typing import Any

import numpy as np
import pytest

from sidebyside import figures, intervals
from sidebyside.figures import Quantity


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1.234e-3, "s", "1.23 ms"),
        (999.6e3, "B", "1 MB"),
        (832_114_688, "B", "832 MB"),
        (12, "B", "12 B"),
        (3e9, "B", "3 GB"),
        (8970, "count", "8,970"),
        (2.5, "count", "2.5"),
        (0.9712, "1", "0.971"),
    ],
)
def test_quantities(value: float, unit: str, text: str) -> None:
    assert figures.quantity(value, unit) == text
    assert str(Quantity(value, unit)) == text


def test_an_unknown_unit_has_no_quantity() -> None:
    with pytest.raises(ValueError, match=r"expected a unit of .*received 'km'"):
        figures.quantity(1, "km")


@pytest.mark.parametrize(
    ("figure", "record", "text"),
    [
        ("eagerly", "eagerly", "eagerly"),
        (12345, 12345, "12,345"),
        (np.int64(7), 7, "7"),
        (0.123456, 0.123456, "0.123"),
        (1200.0, 1200.0, "1.2e+03"),
        (np.float64(2e-9), 2e-9, "2.00e-09"),
        (
            Quantity(np.float32(0.5), "s"),
            {"value": 0.5, "unit": "s", "shown_in": None},
            "500 ms",
        ),
        (
            Quantity(756_123, "B", shown_in="MB"),
            {"value": 756_123, "unit": "B", "shown_in": "MB"},
            "0.756 MB",
        ),
        (
            intervals.spread([0.91, 0.92, 0.93, 0.94, 0.98765]),
            {"low": 0.91, "middle": 0.93, "high": 0.98765, "rounds": 5},
            "0.93 (0.91 to 0.988)",
        ),
    ],
)
def test_a_figure_keeps_its_digits_and_is_shown_in_short(
    figure: figures.Figure, record: figures.Kept, text: str
) -> None:
    kept = json.loads(json.dumps(figures.kept("here", figure)))
    assert kept == record
    assert type(kept) is type(record)  # a count stays a count
    assert figures.shown(kept) == text


@pytest.mark.parametrize("bad", [float("nan"), np.inf, None, True, np.True_, [1]])
def test_what_is_no_figure_is_refused(bad: Any) -> None:
    with pytest.raises(ValueError, match="here: expected a finite number, received"):
        figures.kept("here", bad)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((1.0, "km"), "expected a unit of .*received 'km'"),
        ((float("inf"), "s"), "expected a finite number, received inf"),
        ((1, "B", "TB"), "shown in one of .*received 'TB' for the unit 'B'"),
        ((1.0, "s", "MB"), "received 'MB' for the unit 's'"),
    ],
)
def test_a_bad_quantity_is_refused(arguments: tuple[Any, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Quantity(*arguments)
