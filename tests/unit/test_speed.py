"""The race of the lab on speed: workloads, processes, rounds, verdicts."""

import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from sidebyside import speed
from sidebyside.speed import fleet as fleet_module
from sidebyside.speed import tasks

NONE = np.ones(5)


@pytest.mark.parametrize("name", speed.TASKS)
def test_a_task_has_whole_batches_and_labels_below_its_classes(name):
    task = replace(speed.TASKS[name], steps=2)
    data = speed.arrays(task)
    first = tasks.weights(name, task.sizes)
    classes = first["output/bias"].size
    assert len(data["X"]) == len(data["y"]) == 2 * task.batch_size
    assert len(data["X_test"]) == task.tests == task.batch_size
    assert 0 <= data["y"].min() <= data["y"].max() < classes
    assert data["X"].dtype in (np.float32, np.int32)


def test_the_same_seed_draws_the_same(tmp_path):
    task = replace(speed.TASKS["recommender"], steps=1, sizes=(800, 2, 3))
    for name in ("a", "b"):
        speed.write(tmp_path, {name: task}, seed=3)
    (data, first), (again, other) = (tasks.read(tmp_path, name) for name in "ab")
    assert all(np.array_equal(data[name], again[name]) for name in data)
    assert all(np.array_equal(first[name], other[name]) for name in first)
    assert first["embedding/embeddings"].shape == (800, 2)


def test_ids_have_their_own_part_of_the_table():
    data = speed.arrays(replace(speed.TASKS["recommender"], steps=1))
    rows = speed.TASKS["recommender"].sizes[0] // tasks.FIELDS
    assert (data["X"] // rows == np.arange(tasks.FIELDS)).all()


def test_the_next_character_is_the_label():
    data = speed.arrays(replace(speed.TASKS["lstm"], steps=1))
    assert (data["X"][:, 1:] == data["y"][:, :-1]).all()


def multiplications(name, batch_size, sizes):
    made = speed.products(name, batch_size, sizes)
    return sum(t * b * m * k * n for t, b, m, k, n in made)


def test_products_count_forward_and_backward():
    own = multiplications("mlp", 64, (256,))
    assert own == 64 * (2 * 784 * 256 + 3 * 256 * 10)


@pytest.mark.parametrize("name", speed.TASKS)
def test_products_grow_with_the_batch(name):
    task = speed.TASKS[name]
    one, two = (multiplications(name, B, task.sizes) for B in (8, 16))
    assert two == 2 * one


def test_rows_are_images_with_their_labels(tmp_path):
    size = speed.write_rows(tmp_path / "rows", 6010)
    rows = np.fromfile(tmp_path / "rows", np.uint8).reshape(-1, tasks.ROW)
    assert size == 6010 * tasks.ROW
    assert (rows[:10] == rows[6000:]).all()
    assert set(rows[:, -1]) <= set(range(10))


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ([1.3, 1.4, 1.5, 1.3, 9], True),
        ([1.3, 1.2, 1.5, 1.3, 9], None),  # one round is not clear
        ([0.9, 0.8, 0.9, 0.7, 0.9], False),
        ([0.9, 0.8, 1.1, 0.7, 0.9], None),
        ([9, 9, 9, 9], None),  # too few rounds
    ],
)
def test_clearly_faster_is_so_in_every_round(second, expected):
    second = np.array(second)
    assert speed.faster(NONE[: len(second)], second) is expected
    assert speed.slower(second, NONE[: len(second)]) is expected


@pytest.mark.parametrize(
    ("truths", "all_hold", "one_holds"),
    [
        ([True, True], True, True),
        ([True, None], None, True),
        ([False, None], False, None),
        ([False, False], False, False),
        ([True], None, True),  # one of two was not measured
        ([False], False, None),
        ([], None, None),
    ],
)
def test_what_was_not_measured_is_open(truths, all_hold, one_holds):
    assert speed.everywhere(truths, of=2) is all_hold
    assert speed.anywhere(truths, of=2) is one_holds


def test_workloads_refute_all_and_show_some_and_nothing_else():
    assert speed.everywhere([True, True]) is None
    assert speed.everywhere([True, False]) is False
    assert speed.anywhere([False, True]) is True
    assert speed.anywhere([False, False]) is None


def test_lanes_are_compared_by_their_fastest_ways():
    times = {"PyTorch, eager": NONE, "TensorFlow, graph": 3 * NONE}
    times |= {"Keras on JAX": 2 * NONE, "Keras on PyTorch": 9 * NONE}
    every = ("PyTorch", "TensorFlow", "Keras")
    found = speed.compared(times, every)
    assert found["Keras", "TensorFlow"] is True
    assert found["Keras", "PyTorch"] is False
    assert speed.leads(found, "PyTorch") is True
    assert speed.trails(found, "TensorFlow") is True
    assert speed.trails(found, "Keras") is False


def test_a_lane_that_lacks_a_way_does_not_lose():
    times = {"PyTorch, eager": 3 * NONE, "TensorFlow, graph": NONE}
    found = speed.compared(times, ["TensorFlow"])
    assert found == {("PyTorch", "TensorFlow"): None, ("TensorFlow", "PyTorch"): None}


def test_every_way_has_a_process_and_the_name_of_its_lane():
    lanes = {"pytorch": "PyTorch", "tensorflow": "TensorFlow", "keras": "Keras"}
    for name, way in speed.WAYS.items():
        assert speed.lane(name) == lanes[speed.LANES[way.worker][0]]


class Told:
    """A process that says how long a turn took."""

    def __init__(self, seen):
        self.seen = seen

    def ask(self, do, *, key, repeats):
        self.seen.append(key)
        return {"seconds": float(len(key)), "processor": len(key) / 2}


def test_every_turn_comes_once_a_round_in_other_orders():
    seen = []
    fleet = SimpleNamespace(workers={"one": Told(seen), "two": Told(seen)})
    turns = {("a", str(k)): speed.Turn("one", "x" * k) for k in range(1, 6)}
    turns["b"] = speed.Turn("two", "y")
    times = speed.measure(fleet, turns, rounds=4)
    rounds = [seen[i : i + 6] for i in range(0, 24, 6)]
    assert all(sorted(order) == sorted(rounds[0]) for order in rounds)
    assert len({tuple(order) for order in rounds}) > 1
    assert times["a", "3"].seconds.tolist() == 4 * [3]
    assert (times["a", "3"] / 3).processor.tolist() == 4 * [0.5]
    assert speed.plain(times)["a | 3"]["seconds"] == 4 * [3.0]


def test_a_page_has_all_definitions_of_its_cells_each_once():
    text = speed.page([multiplications, test_products_count_forward_and_backward])
    assert text.count("def multiplications" + "(") == 1
    assert "class Told:" in text
    assert not text.startswith(('"""', "import", "NONE"))


def test_the_cell_of_a_class_is_that_of_its_functions():
    assert speed.page([Told]) == speed.page([multiplications])


def test_a_process_gets_its_threads_and_no_gpu(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET", "1")
    made = speed.environment(2, "jax", tmp_path)
    assert made["OMP_NUM_THREADS"] == made["NPROC"] == "2"
    assert (made["KERAS_BACKEND"], made["CUDA_VISIBLE_DEVICES"]) == ("jax", "")
    assert "SECRET" not in made
    assert "KERAS_BACKEND" not in speed.environment(1, None, tmp_path)


def test_a_process_that_ends_says_why(tmp_path, monkeypatch):
    monkeypatch.setattr(fleet_module, "PROGRAM", [sys.executable, "-c", "import nix"])
    worker = speed.Worker("pytorch", tmp_path, 1)
    with pytest.raises(RuntimeError, match=r"of pytorch; .*No module named 'nix'"):
        worker.ready()
    worker.close()


ECHO = """
import json, sys, time
print(json.dumps({"processor": 0.1, "number": 0}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    time.sleep(request.get("seconds", 0))
    answer = {"did": request["do"], "number": request["number"]}
    print(json.dumps(answer), flush=True)
"""


@pytest.fixture
def echo(tmp_path, monkeypatch):
    monkeypatch.setattr(fleet_module, "PROGRAM", [sys.executable, "-c", ECHO])
    worker = speed.Worker("pytorch", tmp_path, 1)
    worker.ready()
    yield worker
    worker.close()


def test_a_process_that_was_killed_is_named_as_often_as_it_is_asked(echo):
    echo._process.kill()
    echo._process.wait()
    for _ in range(2):
        with pytest.raises(RuntimeError, match=r"of pytorch; .* status -?\d"):
            echo.ask("turn", key=100_000 * "x")


def test_a_process_that_stays_silent_is_ended(echo, monkeypatch):
    monkeypatch.setattr(fleet_module, "PATIENCE", 0.5)
    with pytest.raises(RuntimeError, match="of pytorch; it ended with status"):
        echo.ask("turn", seconds=60)
    assert echo._process.poll() is not None


def test_the_answer_to_a_request_that_was_interrupted_is_passed_over(echo, monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(echo, "_answer", interrupted)
        with pytest.raises(KeyboardInterrupt):
            echo.ask("first")
    assert echo.ask("second") == {"did": "second"}
