"""Beginning from nothing, in a process a lane."""

import pytest

from sidebyside.reference import fresh


@pytest.mark.slow
def test_every_program_runs_and_says_what_it_cost() -> None:
    for lane in fresh.PROGRAMS:
        said = fresh.run(lane)
        assert said["import_s"] > 0, lane
        assert said["first_step_s"] > 0, lane
        assert said["peak_bytes"] > 50e6, lane
        assert said["total_s"] >= said["import_s"] + said["first_step_s"], lane


def test_each_program_runs_once_before_it_is_measured(monkeypatch) -> None:
    runs: list[str] = []

    def run(lane: str) -> dict[str, float]:
        runs.append(lane)
        return dict.fromkeys(fresh.FIGURES, float(len(runs)))

    monkeypatch.setattr(fresh, "run", run)
    found = fresh.measure(rounds=2)
    assert sorted(runs[:3]) == sorted(fresh.PROGRAMS)
    assert runs[3:] == [*fresh.PROGRAMS] * 2
    assert found["import_s"] == {
        "pytorch": [4, 7],
        "tensorflow": [5, 8],
        "keras": [6, 9],
    }


def test_a_program_that_fails_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    with pytest.raises(RuntimeError, match=r"(?s)fresh: keras failed: .*theano"):
        fresh.run("keras")


def test_no_round_is_refused() -> None:
    with pytest.raises(ValueError, match="expected rounds >= 1, received 0"):
        fresh.measure(0)
