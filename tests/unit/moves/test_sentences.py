"""MiniLM with its real weights: like sentences stay like, in every framework."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from moved import moved
from sentences import FILE, EncoderTf, encoder_ks, from_file, vectors

pytestmark = pytest.mark.moves
SENTENCES = (
    "a cat sleeps on the sofa",
    "a kitten sleeps on the couch",
    "stock prices fell sharply today",
)


def numbers(weights: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers of whole words (B, T), and where there is one."""
    vocabulary = (weights / FILE).with_name("vocab.txt").read_text(encoding="utf-8")
    index = {word: k for k, word in enumerate(vocabulary.splitlines())}
    rows = [
        [index["[CLS]"], *(index[w] for w in re.findall(r"\w+", s)), index["[SEP]"]]
        for s in SENTENCES
    ]
    longest = max(map(len, rows))
    ids = np.array([row + [0] * (longest - len(row)) for row in rows], np.int32)
    return ids, np.arange(longest) < np.array([[len(row)] for row in rows])


@pytest.mark.parametrize("make", [encoder_ks, EncoderTf])
def test_from_pytorch(make: type, weights: Path) -> None:
    source, target = from_file(weights / FILE), make()
    ids, attended = numbers(weights)
    apart = moved(source, target, [ids, ~attended], target_inputs=[ids, attended])
    print(f"{make.__name__}: {apart:.1e} of the largest number")
    assert apart < 2e-5
    with torch.no_grad():
        states = [source(torch.from_numpy(ids), torch.from_numpy(~attended)).numpy()]
    states += [target(ids, attended) if make is EncoderTf else target([ids, attended])]
    for given in states:
        like, _, other = (vectors(given, attended) @ vectors(given, attended).T)[1]
        assert like > 0.7
        assert other < 0.3
