"""CREPE and Silero's detector with their real weights, on sounds made of sines."""

from pathlib import Path

import numpy as np
import pytest
import torch
from moved import moved
from sounds import (
    CREPE,
    SILERO,
    WINDOW,
    CrepeTf,
    DetectorTf,
    crepe,
    crepe_ks,
    detector,
    detector_ks,
    frames,
    pitch,
    windows,
)

pytestmark = pytest.mark.moves
RATE = 16_000
TIME = np.arange(RATE) / RATE  # [s]


@pytest.mark.parametrize("make", [crepe_ks, CrepeTf])
def test_pitch_from_pytorch(make: type, weights: Path) -> None:
    source, target = crepe(weights / CREPE), make()
    X = frames(np.sin(2 * np.pi * 220 * TIME))[::10]
    apart = moved(source, target, X[:, None], target_inputs=X[..., None])
    print(f"{make.__name__}: {apart:.1e} of the largest number")
    assert apart < 1e-5
    heard = pitch(np.asarray(target(X[..., None])))
    assert abs(np.median(heard) - 220) < 3  # a bin is 1.2 % wide


@pytest.mark.filterwarnings("ignore:.torch.jit.load. is deprecated")
@pytest.mark.parametrize("make", [detector_ks, DetectorTf])
def test_speech_from_pytorch(make: type, weights: Path) -> None:
    source, program = detector(weights / SILERO)
    rng = np.random.default_rng(0)
    voice = sum(np.sin(2 * np.pi * 120 * k * TIME) / k for k in range(1, 20))
    loud = 0.5 * (1 + np.sin(2 * np.pi * 4 * TIME))  # like syllables
    sound = (0.1 * voice * loud + 1e-3 * rng.normal(size=RATE)).astype(np.float32)
    X = windows(sound)
    with torch.no_grad():
        own = source(torch.from_numpy(X[:, None])).numpy().ravel()
        parts = torch.from_numpy(sound[: len(X) * WINDOW]).reshape(len(X), WINDOW)
        asked = [program(part[None], RATE).item() for part in parts]
    assert np.abs(own - np.array(asked)).max() < 2e-5  # it is the file's network
    target = make()
    apart = moved(source, target, X[:, None], target_inputs=X[..., None], exact=False)
    print(f"{make.__name__}: {apart:.1e} of the largest number")
    assert apart < 2e-5
    heard = np.asarray(target(X[..., None])).ravel()
    assert np.abs(heard - np.array(asked)).max() < 4e-5  # in a graph, too
