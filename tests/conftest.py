"""What all tests share: Ctrl-C works, and CI leaves out what it has no time for."""

import signal
from pathlib import Path

import pytest
import share

# A background job ignores SIGINT, and its children with it: nohup, a CI runner.
signal.signal(signal.SIGINT, signal.default_int_handler)

EXECUTION = Path(__file__).parent / "execution"


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Keep the files of the tests of the execution that `.ci/share.py` has chosen."""
    of_it = [item for item in items if item.path.parent == EXECUTION]
    chosen = share.of("execution", sorted({item.path.name for item in of_it}))
    left = {item for item in of_it if item.path.name not in chosen}
    if left:
        items[:] = [item for item in items if item not in left]
        config.hook.pytest_deselected(items=list(left))
