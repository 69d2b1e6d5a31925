"""The loaders: every one returns checked NumPy arrays."""

from typing import NamedTuple

import numpy as np

from sidebyside.datasets import _download
from sidebyside.datasets._catalogue import check_sha256, entry
from sidebyside.datasets._shipped import shipped

_TEST_SHARE = 0.2
_SPLIT_SEED = 0  # fixed, so that accuracies can be compared across chapters


class Images(NamedTuple):
    """A labelled set of images, split for good.

    Attributes:
        X_train: Shape (N, H, W, C), float32, 0 to 1.
        y_train: Shape (N,), int64.
        X_test: Shape (M, H, W, C), float32, 0 to 1.
        y_test: Shape (M,), int64.
        classes: The name of each label.
    """

    X_train: np.ndarray
    y_train: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    classes: list[str]


class Table(NamedTuple):
    """Features and a target.

    Attributes:
        X: Shape (N, C), float64.
        y: Shape (N,), float64.
        names: The name of each feature.
    """

    X: np.ndarray
    y: np.ndarray
    names: list[str]


def load_affairs() -> Table:
    """Return a survey of 1974 about marriages: X (6366, 8), y (6366,), both float64.

    The columns stay as the readers of a magazine gave them: numbers, ordered answers
    and codes of occupations side by side. `y` is 0 for two answers out of three.
    """
    from statsmodels.datasets import fair

    frame = fair.load_pandas().data
    names = [name for name in frame.columns if name != "affairs"]
    X = np.ascontiguousarray(frame[names].to_numpy(np.float64))
    y = frame["affairs"].to_numpy(np.float64)
    check_sha256("affairs", X, y)
    return Table(X, y, names)


def load_cutouts(split: str) -> tuple[np.ndarray, np.ndarray]:
    """Return one part of the photographs of Tux Paint, cut out of their background.

    Their names are those of `datasets.describe("cutouts")`: seven kinds of things.

    Args:
        split: `"train"` (112 photographs, 16 of each kind) or `"test"` (76, 6 to 18).

    Returns:
        Photographs (N, 64, 64, 4), uint8: red, green, blue, alpha, 0 to 255; where
        alpha is 0 there is nothing. Labels (N,), int64.

    Raises:
        ValueError: If `split` is neither, or its content is not as expected.
        ConnectionError: If the file was left out and cannot be fetched.
    """
    if not isinstance(split, str) or split not in ("train", "test"):
        raise ValueError(
            f"load_cutouts: expected split 'train' or 'test', received split={split!r}"
        )
    arrays = _download.npz([shipped("cutouts")])
    check_sha256("cutouts", *arrays)
    X_train, y_train, X_test, y_test = arrays
    X, y = (X_train, y_train) if split == "train" else (X_test, y_test)
    return X, y.astype(np.int64)


def load_diabetes() -> Table:
    """Return the diabetes table: X (442, 10) standardized, y (442,), both float64.

    Each column has mean 0 and variance 1, so that gradient descent on a linear model
    needs no odd learning rate. They are made from the raw table, of four decimals: the
    last bits of what scikit-learn returns differ from version to version.
    """
    from sklearn.datasets import load_diabetes as load

    bunch = load(scaled=False)
    raw = np.round(bunch.data, 4)
    check_sha256("diabetes", raw, bunch.target)
    X = (raw - raw.mean(axis=0)) / raw.std(axis=0)
    return Table(X, bunch.target, list(bunch.feature_names))


def load_digits(split: str) -> tuple[np.ndarray, np.ndarray]:
    """Return one part of the bundled digits, stratified by label.

    Args:
        split: `"train"` (1,437 images) or `"test"` (360).

    Returns:
        Images (N, 8, 8, 1), float32, 0 to 1; labels (N,), int64.

    Raises:
        ValueError: If `split` is neither, or the bundled data are not as expected.
    """
    if not isinstance(split, str) or split not in ("train", "test"):
        raise ValueError(
            f"load_digits: expected split 'train' or 'test', received split={split!r}"
        )
    images = load_images("digits")
    if split == "train":
        return images.X_train, images.y_train
    return images.X_test, images.y_test


def load_images(name: str) -> Images:
    """Return a set of images; those that are not bundled need a network once.

    Args:
        name: `"digits"` (bundled, 8 x 8), `"fashion-part"` (bundled, 28 x 28,
            6,000 training and 2,000 test images), `"mnist"`, `"fashion-mnist"` (28 x
            28, 70,000 images) or `"cifar-10"` (32 x 32, colour).

    Raises:
        ValueError: If there is no such set, or its content is not the expected one.
        ConnectionError: If it must be downloaded and cannot be.
    """
    known = entry(name)
    if known.shape is None:
        raise ValueError(f"load_images: expected a set of images, received {name!r}")
    if name == "digits":
        X_train, y_train, X_test, y_test = _split_digits()
    elif known.shipped is not None:
        X_train, y_train, X_test, y_test = arrays = _download.npz([shipped(name)])
        check_sha256(name, *arrays)
    else:
        X_train, y_train, X_test, y_test = _download.read(
            name, _download.download(name)
        )
    top = np.float32(16 if name == "digits" else 255)
    shape = (-1, *known.shape)  # (N, H, W, C)
    return Images(
        X_train.reshape(shape).astype(np.float32) / top,
        y_train.astype(np.int64),
        X_test.reshape(shape).astype(np.float32) / top,
        y_test.astype(np.int64),
        list(known.classes),
    )


def load_photo(name: str) -> np.ndarray:
    """Return a photo that the book ships: (H, W, 3), uint8, red, green, blue.

    Args:
        name: `"chelsea"`, a cat, 224 x 224 pixels.

    Raises:
        ValueError: If there is no such photo, or its content is not the expected one.
        ConnectionError: If its file was left out and cannot be fetched.
    """
    known = entry(name)
    if known.shipped is None or known.classes:
        raise ValueError(f"load_photo: expected a photo, received {name!r}")
    with np.load(shipped(name), allow_pickle=False) as arrays:
        photo = arrays["photo"]
    check_sha256(name, photo)
    return photo


def _split_digits() -> _download.Splits:
    from sklearn.datasets import load_digits as load
    from sklearn.model_selection import train_test_split

    bunch = load()
    check_sha256("digits", bunch.images, bunch.target)
    X_train, X_test, y_train, y_test = train_test_split(
        bunch.images,
        bunch.target,
        test_size=_TEST_SHARE,
        random_state=_SPLIT_SEED,
        stratify=bunch.target,
    )
    return X_train, y_train, X_test, y_test
