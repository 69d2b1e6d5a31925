"""Reviews with a label: a corpus from a small grammar, rated sentences, and IMDB."""

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sidebyside.datasets import _download
from sidebyside.datasets._catalogue import entry

_SUBJECTS = [
    "plot",
    "acting",
    "music",
    "ending",
    "script",
    "camera",
    "dialogue",
    "pace",
]
_GOOD = ["good", "great", "moving", "clever", "fresh", "superb", "witty", "bold"]
_BAD = ["bad", "dull", "weak", "clumsy", "stale", "awful", "flat", "tired"]
_DEGREES = ["", "", "very ", "rather ", "really "]
_OPENINGS = [
    "",
    "honestly ",
    "we saw it on a monday and ",
    "my brother paid for the tickets and ",
    "after all that talk in the papers ",
    "for a film of two hours ",
]
_SEED = 1  # fixed, so that accuracies can be compared across chapters
_SHARES = {"plain": 0.4, "contrast": 0.25, "concession": 0.2, "correction": 0.15}
_NUM_TRAIN, _NUM_TEST = 3000, 1000
_OUTER = "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz"
_RATED = "hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt"
_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)?|[0-9]+|[.,;:!?()]|-+")
_CLEAR = 0.5
"""Of a rating from -4 to 4: nearer to 0, the raters see neither for nor against."""


class Reviews(NamedTuple):
    """Texts with a label, split for good.

    Attributes:
        texts_train: N texts, lower case, words between blanks.
        y_train: Shape (N,), int64; 1 says that the review is in favour.
        texts_test: M texts.
        y_test: Shape (M,), int64.
    """

    texts_train: list[str]
    y_train: np.ndarray
    texts_test: list[str]
    y_test: np.ndarray


def load_reviews(name: str) -> Reviews:
    """Return a set of reviews; `"movies"` and `"imdb"` need a network once.

    `"grammar"` is generated: 3,000 and 1,000 reviews, half of them in favour, no two
    alike. A *plain* review has one clause, perhaps negated. The others weigh two
    clauses (*contrast*: the second counts; *concession*: the one without "although")
    or correct themselves (*correction*: "bad , not good"). Each of these comes with its
    twin, in the same part of the split: the same words in another order, and the
    opposite label.

    `"movies"` are real sentences about films, each rated by twenty people: 9,072 and
    1,000, without those whose mean rating is near 0. They come with the source package
    of vaderSentiment on PyPI, and the book does not ship them. Without a network, put
    that package into the folder that the message names; pip can fetch it.

    Args:
        name: `"grammar"`, `"movies"` or `"imdb"`.

    Raises:
        ValueError: If there is no such set, or its content is not the expected one.
        ConnectionError: If it must be downloaded and cannot be.
    """
    readers = {"grammar": _grammar, "movies": _movies, "imdb": _imdb}
    if not isinstance(name, str) or name not in readers:
        raise ValueError(
            f"load_reviews: expected one of {list(readers)}, received {name!r}"
        )
    return readers[name]()


def _grammar() -> Reviews:
    rng = np.random.default_rng(_SEED)
    taken: set[str] = set()
    parts = [_draw_part(rng, n, taken) for n in (_NUM_TRAIN, _NUM_TEST)]
    (texts_train, y_train), (texts_test, y_test) = parts
    text = "\n".join([*texts_train, *texts_test])
    digest = hashlib.sha256(text.encode() + y_train.tobytes() + y_test.tobytes())
    if digest.hexdigest() != entry("grammar").sha256:
        raise ValueError(
            f"datasets: expected grammar with sha256 {entry('grammar').sha256}, "
            f"received {digest.hexdigest()}"
        )
    return Reviews(texts_train, y_train, texts_test, y_test)


def _draw_part(
    rng: np.random.Generator, number: int, taken: set[str]
) -> tuple[list[str], np.ndarray]:
    """Draw pairs until `number` reviews are there, then shuffle them."""
    rows: list[tuple[str, int]] = []
    for form, share in _SHARES.items():
        wanted = len(rows) + round(share * number)
        while len(rows) < wanted:
            pair = _PAIRS[form](rng)
            texts = {text for text, _ in pair}
            if len(texts) == len(pair) and not texts & taken:
                taken |= texts
                rows += pair
    order = rng.permutation(len(rows))
    labels = np.array([rows[i][1] for i in order], np.int64)
    return [rows[i][0] for i in order], labels


Pair = list[tuple[str, int]]


def _word(rng: np.random.Generator, words: list[str]) -> str:
    return words[rng.integers(len(words))]


def _predicate(rng: np.random.Generator, label: int) -> str:
    """Return what is said of a subject: a good word, or a bad one negated."""
    negated = rng.random() < 0.4
    words = _GOOD if bool(label) != negated else _BAD
    return f"was {'not ' if negated else ''}{_word(rng, _DEGREES)}{_word(rng, words)}"


def _two(rng: np.random.Generator) -> tuple[str, str, str, str, str]:
    """Return an opening, two subjects, a predicate in favour and one against."""
    first, second = rng.choice(_SUBJECTS, 2, replace=False)
    opening = _word(rng, _OPENINGS)
    return opening, first, second, _predicate(rng, 1), _predicate(rng, 0)


def _plain(rng: np.random.Generator) -> Pair:
    """Two unrelated reviews of one clause, one a label."""
    return [
        (
            f"{_word(rng, _OPENINGS)}the {_word(rng, _SUBJECTS)} "
            f"{_predicate(rng, label)}",
            label,
        )
        for label in (1, 0)
    ]


def _contrast(rng: np.random.Generator) -> Pair:
    opening, a, b, good, bad = _two(rng)
    return [
        (f"{opening}the {a} {bad} but the {b} {good}", 1),
        (f"{opening}the {a} {good} but the {b} {bad}", 0),
    ]


def _concession(rng: np.random.Generator) -> Pair:
    opening, a, b, good, bad = _two(rng)
    if rng.random() < 0.5:  # the clause that counts comes first
        a, b = f"the {a} ", f" although the {b} "
    else:
        a, b = f"although the {a} ", f" , the {b} "
        good, bad = bad, good
    return [
        (f"{opening}{a}{good}{b}{bad}", 1),
        (f"{opening}{a}{bad}{b}{good}", 0),
    ]


def _correction(rng: np.random.Generator) -> Pair:
    start = f"{_word(rng, _OPENINGS)}the {_word(rng, _SUBJECTS)} was "
    good = f"{_word(rng, _DEGREES)}{_word(rng, _GOOD)}"
    bad = f"{_word(rng, _DEGREES)}{_word(rng, _BAD)}"
    if rng.random() < 0.5:
        return [(f"{start}{good} , not {bad}", 1), (f"{start}{bad} , not {good}", 0)]
    return [
        (f"{start}not {bad} , it was {good}", 1),
        (f"{start}not {good} , it was {bad}", 0),
    ]


_PAIRS = {
    "plain": _plain,
    "contrast": _contrast,
    "concession": _concession,
    "correction": _correction,
}


def _movies() -> Reviews:
    """Read the rated sentences from the package inside the package."""
    advice = "pip download vaderSentiment==3.3.2 --no-deps --no-binary :all: -d"
    (package,) = _download.download(
        "movies", who="load_reviews", instead="grammar", by_hand=advice
    )
    with tarfile.open(package) as outer:
        inner = io.BytesIO(_member(outer, _OUTER))
    with tarfile.open(fileobj=inner) as archive:
        lines = _member(archive, _RATED).decode("utf-8").splitlines()
    rows = [line.split("\t") for line in lines]  # id, mean rating, sentence
    clear = [(text, float(r)) for _, r, text in rows if abs(float(r)) >= _CLEAR]
    order = np.random.default_rng(_SEED).permutation(len(clear))
    texts = [" ".join(_TOKEN.findall(clear[i][0].lower())) for i in order]
    labels = np.array([clear[i][1] > 0 for i in order], np.int64)
    cut = len(texts) - _NUM_TEST
    return Reviews(texts[:cut], labels[:cut], texts[cut:], labels[cut:])


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    if file is None:
        raise ValueError(f"load_reviews: expected a file {name} in the package")
    return file.read()


def _imdb() -> Reviews:
    """Read the integers of IMDB and turn them back into words."""
    arrays, index = _download.download("imdb", who="load_reviews", instead="grammar")
    words = _words(index)
    with np.load(arrays, allow_pickle=True) as stored:  # the digest vouches for it
        parts = {name: stored[name] for name in stored.files}

    def texts(numbers: np.ndarray) -> Iterator[str]:
        return (" ".join(words[k] for k in review) for review in numbers)

    return Reviews(
        list(texts(parts["x_train"])),
        parts["y_train"].astype(np.int64),
        list(texts(parts["x_test"])),
        parts["y_test"].astype(np.int64),
    )


def _words(index: Path) -> dict[int, str]:
    numbers = json.loads(index.read_text(encoding="utf-8"))
    return {number: word for word, number in numbers.items()}
