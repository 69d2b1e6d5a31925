"""Peak memory of some work."""

from pathlib import Path

import numpy as np
import pytest

from sidebyside import memory

MIB = 2**20


def _allocate(mib: int) -> float:
    return float(np.ones(mib * MIB, np.uint8).sum())


@pytest.mark.parametrize("way", ["_watch_linux", "_watch_by_polling"])
def test_an_array_is_seen_and_not_charged_to_the_next(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way == "_watch_linux" and not memory._CLEAR.exists():
        pytest.skip("no /proc on this system")
    monkeypatch.setattr(memory, "_watch_linux", getattr(memory, way))
    found = memory.peak(
        {"large": lambda: _allocate(200), "small": lambda: _allocate(20)}
    )
    assert 190 * MIB < found["large"] < 220 * MIB
    assert 15 * MIB < found["small"] < 40 * MIB


def test_a_peak_that_may_not_be_reset_is_polled(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(memory, "_CLEAR", tmp_path)  # a folder: nobody may write to it
    monkeypatch.setattr(memory, "_watch_linux", lambda: pytest.fail("no peak is kept"))
    found = memory.peak({"large": lambda: _allocate(200)})
    assert 190 * MIB < found["large"] < 220 * MIB


def test_repeated_calls_count_once() -> None:
    found = memory.peak({"work": lambda: _allocate(64)}, calls=5)
    assert 55 * MIB < found["work"] < 90 * MIB


@pytest.mark.parametrize(("contestants", "calls"), [({}, 1), ({"a": lambda: None}, 0)])
def test_nothing_to_measure_is_refused(contestants: dict, calls: int) -> None:
    with pytest.raises(ValueError, match="peak: expected contestants and calls >= 1"):
        memory.peak(contestants, calls=calls)
