"""What all tests share: Ctrl-C works, and CI leaves out what it has no time for."""

import signal
from pathlib import Path

import passed
import pytest
import share

# A background job ignores SIGINT, and its children with it: nohup, a CI runner.
signal.signal(signal.SIGINT, signal.default_int_handler)

EXECUTION = Path(__file__).parent / "execution"


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Keep the chapters, and the tests of the execution, that `.ci/share.py` chose."""
    left = {item for item in items if not _is_chosen(item)}
    if left:
        items[:] = [item for item in items if item not in left]
        config.hook.pytest_deselected(items=list(left))


def _is_chosen(item: pytest.Item) -> bool:
    if item.path.parent == EXECUTION:
        return bool(share.of("execution", [item.path.name]))
    if marker := item.get_closest_marker("chapters"):
        return bool(share.of(marker.args[0], [item.callspec.params["chapter"]]))
    return True


def pytest_collection_finish(session: pytest.Session) -> None:
    """Take the keys of what will pass as soon as the tests' code is in memory."""
    if any(item.get_closest_marker("chapters") for item in session.items):
        passed.begun()
