"""Races are fair: in turns, warmed up, and equal for equal work."""

import gc
import json
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sidebyside import records, timing

pytestmark = pytest.mark.usefixtures("shown")


@pytest.fixture
def quiet_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count this thread's own time, so that a busy machine does not disturb."""
    monkeypatch.setattr(timing, "time", SimpleNamespace(perf_counter=time.thread_time))


def work(amount: int) -> Callable[[], object]:
    """Return a function whose time is `amount` times some 0.2 ms."""
    return lambda: sum(range(6000 * amount))


@pytest.mark.usefixtures("quiet_clock")
def test_a_function_raced_against_itself_does_not_win() -> None:
    same = work(1)
    results = timing.race("itself", {"one": same, "other": same}, rounds=21)
    assert results["one"].overlaps(results["other"])
    assert max(result.ratio for result in results.values()) < 1.5


@pytest.mark.usefixtures("quiet_clock")
def test_three_times_the_work_takes_three_times_as_long() -> None:
    results = timing.race("work", {"three": work(3), "one": work(1)}, rounds=21)
    assert results["one"].ratio == 1.0
    assert 2.0 < results["three"].ratio < 4.5
    assert not results["one"].overlaps(results["three"])
    assert list(results) == ["three", "one"]


def recorded(rounds: int, seed: int, warmup: int = 2) -> list[str]:
    """Race three contestants that take no time, and return who was called when."""
    calls: list[str] = []
    contestants = {who: lambda who=who: calls.append(who) for who in "abc"}
    timing.race(
        "calls", contestants, rounds=rounds, warmup=warmup, min_seconds=0, seed=seed
    )
    return calls


def test_the_first_call_and_the_warm_up_come_before_the_rounds() -> None:
    calls = recorded(rounds=4, seed=0, warmup=2)
    assert len(calls) == 3 * (1 + 2 + 4)
    assert calls[:9] == ["a", "b", "c", "a", "a", "b", "b", "c", "c"]


def test_every_round_has_each_contestant_once_in_an_order_drawn_anew() -> None:
    calls = recorded(rounds=60, seed=0)[9:]
    rounds = [tuple(calls[i : i + 3]) for i in range(0, len(calls), 3)]
    assert all(sorted(order) == ["a", "b", "c"] for order in rounds)
    assert len(set(rounds)) == 6  # all orders come up
    assert {who for who, *_ in rounds} == {"a", "b", "c"}


def test_the_seed_fixes_the_order() -> None:
    assert recorded(30, seed=1) == recorded(30, seed=1)
    assert recorded(30, seed=1) != recorded(30, seed=2)


class Clock:
    """A clock that contestants move by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        clock = SimpleNamespace(perf_counter=lambda: self.now)
        monkeypatch.setattr(timing, "time", clock)

    def taking(self, *durations: float) -> Callable[[], None]:
        """Return a function that takes these times [s], the last one ever after."""
        left = list(durations)

        def call() -> None:
            self.now += left.pop(0) if len(left) > 1 else left[0]

        return call


def test_the_first_call_stands_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    slow_start = clock.taking(5.0, 0.25)
    results = timing.race("start", {"a": slow_start, "b": clock.taking(0.5)}, rounds=3)
    assert results["a"].first == 5.0
    assert results["a"].samples.tolist() == [0.25] * 3
    assert results["a"].quartiles == (0.25, 0.25)
    assert (results["a"].ratio, results["b"].ratio) == (1.0, 2.0)


def test_a_turn_fills_its_time_and_counts_a_single_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock(monkeypatch)
    calls = 0
    step = clock.taking(0.125)

    def call() -> None:
        nonlocal calls
        calls += 1
        step()

    results = timing.race("turn", {"a": call}, rounds=2, warmup=1, min_seconds=1.0)
    assert calls == 1 + 1 + 2 * 8
    assert results["a"].samples.tolist() == [0.125, 0.125]


def test_median_quartiles_and_overlap() -> None:
    low = timing.Result("low", 0.0, np.array([1.0, 2.0, 3.0, 4.0, 5.0]), 1.0)
    assert low.median == 3.0
    assert low.quartiles == (2.0, 4.0)
    high = timing.Result("high", 0.0, low.samples + 2.5, 1.0)
    touching = timing.Result("touching", 0.0, low.samples + 2.0, 1.0)
    assert not low.overlaps(high)
    assert not high.overlaps(low)
    assert low.overlaps(touching)
    assert touching.overlaps(low)


@pytest.mark.parametrize("was_on", [True, False])
def test_the_garbage_collector_rests_in_a_turn_and_is_as_before(was_on: bool) -> None:
    seen: set[bool] = set()

    def look() -> None:
        seen.add(gc.isenabled())

    def fail() -> None:
        raise RuntimeError("on purpose")

    before = gc.isenabled()
    try:
        (gc.enable if was_on else gc.disable)()
        timing.race("gc", {"a": look}, rounds=1, warmup=1, min_seconds=0)
        assert seen == {False}
        assert gc.isenabled() == was_on
        with pytest.raises(RuntimeError, match="on purpose"):
            timing.race("gc", {"a": fail}, rounds=1)
        assert gc.isenabled() == was_on
    finally:
        (gc.enable if before else gc.disable)()


@pytest.mark.parametrize(
    ("contestants", "options", "received"),
    [
        ({}, {}, "0 contestants"),
        ({"a": work(1)}, {"rounds": 0}, "rounds=0"),
        ({"a": work(1)}, {"warmup": 0}, "warmup=0"),
    ],
)
def test_bad_arguments_are_refused(
    contestants: Any, options: dict[str, int], received: str
) -> None:
    with pytest.raises(ValueError, match=f"race: expected .*received .*{received}"):
        timing.race("bad", contestants, **options)


def test_the_record_holds_all_that_was_measured(
    shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch)
    contestants = {"pytorch": clock.taking(1.0, 0.002), "keras": clock.taking(0.004)}
    results = timing.race("record", contestants, rounds=3)
    (bundle,) = shown
    record = bundle[records.MIME]
    assert json.loads(json.dumps(record)) == record
    assert (record["kind"], record["name"], record["unit"]) == ("race", "record", "s")
    assert record["threads"] >= 1
    assert {"torch", "tensorflow", "keras", "numpy"} <= set(record["versions"])
    pytorch, keras = record["rows"]
    assert pytorch == {
        "lane": "pytorch",
        "median": pytest.approx(0.002),
        "q1": pytest.approx(0.002),
        "q3": pytest.approx(0.002),
        "ratio": 1.0,
        "first": 1.0,
    }
    assert (keras["lane"], keras["ratio"]) == ("keras", pytest.approx(2.0))
    for text in (bundle["text/html"], bundle["text/plain"]):
        for cell in ("record", "2 ms", "4 ms", "2.00", "1 s"):
            assert cell in text
    results._ipython_display_()
    assert len(shown) == 1


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        ([1.0, 1.0, 1.0, 1.0, 1.5], "after 18 to 36 calls"),
        ([3.0, 3.0, 3.0, 3.0, 3.0], "never: slower in every round"),
        ([1.0, 3.0, 1.0, 1.0, 1.0], "undecided: the rounds disagree which is faster"),
    ],
)
def test_a_first_call_pays_only_if_every_round_gains(
    samples: list[float], said: str
) -> None:
    eager = timing.Result("eager", 2.0, np.full(5, 2.0), 1.0)
    compiled = timing.Result("compiled", 20.0, np.array(samples), 1.0)
    assert timing.pays(compiled, eager) == said
