"""What the lines of the Rosetta table find ready: arrays, a model, data."""

import tempfile
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from sidebyside.reference import snippets

_RNG = np.random.default_rng(0)


def _normal(*shape: int) -> np.ndarray:
    return _RNG.normal(size=shape).astype(np.float32)


_SQUARE = _normal(3, 3)
ARRAYS: dict[str, np.ndarray] = {
    "x": _normal(2, 3),
    "y": _normal(2, 3),
    "v": _normal(3),
    "w": _normal(3),
    "s": np.abs(_normal(6)) + np.float32(0.5),
    "n": np.array([3, 1, 2, 1], np.int32),
    "mask": np.array([[True, False, True], [False, True, True]]),
    "index": np.array([2, 0], np.int32),
    "A": _SQUARE @ _SQUARE.T + np.eye(3, dtype=np.float32),
    "B": _normal(3, 2),
    "batch": _normal(4, 2, 3),
    "image": _normal(2, 8, 8, 3),
    "seq": _normal(2, 5, 3),
    "logits": _normal(4, 3),
    "labels": np.array([2, 0, 1, 1], np.int32),
    "probs": np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]], np.float32),
    "other": np.array([[0.5, 0.3, 0.2], [0.2, 0.5, 0.3]], np.float32),
    "scores": _normal(4),
    "hits": np.array([1, 0, 1, 1], np.float32),
    "kernel": _normal(3, 3, 3, 4),
    "signal": _normal(2, 9, 3),
}
"""Name -> what it is in every lane: shapes B, C last; `image` is (B, H, W, C), in
PyTorch (B, C, H, W); `labels` are 64 bits there, since its losses ask for that."""

FOLDER = "_folder"
"""Under this name the temporary folder itself is kept, for whoever removes it."""

WEIGHT, BIAS = _normal(3, 2), _normal(2)
"""Of the given `model`, a dense layer from 3 features to 2."""


def names(lane: str, wanted: set[str]) -> dict[str, Any]:
    """Return what a lane's code sees, with those of the given things that it names."""
    made = snippets.namespace(lane, {})
    if lane == "tensorflow":
        made["tfcore"] = import_module("sidebyside.tfcore")
        made["tf"].get_logger().setLevel("ERROR")  # it reports each file it writes
    for name in sorted(wanted & (ARRAYS.keys() | THINGS.keys())):
        _make(name, lane, made)
    return made


def _make(name: str, lane: str, made: dict[str, Any]) -> Any:
    if name not in made:
        made[name] = THINGS[name](lane, made) if name in THINGS else _tensor(name, lane)
    return made[name]


def _tensor(name: str, lane: str) -> Any:
    array = ARRAYS[name]
    if lane == "pytorch" and name == "image":
        array = np.ascontiguousarray(array.transpose(0, 3, 1, 2))
    if lane == "pytorch" and name in ("labels", "index", "n"):
        array = array.astype(np.int64)
    return snippets.to_tensor(lane, array)


def _model(lane: str, made: dict[str, Any]) -> Any:
    """Return a dense layer, 3 to 2, with the given weights, as a model of the lane."""
    if lane == "pytorch":
        torch = made["torch"]
        model = torch.nn.Linear(3, 2)
        with torch.no_grad():
            model.weight.copy_(torch.from_numpy(WEIGHT.T.copy()))
            model.bias.copy_(torch.from_numpy(BIAS))
        return model
    if lane == "tensorflow":
        model = made["tfcore"].Dense(3, 2)
        model.kernel.assign(WEIGHT)
        model.bias.assign(BIAS)
        return model
    keras = made["keras"]
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.set_weights([WEIGHT, BIAS])
    return model


def _optimizer(lane: str, made: dict[str, Any]) -> Any:
    model = _make("model", lane, made)
    if lane == "pytorch":
        return made["torch"].optim.SGD(model.parameters(), lr=0.1)
    if lane == "tensorflow":
        return made["tfcore"].SGD(model.trainable_variables, 0.1)
    return made["keras"].optimizers.SGD(0.1)


def _gradients(lane: str, made: dict[str, Any]) -> Any:
    """Return gradients of two weights: (3, 2) and (2,), the same in all lanes."""
    arrays = [ARRAYS["B"], ARRAYS["B"][0]]
    return [snippets.to_tensor(lane, array) for array in arrays]


def _moved(lane: str, made: dict[str, Any]) -> Callable[..., Any]:
    """Return a function that tells how far two steps of an optimizer move the kernel.

    Its second argument scales the gradients.
    """
    stepped = _stepped(lane, made)

    def moved(optimizer: Any, scale: float = 1.0) -> np.ndarray:
        return np.asarray(snippets.to_arrays(stepped(optimizer, scale))) - WEIGHT

    return moved


def _stepped(lane: str, made: dict[str, Any]) -> Callable[..., Any]:
    """Return a function that takes two steps of an optimizer and gives the kernel."""
    model = _make("model", lane, made)
    given = _make("gradients", lane, made)

    def two_steps(optimizer: Any, scale: float = 1.0) -> Any:
        gradients = [gradient * scale for gradient in given]
        for _ in range(2):
            if lane == "pytorch":
                model.weight.grad, model.bias.grad = gradients[0].T, gradients[1]
                optimizer.step()
            else:  # the kernel has two axes, the bias one, in whichever order
                weights = model.trainable_variables
                ordered = [gradients[2 - len(w.shape)] for w in weights]
                more = [] if lane == "tensorflow" else [weights]
                optimizer.apply(ordered, *more)
        if lane == "pytorch":
            return model.weight.T
        return model.kernel if lane == "tensorflow" else model.layers[0].kernel.value

    return two_steps


def _variable(lane: str, made: dict[str, Any]) -> Any:
    array = ARRAYS["v"]
    if lane == "pytorch":
        return made["torch"].nn.Parameter(snippets.to_tensor(lane, array))
    if lane == "tensorflow":
        return made["tf"].Variable(array)
    return made["keras"].Variable(array)


def _compiled(lane: str, made: dict[str, Any]) -> Any:
    """Return Keras' model, compiled; the model itself in other lanes."""
    model = _make("model", lane, made)
    if lane == "keras":
        model.compile(made["keras"].optimizers.SGD(0.1), "mse")
    return model


def _dataset(lane: str, made: dict[str, Any]) -> Any:
    """Return a data set of the numbers 0 to 9, with their squares."""
    numbers = np.arange(10, dtype=np.float32)
    if lane == "pytorch":
        both = [snippets.to_tensor(lane, a) for a in (numbers, numbers**2)]
        return made["torch"].utils.data.TensorDataset(*both)
    if lane == "tensorflow":
        return made["tf"].data.Dataset.from_tensor_slices((numbers, numbers**2))

    class Squares(made["keras"].utils.PyDataset):  # type: ignore[misc]
        """Ten numbers, in batches of four."""

        def __len__(self) -> int:
            return 3

        def __getitem__(self, k: int) -> tuple[np.ndarray, np.ndarray]:
            part = numbers[4 * k : 4 * k + 4]
            return part, part**2

    return Squares()


def _folder(lane: str, made: dict[str, Any]) -> str:
    holder = tempfile.TemporaryDirectory()
    made[FOLDER] = holder
    return holder.name


THINGS: dict[str, Callable[[str, dict[str, Any]], Any]] = {
    "model": _model,
    "optimizer": _optimizer,
    "gradients": _gradients,
    "stepped": _stepped,
    "moved": _moved,
    "variable": _variable,
    "compiled": _compiled,
    "dataset": _dataset,
    "folder": _folder,
}
"""Name -> function of the lane and the names made so far."""
