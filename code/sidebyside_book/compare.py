"""The command `sidebyside compare`: two models of yours, in two frameworks."""

import argparse
import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from sidebyside import port, quiet
from sidebyside_book.cli import Commands


def add_parser(commands: Commands) -> None:
    """Add the command to a larger one; `arguments.run(arguments)` then runs it."""
    parser = commands.add_parser(
        "compare",
        help="move the weights of one model to another, and see where they part",
        description="Pair the layers of two models, copy the weights of the first into "
        "the second, run both on one input, and say where they part. The exit status "
        "is 1 if they part, 2 if they can't be compared.",
    )
    for name in ("source", "target"):
        parser.add_argument(
            name,
            metavar=name.upper(),
            help="file and function that returns the model: model.py:make_model",
        )
    parser.add_argument(
        "--input",
        action="append",
        required=True,
        metavar="SHAPE",
        help="shape of an input of the source, 1,3,224,224, filled at random; "
        "or a .npy file. Once for each input",
    )
    parser.add_argument(
        "--target-input",
        action="append",
        metavar="SHAPE",
        help="the target's, if channels last is not enough: the order of the "
        "axes, 0,2,1; or a .npy file",
    )
    parser.add_argument(
        "--integers",
        type=int,
        metavar="N",
        help="fill inputs with whole numbers from 0 to N - 1, as for an embedding",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the inputs")
    parser.add_argument(
        "--pair",
        action="append",
        default=[],
        metavar="SOURCE=TARGET",
        help="layers that belong together, by their paths",
    )
    parser.add_argument(
        "--flattened",
        action="append",
        default=[],
        metavar="TARGET=C,H,W",
        help="a dense layer of the target, and what the source flattens before it",
    )
    parser.add_argument(
        "--no-copy",
        action="store_true",
        help="compare the weights that the target has",
    )
    parser.add_argument(
        "--training",
        action="store_true",
        help="compare averages of batch norms after a batch in training mode, too",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Compare two models and return the exit status."""
    inputs = given(arguments.input, arguments.integers, arguments.seed)
    other = moved(inputs, arguments.target_input)
    pairs = dict(split("--pair", text) for text in arguments.pair)
    flattened = {
        path: whole("--flattened", sizes)
        for path, sizes in (split("--flattened", text) for text in arguments.flattened)
    }
    with quiet(), suppress(ImportError):
        import torch  # noqa: F401  # before TensorFlow, whoever imports that
    with quiet():
        source, target = map(model, (arguments.source, arguments.target))

    options: dict[str, Any] = {"pairs": pairs, "flattened": flattened}
    try:
        matched = port.match(source, target, inputs, target_inputs=other, **options)
    except TypeError as error:  # it is no model
        raise ValueError(str(error)) from error
    print(matched, end="\n\n")
    compared = port.compare(
        matched, copy=not arguments.no_copy, training=arguments.training
    )
    print(compared)
    return 0 if compared.passed else 1


def model(place: str) -> Any:
    """Return what a function of a file returns.

    Args:
        place: `file.py:function`.

    Raises:
        ValueError: If the file can't be imported, or has no such function.
    """
    path, _, name = place.rpartition(":")
    file = Path(path)
    if not path or not file.is_file():
        raise ValueError(
            f"compare: expected a file and a function, model.py:make_model, "
            f"received {place!r}"
        )
    spec = importlib.util.spec_from_file_location(file.stem, file.resolve())
    if spec is None or spec.loader is None:
        raise ValueError(f"compare: expected a Python file, received {path!r}")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(file.resolve().parent))  # what stands beside it
    try:
        with _blaming(place):
            spec.loader.exec_module(module)
    finally:
        del sys.path[0]
    make: Callable[[], Any] | None = getattr(module, name, None)
    if not callable(make):
        known = ", ".join(n for n in vars(module) if callable(getattr(module, n)))
        raise ValueError(
            f"compare: expected a function of {path} ({known}), received {name!r}"
        )
    with _blaming(place):
        return make()


@contextmanager
def _blaming(place: str) -> Iterator[None]:
    """Show the trace of what the user's own code raises, and say whose it is."""
    try:
        yield
    except (Exception, SystemExit) as error:
        traceback.print_exc()
        raise ValueError(
            f"compare: expected a model from {place}, received "
            f"{type(error).__name__}: {error}"
        ) from error


def given(texts: Iterable[str], integers: int | None, seed: int) -> list[np.ndarray]:
    """Return the inputs that shapes or files describe.

    Args:
        texts: `"1,3,224,224"`, or the path of a `.npy` file.
        integers: Below which whole numbers are drawn; None for normal float32.
        seed: Of the draws.
    """
    if integers is not None and integers < 1:
        raise ValueError(
            f"compare: expected --integers of 1 or more, received {integers}"
        )
    rng, arrays = np.random.default_rng(seed), []
    for text in texts:
        if text.endswith(".npy"):
            arrays.append(np.load(text, allow_pickle=False))
        elif integers is not None:
            arrays.append(rng.integers(0, integers, whole("--input", text)))
        else:
            arrays.append(rng.normal(size=whole("--input", text)).astype(np.float32))
    return arrays


def moved(inputs: list[np.ndarray], texts: list[str] | None) -> list[np.ndarray] | None:
    """Return the target's inputs: files, or the source's with their axes permuted."""
    if texts is None:
        return None
    if len(texts) != len(inputs):
        raise ValueError(
            f"compare: expected as many --target-input as --input, {len(inputs)}, "
            f"received {len(texts)}"
        )
    arrays = []
    for array, text in zip(inputs, texts, strict=True):
        if text.endswith(".npy"):
            arrays.append(np.load(text, allow_pickle=False))
            continue
        axes = whole("--target-input", text, least=0)
        if sorted(axes) != list(range(array.ndim)):
            raise ValueError(
                f"compare: expected an order of {array.ndim} axes as --target-input, "
                f"received {text!r}"
            )
        arrays.append(np.ascontiguousarray(array.transpose(axes)))
    return arrays


def whole(option: str, text: str, least: int = 1) -> tuple[int, ...]:
    """Return whole numbers that commas separate.

    Raises:
        ValueError: If something else is given, or a number is too small.
    """
    parts = text.split(",")
    if not all(part.strip().isdecimal() and int(part) >= least for part in parts):
        raise ValueError(
            f"compare: expected whole numbers of {least} or more, 1,3,224,224, as "
            f"{option}, received {text!r}"
        )
    return tuple(map(int, parts))


def split(option: str, text: str) -> tuple[str, str]:
    """Return what stands before and behind the `=`."""
    before, sign, behind = text.partition("=")
    if not (before and sign and behind):
        raise ValueError(f"compare: expected NAME=VALUE as {option}, received {text!r}")
    return before, behind
