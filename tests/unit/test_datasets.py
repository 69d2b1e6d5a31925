"""The data sets are what they claim, or they are refused."""

import hashlib
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from sidebyside import datasets
from sidebyside.datasets import _catalogue, _shipped

# Accuracies are compared across chapters and versions: the split must not move.
Y_TEST = [7, 6, 3, 7, 7, 3, 2, 8, 9, 3]
IMAGES = ["digits", "fashion-part", "mnist", "fashion-mnist", "cifar-10"]


def catalogue() -> dict[str, Any]:
    text = _catalogue.data_file("datasets.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """A catalogue that the test may change before it is read."""
    known = catalogue()

    def data_file(name: str) -> Path:
        path = tmp_path / name
        path.write_text(yaml.safe_dump(known), encoding="utf-8")
        return path

    monkeypatch.setattr(_catalogue, "data_file", data_file)
    return known


def test_the_part_of_fashion_mnist() -> None:
    part = datasets.load_images("fashion-part")
    for X, y, size in (
        (part.X_train, part.y_train, 6000),
        (part.X_test, part.y_test, 2000),
    ):
        assert (X.shape, X.dtype) == ((size, 28, 28, 1), np.float32)
        assert (y.shape, y.dtype) == ((size,), np.int64)
        assert (X.min(), X.max()) == (0, 1)
        assert np.bincount(y).tolist() == [size // 10] * 10
    # the first labels of the original, all of which are among the first of their class
    assert part.y_train[:10].tolist() == [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]
    assert part.y_test[:10].tolist() == [9, 2, 1, 1, 6, 1, 4, 6, 5, 7]
    assert part.classes[9] == "ankle boot"


def test_the_file_of_the_part_is_the_one_that_the_catalogue_names() -> None:
    path = _shipped.shipped("fashion-part")
    known = catalogue()["fashion-part"]["shipped"]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert known["hash"] == f"sha256:{digest}"
    assert known["url"].endswith(f"/data/{path.name}")
    notice = path.with_suffix(".txt").read_text(encoding="utf-8")
    assert "MIT" in notice
    assert "Copyright (c) 2017 Zalando SE" in notice


def test_a_set_that_the_book_does_not_ship_has_no_file() -> None:
    with pytest.raises(ValueError, match="a data set of the book, received 'digits'"):
        _shipped.shipped("digits")


def test_the_photo_and_its_file() -> None:
    photo = datasets.load_photo("chelsea")
    assert (photo.shape, photo.dtype) == ((224, 224, 3), np.uint8)
    red, green, blue = photo.mean(axis=(0, 1))
    assert red > green > blue  # a ginger cat: the channels stand in this order
    path, known = _shipped.shipped("chelsea"), catalogue()["chelsea"]["shipped"]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert known["hash"] == f"sha256:{digest}"
    assert known["url"].endswith(f"/data/{path.name}")
    assert "CC0" in path.with_suffix(".txt").read_text(encoding="utf-8")


def test_the_cutouts_and_their_file() -> None:
    sizes = {"train": [16] * 7, "test": [18, 15, 6, 10, 6, 8, 13]}
    for split, counts in sizes.items():
        X, y = datasets.load_cutouts(split)
        assert (X.shape, X.dtype) == ((sum(counts), 64, 64, 4), np.uint8)
        assert (y.dtype, np.bincount(y).tolist()) == (np.int64, counts)
        alpha = X[..., 3]
        assert not X[alpha == 0].any()
        share = (alpha > 127).mean(axis=(1, 2))
        assert share.min() > 0
        assert share.max() < 0.95
        sides = [(alpha > 0).any(axis=axis).sum(axis=1) for axis in (1, 2)]
        assert np.max(sides, axis=0).min() > 60  # faint edges vanish in scaling
    path, known = _shipped.shipped("cutouts"), catalogue()["cutouts"]["shipped"]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert known["hash"] == f"sha256:{digest}"
    assert known["url"].endswith(f"/data/{path.name}")
    notice = path.with_suffix(".txt").read_text(encoding="utf-8")
    assert "GNU General Public License" in notice
    assert "Bill Kendrick" in notice


def test_no_photograph_is_in_both_parts() -> None:
    parts = [datasets.load_cutouts(split)[0] for split in ("train", "test")]
    train, test = ({X.tobytes() for X in part} for part in parts)
    assert len(train) + len(test) == 188
    assert not train & test


@pytest.mark.parametrize("split", ["val", "Train", ""])
def test_an_unknown_part_of_the_cutouts_is_refused(split: str) -> None:
    message = f"expected split 'train' or 'test', received split='{split}'"
    with pytest.raises(ValueError, match=f"load_cutouts: {message}"):
        datasets.load_cutouts(split)


@pytest.mark.parametrize("name", ["digits", "fashion-part", "cutouts", "nothing"])
def test_only_a_photo_is_a_photo(name: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        datasets.load_photo(name)


def test_another_photo_is_refused(changed: dict[str, Any]) -> None:
    changed["chelsea"]["sha256"] = 64 * "0"
    with pytest.raises(ValueError, match="expected chelsea with sha256 0000"):
        datasets.load_photo("chelsea")


def test_digits() -> None:
    digits = datasets.load_images("digits")
    for X, y, size in (
        (digits.X_train, digits.y_train, 1437),
        (digits.X_test, digits.y_test, 360),
    ):
        assert (X.shape, X.dtype) == ((size, 8, 8, 1), np.float32)
        assert (y.shape, y.dtype) == ((size,), np.int64)
        assert (X.min(), X.max()) == (0, 1)
        assert set(y) == set(range(10))
    assert digits.classes == list("0123456789")


def test_the_split_is_disjoint_complete_and_stratified() -> None:
    from sklearn.datasets import load_digits

    digits = datasets.load_images("digits")
    bunch = load_digits()

    def rows(X: np.ndarray, y: np.ndarray) -> list[tuple[float, ...]]:
        flat = X.reshape(len(X), 64).astype(float)
        return [
            (*pixels, label) for pixels, label in zip(flat.tolist(), y, strict=True)
        ]

    train = rows(digits.X_train, digits.y_train)
    test = rows(digits.X_test, digits.y_test)
    assert sorted(train + test) == sorted(rows(bunch.images / 16, bunch.target))
    assert not set(train) & set(test)
    counts = [np.bincount(y) for y in (digits.y_train, digits.y_test)]
    np.testing.assert_allclose(counts[1] / (counts[0] + counts[1]), 0.2, atol=0.005)


def test_the_split_is_the_same_every_time() -> None:
    X, y = datasets.load_digits("test")
    np.random.seed(5)  # the global state must not matter
    again_X, again_y = datasets.load_digits("test")
    np.testing.assert_array_equal(X, again_X)
    np.testing.assert_array_equal(y, again_y)
    assert y[:10].tolist() == Y_TEST


@pytest.mark.parametrize("split", ["train", "test"])
def test_load_digits_is_one_part_of_it(split: str) -> None:
    X, y = datasets.load_digits(split)
    digits = datasets.load_images("digits")
    np.testing.assert_array_equal(X, getattr(digits, f"X_{split}"))
    np.testing.assert_array_equal(y, getattr(digits, f"y_{split}"))


def test_diabetes() -> None:
    table = datasets.load_diabetes()
    assert (table.X.shape, table.X.dtype) == ((442, 10), np.float64)
    assert (table.y.shape, table.y.dtype) == ((442,), np.float64)
    np.testing.assert_allclose(table.X.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(table.X.var(axis=0), 1, rtol=1e-12)
    assert (table.y.min(), table.y.max()) == (25, 346)
    assert table.names[:3] == ["age", "sex", "bmi"]


def test_affairs() -> None:
    table = datasets.load_affairs()
    assert (table.X.shape, table.X.dtype) == ((6366, 8), np.float64)
    assert (table.y.shape, table.y.dtype) == ((6366,), np.float64)
    assert table.X.flags.c_contiguous
    assert "affairs" not in table.names  # the target is no feature
    assert len(table.names) == len(set(table.names)) == 8
    assert np.isfinite(table.X).all()
    for name, top in {"rate_marriage": 5, "religious": 4, "occupation_husb": 6}.items():
        column = table.X[:, table.names.index(name)]
        assert set(column) == set(range(1, top + 1))
    assert table.y.min() == 0
    assert (table.y > 0).sum() == 2053


@pytest.mark.parametrize(
    ("name", "load"),
    [
        ("digits", lambda: datasets.load_images("digits")),
        ("fashion-part", lambda: datasets.load_images("fashion-part")),
        ("cutouts", lambda: datasets.load_cutouts("test")),
        ("diabetes", datasets.load_diabetes),
        ("affairs", datasets.load_affairs),
    ],
)
def test_other_bytes_are_refused(changed: dict[str, Any], name: str, load: Any) -> None:
    load()
    expected = changed[name]["sha256"]
    changed[name]["sha256"] = wrong = "0" * 64
    message = f"expected {name} with sha256 {wrong}, received {expected}"
    with pytest.raises(ValueError, match=message):
        load()


@pytest.mark.parametrize("name", ["digit", "MNIST", ""])
def test_an_unknown_name_is_refused(name: str) -> None:
    known = re.escape(str(sorted(catalogue())))
    with pytest.raises(ValueError, match=f"expected one of {known}, received {name!r}"):
        datasets.load_images(name)


@pytest.mark.parametrize("name", ["diabetes", "cutouts"])
def test_what_is_no_set_of_images_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=rf"expected a set of images, .* '{name}'"):
        datasets.load_images(name)


@pytest.mark.parametrize("split", ["val", "Train", ""])
def test_an_unknown_split_is_refused(split: str) -> None:
    message = f"expected split 'train' or 'test', received split='{split}'"
    with pytest.raises(ValueError, match=f"load_digits: {message}"):
        datasets.load_digits(split)


def test_every_entry_says_what_a_reader_must_know() -> None:
    for name, entry in catalogue().items():
        for key in ("title", "source", "licence", "units"):
            assert entry[key].strip(), (name, key)
        checked = {"sha256", "files", "package"} & entry.keys()
        assert len(checked) == 1, name
        for file in entry.get("files", []):
            kind, digest = file["hash"].split(":")
            assert len(digest) == {"sha256": 64, "md5": 32}[kind], (name, file)
            assert file["url"].startswith("https://")
    for name in IMAGES:
        entry = catalogue()[name]
        assert len(entry["shape"]) == 3
        assert len(set(entry["classes"])) == 10


def test_an_entry_that_is_incomplete_is_named(changed: dict[str, Any]) -> None:
    del changed["digits"]["licence"]
    changed["digits"]["sha256"] = "0"
    wrong = "datasets.yaml: digits: expected a field 'licence'.*; sha256: expected 64"
    with pytest.raises(ValueError, match=wrong):
        datasets.load_images("digits")


def test_the_table_of_a_data_set_shows_its_arrays() -> None:
    shown = datasets.describe("digits", X=np.zeros((3, 8), np.float32)).data
    for text in ("CC BY 4.0", "doi.org/10.24432/C50P49", "(3, 8), float32", "0 to 16"):
        assert text in shown
    with pytest.raises(ValueError, match="received 'numbers'"):
        datasets.describe("numbers")


def test_a_missing_data_file_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"expected 'none\.yaml' at .*_data"):
        _catalogue.data_file("none.yaml")
