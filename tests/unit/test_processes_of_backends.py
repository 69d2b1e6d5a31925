"""A Keras program in processes of their own, each with another backend."""

import numpy as np
import pytest

from sidebyside import backends

PROGRAM = """
model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
answer({"doubled": FACTOR * data["x"], "name": np.array(backend)})
if trains:
    model.compile("sgd", "mse")
    rounds = {"epochs": 2, "callbacks": [Rounds()], "shuffle": False}
    model.fit(data["x"], data["x"][:, :1], batch_size=2, verbose=0, **rounds)
"""


@pytest.mark.slow
def test_each_backend_answers_and_makes_rounds(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "numpy")  # is not handed on
    x = np.arange(8, dtype=np.float32).reshape(4, 2)
    names = ["torch", "theano", "numpy"]
    processes = backends.run(names, PROGRAM, {"x": x}, tmp_path, {"FACTOR": 2})
    assert list(processes) == names
    torch, theano, by_numpy = processes.values()
    assert str(torch.results["name"]) == "torch"
    assert (torch.results["doubled"] == 2 * x).all()
    assert str(by_numpy.results["name"]) == "numpy"
    assert not torch.has_tensorflow
    assert not torch.error
    assert "theano" in theano.error
    assert theano.results == {}
    rounds = [torch.turn(), torch.turn()]
    assert all(seconds > 0 and steps == 2 for seconds, steps in rounds)
    for process in processes.values():
        process.close()


@pytest.mark.slow
def test_a_program_that_fails_says_so(tmp_path) -> None:
    processes = backends.run(["torch"], "answer(unknown)", {}, tmp_path, {})
    assert "NameError" in processes["torch"].error
    processes["torch"].close()
