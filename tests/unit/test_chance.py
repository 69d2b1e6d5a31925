"""Chance is compared in distribution: what is the same passes, what differs is seen."""

import json
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sidebyside import parity, records

N = 5000


def rng(seed: Any) -> np.random.Generator:
    return np.random.default_rng(seed)


def chance(one: Any, other: Any) -> parity.Rungs:
    return parity.chance("this", {"row": {"pytorch": one, "keras": other}})


def seen(one: Any, other: Any) -> str:
    with pytest.raises(parity.ParityError) as caught:
        chance(one, other)
    return str(caught.value)


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize(
    "draw",
    [
        lambda seed: rng(seed).integers(0, 9, N),
        lambda seed: rng(seed).random(N) < 0.2,
        lambda seed: rng(seed).normal(size=N).astype("float32"),
        lambda seed: np.full(N, 3),
        lambda seed: rng(seed).poisson(3, N),  # with rare values
    ],
)
def test_draws_of_one_distribution_pass(draw: Any) -> None:
    for seed in range(20):
        (rung,) = chance(draw(2 * seed), draw(2 * seed + 1))
        assert rung.passed


@pytest.mark.usefixtures("shown")
def test_false_alarms_are_as_rare_as_stated() -> None:
    """p-values of honest lanes are uniform: then alpha is the rate of false alarms."""
    integers, reals = [], []
    for seed in range(300):
        (rung,) = chance(
            rng(2 * seed).integers(0, 5, 500), rng(2 * seed + 1).integers(0, 5, 500)
        )
        integers.append(1e-6 / rung.worst)
        (rung,) = chance(rng(2 * seed).random(500), rng(2 * seed + 1).random(500))
        reals.append(1e-6 / rung.worst)
    for p_values in (integers, reals):
        assert stats.kstest(p_values, "uniform").pvalue > 1e-4


def test_shifts_of_another_kind_are_seen(shown: list[dict[str, Any]]) -> None:
    thirds = rng(0).integers(-1, 2, N)
    rounded = rng(1).choice([-1, 0, 1], N, p=[0.25, 0.5, 0.25])
    message = seen(thirds, rounded)
    assert "rung 'row' broke: lane 'keras'" in message
    assert "the value 0 makes up 33" in message
    record = shown[0][records.MIME]
    assert json.loads(json.dumps(record)) == record
    assert record["rungs"][0]["p"] < 1e-6


@pytest.mark.usefixtures("shown")
def test_another_dropout_is_seen() -> None:
    for seed in range(20):
        fifth, quarter = (rng((seed, k)).random(2 * N) < k / 20 for k in (4, 5))
        assert "p = " in seen(fifth, quarter)


@pytest.mark.usefixtures("shown")
def test_another_initializer_is_seen() -> None:
    glorot, kaiming = (6 / (64 + 64)) ** 0.5, (1 / 64) ** 0.5
    weights = rng(0).uniform(-glorot, glorot, 4096)
    others = rng(1).uniform(-kaiming, kaiming, 4096)
    assert "at most" in seen(weights, others)


@pytest.mark.usefixtures("shown")
def test_a_small_shuffle_buffer_is_seen() -> None:
    def places(buffer: int, seed: int) -> np.ndarray:
        """Return where each tenth of the rows went, in tenths: 100 classes."""
        random, rows, left = rng(seed), [], list(range(1000))
        held = [left.pop(0) for _ in range(buffer)]
        while held:
            rows.append(held.pop(random.integers(len(held))))
            if left:
                held.append(left.pop(0))
        return np.array(rows) // 100 * 10 + np.arange(1000) // 100

    assert chance(places(1000, 0), places(1000, 1))[0].passed
    assert "p = " in seen(places(1000, 0), places(100, 1))


@pytest.mark.usefixtures("shown")
def test_every_lane_is_compared() -> None:
    row = {"pytorch": rng(0).random(N), "tensorflow": rng(1).random(N)}
    row["keras"] = 1.1 * rng(2).random(N)
    with pytest.raises(parity.ParityError, match="lane 'keras'"):
        parity.chance("this", {"row": row})


def test_the_odd_lane_out_is_named_if_it_is_the_first() -> None:
    rng = np.random.default_rng(0)
    rows = {lane: rng.random(10_000) < 0.2 for lane in ("pytorch", "keras", "jax")}
    rows["pytorch"] = rng.random(10_000) < 0.25
    message = "lane 'pytorch': expected draws distributed as in 'keras'"
    with pytest.raises(parity.ParityError, match=message):
        parity.chance("masks", {"dropout": rows})


def test_too_little_is_refused(shown: list[dict[str, Any]]) -> None:
    with pytest.raises(ValueError, match="at least 100 draws"):
        chance(np.ones(99), np.ones(99))
    with pytest.raises(ValueError, match=r"received shape \(100, 2\)"):
        chance(np.ones((100, 2)), np.ones((100, 2)))
    with pytest.raises(ValueError, match="at least 2 lanes"):
        parity.chance("this", {"row": {"pytorch": np.ones(100)}})
    with pytest.raises(ValueError, match="at least 1 row"):
        parity.chance("this", {})
    assert shown == []
