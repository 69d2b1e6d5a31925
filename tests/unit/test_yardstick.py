"""Rehearsals: whole runs beside the yardstick, in float64 and in float32."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from sidebyside import parity, records
from sidebyside.layout import Weights

X = np.random.default_rng(0).normal(size=(40, 6))
Y = np.sin(X.sum(axis=1))
START: Weights = {
    "hidden": np.random.default_rng(1).normal(size=(6, 8)),
    "output": np.random.default_rng(2).normal(size=8),
}
Results = Mapping[str, Any]


def train(
    start: Weights, *, rate: float = 0.02, steps: int = 30, order: Any = slice(None)
) -> Results:
    """Train a network with a ReLU; `order` of the units changes rounding alone."""
    dtype = start["hidden"].dtype
    inputs, targets = X.astype(dtype), Y.astype(dtype)
    w, v = start["hidden"][:, order].copy(), start["output"][order].copy()
    losses = []
    for _ in range(steps):
        h = np.maximum(inputs @ w, 0)  # (B, D)
        error = h @ v - targets  # (B,)
        losses.append(float((error**2).mean()))
        d = 2 * error / len(error)
        g_v, g_w = h.T @ d, inputs.T @ (np.outer(d, v) * (h > 0))
        v, w = v - dtype.type(rate) * g_v, w - dtype.type(rate) * g_w
    back = np.argsort(np.arange(8)[order])
    ends = {"hidden": w[:, back], "output": v[back]}
    return {
        "loss": np.array(losses),
        "steps": steps,
        "updates": parity.updates(start, ends),
    }


def single(weights: Weights) -> Weights:
    return {name: array.astype(np.float32) for name, array in weights.items()}


BACKWARDS = slice(None, None, -1)


def test_honest_lanes_pass_in_float64(shown: list[dict[str, Any]]) -> None:
    yard = parity.yardstick(train, START, draws=2)
    runs = {"pytorch": train(START), "keras": train(START, order=BACKWARDS)}
    rungs = parity.rehearsal("a run", runs, yard)
    assert [rung.rung for rung in rungs] == ["loss", "steps", "updates"]
    assert all(rung.worst < 1e-12 for rung in rungs)
    record = shown[0][records.MIME]
    assert json.loads(json.dumps(record)) == record
    assert record["dtype"] == "float64"
    assert 0 < record["rungs"][0]["yardstick"] < 1e-13
    assert "yardstick" in shown[0]["text/plain"]


@pytest.mark.usefixtures("shown")
def test_chance_that_is_on_in_the_reference_lane_is_seen() -> None:
    """Its yardstick would be as wide as chance, and excuse everything."""
    rng = np.random.default_rng(3)

    def drawn(start: Weights) -> Results:
        return train(start, steps=30 - int(rng.integers(2)))

    def noisy(start: Weights) -> Results:
        return train({name: w + 1e-3 * rng.normal() for name, w in start.items()})

    for run, row in [(noisy, "loss"), (drawn, "steps")]:
        yard = parity.yardstick(run, START)
        runs = {"pytorch": run(START), "keras": train(START)}
        message = f"rung '{row}' broke: lane 'pytorch'.* random numbers"
        with pytest.raises(parity.ParityError, match=message):
            parity.rehearsal("a run", runs, yard)


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize(
    ("fault", "row"),
    [
        ({"rate": 0.0202}, "loss"),
        ({"steps": 29}, "loss"),
        ({"rate": 0.0200002}, "loss"),
    ],
)
def test_faults_are_seen_in_float64(fault: dict[str, Any], row: str) -> None:
    yard = parity.yardstick(train, START, draws=2)
    runs = {
        "pytorch": train(START),
        "tensorflow": train(START),
        "keras": train(START, **fault),
    }
    with pytest.raises(parity.ParityError, match=f"rung '{row}' broke: lane 'keras'"):
        parity.rehearsal("a run", runs, yard)


@pytest.mark.usefixtures("shown")
def test_a_weight_that_is_never_trained_is_seen() -> None:
    yard = parity.yardstick(train, START, draws=2)
    other = dict(train(START))
    other["updates"] = {**other["updates"], "output": np.zeros(8)}
    with pytest.raises(parity.ParityError, match=r"rung 'updates' .* tensor 'output'"):
        parity.rehearsal("a run", {"pytorch": train(START), "keras": other}, yard)


@pytest.mark.usefixtures("shown")
def test_float32_is_allowed_what_wider_nudges_do() -> None:
    start = single(START)
    yard = parity.yardstick(train, start)
    assert yard.dtype == "float32"
    loss = yard.spread["loss"]["loss"]
    assert loss.shape == (30,)  # epoch by epoch
    assert 0 < loss.max() < 1e-4
    assert yard.wide["loss"]["loss"].max() > 50 * loss.max()
    runs = {"pytorch": train(start), "keras": train(start, order=BACKWARDS)}
    (rung, *_) = parity.rehearsal("a run", runs, yard)
    assert rung.worst < rung.tolerance / 10
    runs["keras"] = train(start, rate=0.03)
    with pytest.raises(parity.ParityError, match="rung 'loss' broke"):
        parity.rehearsal("a run", runs, yard)


@pytest.mark.slow
@pytest.mark.usefixtures("shown")
def test_a_hundred_honest_lanes_raise_no_alarm_in_float32() -> None:
    """Other orders of adding up, other starts: some of them flip a ReLU."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        start = {
            name: rng.normal(size=a.shape).astype("f") for name, a in START.items()
        }
        yard = parity.yardstick(train, start)
        runs = {"pytorch": train(start)}
        for place in range(5):
            runs[f"honest {place}"] = train(start, order=rng.permutation(8))
        parity.rehearsal("honest", runs, yard)


@pytest.mark.usefixtures("shown")
def test_curves_that_end_at_different_epochs_are_compared_as_far_as_both_go() -> None:
    start = single(START)
    yard = parity.yardstick(train, start)
    shorter = dict(train(start, steps=29)) | {"steps": 30, "updates": {}}
    longer = dict(train(start)) | {"updates": {}}
    runs = {
        "pytorch": {"loss": longer["loss"]},
        "keras": {"loss": shorter["loss"]},
    }
    assert parity.rehearsal("a run", runs, yard)[0].passed
    with pytest.raises(parity.ParityError, match=r"expected shape \(30,\)"):
        parity.rehearsal("a run", runs, parity.yardstick(train, START, draws=1))


@pytest.mark.usefixtures("shown")
def test_a_cause_stands_apart() -> None:
    yard = parity.yardstick(train, START, draws=1)
    other = dict(train(START))
    other["updates"] = {**other["updates"], "output": np.zeros(8)}
    runs = {"pytorch": train(START), "keras": other}
    cause = {"keras": {"output": "its output layer is frozen"}}
    rungs = parity.rehearsal("a run", runs, yard, apart=cause)
    assert rungs[-1].cause == "its output layer is frozen"


def test_what_does_not_fit_is_refused() -> None:
    yard = parity.yardstick(train, START, draws=1)
    one, other = train(START), {"loss": np.ones(30)}
    with pytest.raises(ValueError, match=r"the same rows \['loss', .* for 'keras'"):
        parity.rehearsal("a run", {"pytorch": one, "keras": other}, yard)
    with pytest.raises(ValueError, match="at least 2 lanes"):
        parity.rehearsal("a run", {"pytorch": one}, yard)
    with pytest.raises(ValueError, match="expected draws >= 1, received draws=0"):
        parity.yardstick(train, START, draws=0)
    with pytest.raises(ValueError, match=r"expected weights \['a'\], received \['b'\]"):
        parity.updates({"a": np.ones(1)}, {"b": np.ones(1)})
