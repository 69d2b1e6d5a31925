"""`sidebyside compare`: two models in files of the user's, a table, an exit status."""

from pathlib import Path

import numpy as np
import pytest

from sidebyside_book import cli

SOURCE = """
import torch
from torch import nn

def make_model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(64, 2))
"""
TARGET = """
import keras
from names import SIZE

def make_model(activation="relu"):
    return keras.Sequential([
        keras.Input((6, 6, 3)),
        keras.layers.Conv2D(4, SIZE, activation=activation),
        keras.layers.Flatten(),
        keras.layers.Dense(2, name="head"),
    ])

def wrong():
    return make_model("tanh")

number = 1
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "source.py").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "target.py").write_text(TARGET, encoding="utf-8")
    (tmp_path / "names.py").write_text("SIZE = 3\n", encoding="utf-8")
    return tmp_path


def compare(folder: Path, *options: str, target: str = "make_model") -> int:
    places = [f"{folder}/source.py:make_model", f"{folder}/target.py:{target}"]
    return cli.main(["compare", *places, *options])


IMAGES = ("--input", "2,3,6,6")
FLATTENED = ("--flattened", "head=4,4,4")


def test_status_0_if_they_agree(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare(folder, *IMAGES, *FLATTENED) == 0
    said = capsys.readouterr().out
    assert "2 pairs of layers, 0 ambiguous" in said
    assert "The models agree in every layer." in said
    np.save(folder / "x.npy", np.ones((2, 3, 6, 6), np.float32))
    order = ("--target-input", "0,2,3,1")
    assert compare(folder, "--input", f"{folder}/x.npy", *order, *FLATTENED) == 0


def test_status_1_if_they_part(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare(folder, *IMAGES) == 1
    assert "layout before a flatten" in capsys.readouterr().out
    assert compare(folder, *IMAGES, *FLATTENED, target="wrong") == 1
    assert "the source computes ReLU, the target tanh" in capsys.readouterr().out
    assert compare(folder, *IMAGES, *FLATTENED, "--no-copy") == 1


@pytest.mark.parametrize(
    ("options", "target", "message"),
    [
        (("--input", "2,x"), "make_model", "expected whole numbers of 1 or more"),
        (("--input", "2,0"), "make_model", "expected whole numbers of 1 or more"),
        (IMAGES, "absent", r"expected a function of"),
        (IMAGES, "number", r"received 'number'"),
        ((*IMAGES, "--pair", "0"), "make_model", "expected NAME=VALUE as --pair"),
        ((*IMAGES, "--pair", "0=no"), "make_model", "expected a path of the target"),
        ((*IMAGES, "--target-input", "0,1"), "make_model", "an order of 4 axes"),
        ((*IMAGES, "--integers", "0"), "make_model", "--integers of 1 or more"),
    ],
)
def test_status_2_and_a_sentence_if_they_cannot_be_compared(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    target: str,
    message: str,
) -> None:
    assert compare(folder, *options, target=target) == 2
    said = capsys.readouterr().err
    assert message in said
    assert "Traceback" not in said


def test_a_file_that_is_not_there_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = [f"{folder}/absent.py:make_model", f"{folder}/target.py:make_model"]
    assert cli.main(["compare", *places, *IMAGES]) == 2
    assert "expected a file and a function" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "raised"),
    [
        ("import absent_package", "ModuleNotFoundError: No module named"),
        ("raise SystemExit('no')", "SystemExit: no"),
        ("a syntax error", "SyntaxError: invalid syntax"),
    ],
)
def test_what_a_users_function_raises_is_shown_and_told(
    folder: Path, capsys: pytest.CaptureFixture[str], line: str, raised: str
) -> None:
    with (folder / "target.py").open("a", encoding="utf-8") as file:
        file.write(f"\ndef broken():\n    {line}\n")
    assert compare(folder, *IMAGES, target="broken") == 2
    said = capsys.readouterr().err
    assert line in said
    assert f"target.py:broken, received {raised}" in said


def test_what_is_no_model_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (folder / "target.py").open("a", encoding="utf-8") as file:
        file.write("\ndef weights():\n    return make_model().weights\n")
    assert compare(folder, *IMAGES, target="weights") == 2
    assert "or a keras.Model, received list" in capsys.readouterr().err
