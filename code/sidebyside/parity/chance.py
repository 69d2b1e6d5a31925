"""Chance: whatever draws random numbers is compared in distribution."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import stats

from sidebyside.parity._compare import Rung, Rungs
from sidebyside.parity._show import show

ALPHA = 1e-6
"""How often one comparison of honest lanes raises a false alarm. With a thousand
comparisons in the book, a build on new seeds raises one in a thousand times."""
FEWEST_EXPECTED = 5
"""Rarer values are counted together, or chi-squared is not near its distribution."""

Draws = np.ndarray


def chance(name: str, rows: Mapping[str, Mapping[str, Draws]]) -> Rungs:
    """Compare draws of the lanes with those of the first lane.

    Args:
        name: What is being shown equal; the title of the table.
        rows: For each thing that draws a mapping from lane to its draws, shape (n,),
            at least 100 each. Integers and truth values are counted, and compared by a
            chi-squared test; floats by the test of Kolmogorov and Smirnov. Draws must
            be independent: one number for each. 10,000 draws a lane tell a share of
            20 % from one of 25 %.

    Returns:
        A `Rung` for each row and lane but the first: `worst` is how much of the error
        rate was used up, `ALPHA` divided by p, and may be 1. If the others agree with
        each other and none with the first, the rungs name the first.

    Raises:
        ParityError: If a p-value is below `ALPHA`; names row, lane and what differs
            most.
        ValueError: If a row has fewer than two lanes, or too few draws.

    Source: two-sample tests as in `scipy.stats.chi2_contingency` and
        `scipy.stats.ks_2samp`.
    """
    if not rows:
        raise ValueError("chance: expected at least 1 row, received none")
    rungs, p_values = Rungs(), []
    for row, lanes in rows.items():
        (first, reference), *others = _checked(row, lanes).items()
        if not others:
            raise ValueError(
                f"chance: expected at least 2 lanes in row {row!r}, received {[first]}"
            )
        results = [_compare(reference, draws) for _, draws in others]
        odd = all(p < ALPHA for p, _ in results) and _agree([d for _, d in others])
        for (lane, draws), (p, why) in zip(others, results, strict=True):
            if odd:
                p, why = _compare(draws, reference)
            this, that = (first, lane) if odd else (lane, first)
            why = f"lane {this!r}: expected draws distributed as in {that!r}, {why}"
            passed = p >= ALPHA
            worst = ALPHA / max(p, 1e-300)
            rungs.append(Rung(row, worst, 1.0, this, "", passed, "" if passed else why))
            p_values.append(p)
    return show(name, rungs, f"{_sizes(rows)} draws", {"p": p_values})


def _agree(draws: Sequence[Draws]) -> bool:
    """Say whether there are several lanes, and all agree with the first of them."""
    first, *rest = draws
    return bool(rest) and all(_compare(first, other)[0] >= ALPHA for other in rest)


def _checked(row: str, lanes: Mapping[str, Any]) -> dict[str, Draws]:
    arrays = {lane: np.asarray(draws) for lane, draws in lanes.items()}
    for lane, draws in arrays.items():
        if draws.ndim != 1 or len(draws) < 100:
            raise ValueError(
                f"chance: expected at least 100 draws, one number each, for {row!r}, "
                f"received shape {draws.shape} for lane {lane!r}"
            )
    return arrays


def _compare(first: Draws, second: Draws) -> tuple[float, str]:
    """Return the p-value, and what differs most in words."""
    if first.dtype.kind == "f" or second.dtype.kind == "f":
        return _compare_reals(first, second)
    return _compare_counts(first, second)


def _compare_reals(first: Draws, second: Draws) -> tuple[float, str]:
    result = stats.ks_2samp(first, second, method="asymp")
    place = float(result.statistic_location)
    shares = [float(np.mean(draws <= place)) for draws in (first, second)]
    why = (
        f"received p = {result.pvalue:.1e}: at most {place:.4g} are "
        f"{shares[0]:.1%} there and {shares[1]:.1%} here"
    )
    return float(result.pvalue), why


def _compare_counts(first: Draws, second: Draws) -> tuple[float, str]:
    values = np.unique(np.concatenate([first, second]))
    table = np.array([[np.sum(d == v) for v in values] for d in (first, second)])
    pooled = _pool(table)
    if pooled.shape[1] < 2:
        return 1.0, ""
    p = float(stats.chi2_contingency(pooled, correction=False).pvalue)
    shares = table / table.sum(axis=1, keepdims=True)
    k = int(np.argmax(np.abs(shares[0] - shares[1])))
    why = (
        f"received p = {p:.1e}: the value {values[k]} makes up "
        f"{shares[0, k]:.1%} there and {shares[1, k]:.1%} here"
    )
    return p, why


def _pool(table: np.ndarray) -> np.ndarray:
    """Add up the columns of values that are too rare to be tested alone."""
    sizes = table.sum(axis=1)
    expected = table.sum(axis=0) * sizes.min() / sizes.sum()
    rare = expected < FEWEST_EXPECTED
    if not rare.any():
        return table
    return np.column_stack([table[:, ~rare], table[:, rare].sum(axis=1)])


def _sizes(rows: Mapping[str, Mapping[str, Any]]) -> str:
    sizes = sorted({len(draws) for lanes in rows.values() for draws in lanes.values()})
    low, high = f"{sizes[0]:,}", f"{sizes[-1]:,}"
    return low if low == high else f"{low} to {high}"
