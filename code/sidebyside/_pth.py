"""PyTorch's files of weights, read as NumPy arrays where PyTorch is not installed.

`torch.save` has written two formats: since version 1.6 a zip archive, before that
pickles one after another, with the numbers behind them. Both name what they hold by a
pickle. It is read here by an unpickler that knows tensors and nothing else, so that a
file can call no code.

Source: `torch/serialization.py` of PyTorch 2.13, `_save`, `_legacy_save` and `_load`.
"""

import pickle
import struct
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

DTYPES = {
    "BoolStorage": "?",
    "ByteStorage": "u1",
    "CharStorage": "i1",
    "ShortStorage": "<i2",
    "IntStorage": "<i4",
    "LongStorage": "<i8",
    "HalfStorage": "<f2",
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
}
"""PyTorch's classes of storages whose numbers NumPy has, too."""
LEGACY = 0x1950A86A20F9469CFC6C
"""The first number of a file of the older format."""
BROKEN = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    pickle.PickleError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
"""What reading raises where a file ends early, or is none of PyTorch's."""


@dataclass
class Storage:
    """A row of numbers that tensors are views of.

    Attributes:
        dtype: Of its numbers, as NumPy writes it.
        size: How many there are.
        numbers: The numbers, once they are read: shape (size,).
    """

    dtype: str
    size: int
    numbers: np.ndarray | None = None

    def fill(self, content: bytes) -> None:
        """Take the numbers from bytes.

        Raises:
            ValueError: If there are too few bytes or too many.
        """
        expected = self.size * np.dtype(self.dtype).itemsize
        if len(content) != expected:
            raise ValueError(f"expected {expected} bytes, received {len(content)}")
        self.numbers = np.frombuffer(content, self.dtype)


@dataclass(frozen=True)
class View:
    """A tensor as a file describes it: `offset` and `strides` count numbers."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def array(self) -> np.ndarray:
        """Return the tensor as an array of its own, contiguous.

        Raises:
            ValueError: If it reaches beyond its storage.
        """
        numbers = self.storage.numbers
        places = zip(self.shape, self.strides, strict=True)
        last = self.offset + sum((n - 1) * stride for n, stride in places)
        inside = min((self.offset, *self.shape, *self.strides)) >= 0
        if 0 not in self.shape:
            inside &= last < self.storage.size
        if numbers is None or not inside:
            raise ValueError(f"expected a view inside {self.storage.size} numbers")
        steps = [stride * numbers.itemsize for stride in self.strides]
        part = numbers[self.offset :]
        return np.lib.stride_tricks.as_strided(part, self.shape, steps).copy()


class Tensors(pickle.Unpickler):
    """Reads a pickle of tensors, and refuses all else that a pickle may call."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        self.storages: dict[str, Storage] = {}

    def find_class(self, module: str, name: str) -> Callable[..., Any] | str:
        """Return what a pickle may name.

        Raises:
            ValueError: If it names anything but tensors, storages, ordered dicts.
        """
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _view
        if module == "torch" and name.endswith("Storage"):
            if name not in DTYPES:
                raise ValueError(f"expected a dtype that NumPy has, received {name}")
            return DTYPES[name]
        raise ValueError(f"expected tensors and nothing else, received {module}.{name}")

    def persistent_load(self, pid: Any) -> Storage:
        """Return the storage of this description; its numbers come later."""
        kind, dtype, key, _, size, *view = pid
        counted = isinstance(size, int) and size >= 0
        if kind != "storage" or not counted or any(view):
            raise ValueError(f"expected a storage, received {pid!r}")
        return self.storages.setdefault(key, Storage(dtype, size))


def _view(
    storage: Storage,
    offset: int,
    shape: Sequence[int],
    strides: Sequence[int],
    requires_grad: bool,
    hooks: Any,
    metadata: Any = None,
) -> View:
    del requires_grad, hooks  # for training; the numbers are the same
    if metadata:  # such as a sign that is to be turned when the numbers are used
        raise ValueError(f"expected tensors without metadata, received {metadata!r}")
    return View(storage, offset, tuple(shape), tuple(strides))


def read(path: Path) -> dict[str, np.ndarray]:
    """Return the tensors of a file that holds a state dict, by name.

    Args:
        path: A file of `torch.save`, in either format.

    Raises:
        OSError: If the file cannot be opened or read.
        ValueError: If it is no file of PyTorch, ends early, holds anything but a flat
            dict of tensors, or tensors of a dtype that NumPy lacks.
    """
    try:
        state = _zipped(path) if zipfile.is_zipfile(path) else _legacy(path)
        return _arrays(state)
    except BROKEN as error:
        message = "expected a file of torch.save, received one that is none or is cut"
        raise ValueError(f"{path.name}: {message}: {error}") from error
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error


def _arrays(state: Any) -> dict[str, np.ndarray]:
    if not isinstance(state, dict):
        raise ValueError(f"expected a dict of tensors, received {type(state).__name__}")
    for name, value in state.items():
        if not isinstance(name, str) or not isinstance(value, View):
            kind = type(value).__name__
            raise ValueError(f"expected tensors by name, received {name!r}: {kind}")
    return {name: view.array() for name, view in state.items()}


def _zipped(path: Path) -> Any:
    """Read the format of PyTorch 1.6 and later."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        listed = next((n for n in names if n.endswith("data.pkl")), "data.pkl")
        root = listed.removesuffix("data.pkl")
        order = f"{root}byteorder"
        if order in names and archive.read(order) != b"little":
            raise ValueError("expected numbers in little-endian order")
        with archive.open(listed) as file:
            unpickler = Tensors(file)
            state = unpickler.load()
        for key, storage in unpickler.storages.items():
            storage.fill(archive.read(f"{root}data/{key}"))
    return state


def _legacy(path: Path) -> Any:
    """Read the older format: five pickles, then size and numbers of each storage."""
    with path.open("rb") as file:
        if Tensors(file).load() != LEGACY:
            raise pickle.UnpicklingError("its first number is another")
        Tensors(file).load()  # the version of the format
        if not Tensors(file).load()["little_endian"]:
            raise ValueError("expected numbers in little-endian order")
        unpickler = Tensors(file)
        state = unpickler.load()
        for key in Tensors(file).load():
            storage = unpickler.storages[key]
            (size,) = struct.unpack("<q", file.read(8))
            if size != storage.size:
                raise ValueError(f"expected {storage.size} numbers, received {size}")
            storage.fill(file.read(size * np.dtype(storage.dtype).itemsize))
    return state
