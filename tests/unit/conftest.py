"""Shared by the unit tests: quiet imports, records as a notebook would get them."""

import os
from typing import Any

import pytest
import torch  # noqa: F401 before TensorFlow, whoever imports that
from hypothesis import Phase, settings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read when TensorFlow is imported
os.environ.setdefault("JAX_ENABLE_X64", "1")  # or JAX turns float64 into float32
os.environ.setdefault("MPLBACKEND", "agg")

settings.register_profile(
    "unit", deadline=None, derandomize=True, database=None, phases=[Phase.generate]
)
settings.load_profile("unit")


def pytest_configure(config: pytest.Config) -> None:
    """Let Keras turn the backend's tensors into arrays the way it does."""
    config.addinivalue_line(
        "filterwarnings",
        "ignore:__array__ implementation doesn't accept a copy keyword"
        ":DeprecationWarning:keras.src.backend",
    )


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The mime bundles that a notebook would get, in order."""
    from sidebyside import records

    bundles: list[dict[str, Any]] = []

    def display(bundle: dict[str, Any], *, raw: bool) -> None:
        assert raw, "a record is a mime bundle"
        bundles.append(bundle)

    monkeypatch.setattr(records, "get_ipython", object)
    monkeypatch.setattr(records, "display", display)
    return bundles
