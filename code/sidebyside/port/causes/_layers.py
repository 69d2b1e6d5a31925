"""Causes that lie in how a layer was called, or in which weights it holds."""

from collections.abc import Iterator

import numpy as np

from sidebyside.port._arrange import difference
from sidebyside.port.causes._solve import NEAR, Found, Parting


def masks(parting: Parting) -> Iterator[Found]:
    """Find a mask that one layer reads as the opposite of what the other reads."""
    target = parting.target
    if parting.where != "output" or target is None or target.inverted is None:
        return
    for given in target.inverted().values():
        if _near(parting.ours, given):
            yield Found(
                "meaning of a mask",
                "the layers agree once the target's mask is inverted: in one of them "
                "True means 'attend', in the other 'leave out'",
            )


def dtypes(parting: Parting) -> Iterator[Found]:
    """Find numbers that were rounded to fewer bits in one of the models."""
    digits = [_bits(array) for array in (parting.ours, parting.theirs)]
    if digits[0] == digits[1]:
        return
    (coarse, who), _ = sorted(zip(digits, ("source", "target"), strict=True))
    rounded = parting.ours if who == "source" else parting.theirs
    size = float(np.max(np.abs(parting.theirs), initial=0.0))
    near = difference(parting.ours, parting.theirs) <= ROUNDINGS * 2.0**-coarse * size
    if near and len(np.unique(_mantissas(rounded))) > FEW:
        yield Found(
            "dtype",
            f"every number of the {who} has at most {coarse} significant bits, those "
            f"of the other one {max(digits)}: the {who} computes in {_DTYPES[coarse]}",
        )


_DTYPES = {8: "bfloat16", 11: "float16 (or TensorFloat-32)", 24: "float32"}


ROUNDINGS = 16
"""So many roundings of its largest number may lie in what one layer gives."""
FEW = 8
"""So few different numbers, such as 0, 1 and 2, have few bits in any dtype."""


def _mantissas(array: np.ndarray) -> np.ndarray:
    values = np.abs(array.astype(np.float64))
    mantissas: np.ndarray = np.frexp(values[(values > 0) & np.isfinite(values)])[0]
    return mantissas


def _bits(array: np.ndarray) -> int:
    """Return in how many significant bits all numbers of an array can be written."""
    mantissas = _mantissas(array)
    for bits in (8, 11, 24):
        scaled = mantissas * 2.0**bits
        if np.array_equal(scaled, np.rint(scaled)):
            return bits
    return 53


def dropout(parting: Parting) -> Iterator[Found]:
    """Find zeros at random places, and all others larger by one factor."""
    ours, theirs = (a.astype(np.float64) for a in (parting.ours, parting.theirs))
    if ours.shape != theirs.shape:
        return
    pairs = [(ours, theirs, "source"), (theirs, ours, "target")]
    for dropped, plain, who in pairs:
        gone = (dropped == 0) & (plain != 0)
        kept = (dropped != 0) & (plain != 0)
        if not gone.any() or not kept.any():
            continue
        factors = dropped[kept] / plain[kept]
        share = gone.mean() / (gone | kept).mean()
        even = np.ptp(factors) <= 1e-3 * abs(factors.mean())
        if even and factors.mean() > 1.01 and abs(1 - 1 / factors.mean() - share) < 0.2:
            yield Found(
                "training mode",
                f"in the {who}, {share:.0%} of the numbers are zero and the others "
                f"{factors.mean():.3g} times as large: dropout is on",
            )


STEADY = 0.02
"""So little, of itself, a number may vary that is one number up to rounding."""


def constants(parting: Parting) -> Iterator[Found]:
    """Find one number for each channel that one model adds: a bias."""
    ours, theirs = (a.astype(np.float64) for a in (parting.ours, parting.theirs))
    if ours.shape != theirs.shape or ours.ndim < 2 or parting.where == "averages":
        return
    apart = (ours - theirs).reshape(-1, ours.shape[-1])
    worst = apart[0, np.abs(apart[0]).argmax()]
    within = min(NEAR * np.abs(ours).max(), STEADY * abs(worst))
    if len(apart) > 1 and np.all(np.ptp(apart, 0) <= within):
        yield Found(
            "a constant",
            f"each channel differs by one number (at most {abs(worst):.3g}), which one "
            "of the models adds and the other does not",
        )


def _near(ours: np.ndarray, theirs: np.ndarray) -> bool:
    size = float(np.max(np.abs(theirs), initial=0.0))
    return ours.shape == theirs.shape and difference(ours, theirs) <= NEAR * size


FINDERS = (masks, dropout, constants)
