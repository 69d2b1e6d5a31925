"""How much memory some work needs at its highest, beyond what the process holds."""

import ctypes
import gc
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
_RESET_PEAK = "5"  # proc(5): sets VmHWM to the present size
_POLL_S = 0.001


def peak(
    contestants: Mapping[str, Callable[[], object]], *, calls: int = 3
) -> dict[str, int]:
    """Measure by how many bytes the process grows at its highest while work is done.

    Before each contestant, memory that is free is given back to the system, so that
    none lives on what another has left. What a framework took before (its own code,
    weights, buffers it keeps) isn't counted: the figure is that of the work itself.

    Args:
        contestants: Name -> function without arguments, warmed up already.
        calls: How often each is called in a row; the highest moment counts.

    Returns:
        Name -> bytes, at least 0.

    Raises:
        ValueError: If there is no contestant, or `calls` is below 1.

    Numerics:
        On Linux the kernel keeps the peak, to a page of 4 KiB; elsewhere, and where a
        sandbox doesn't let a process reset it, the size is read once a millisecond, and
        a shorter peak is missed.
    """
    if not contestants or calls < 1:
        raise ValueError(
            "peak: expected contestants and calls >= 1, received "
            f"{len(contestants)} contestants, calls={calls}"
        )
    return {who: _grown(call, calls) for who, call in contestants.items()}


def _grown(call: Callable[[], object], calls: int) -> int:
    _give_back()
    watch = _watch_linux if _resets() else _watch_by_polling
    with watch() as highest:
        for _ in range(calls):
            call()
    return highest[0]


def _resets() -> bool:
    """Reset the peak that the kernel keeps, and say whether it can be done."""
    try:
        _CLEAR.write_text(_RESET_PEAK, encoding="ascii")
    except OSError:  # no Linux, or a process that may not
        return False
    return True


@contextmanager
def _watch_linux() -> Iterator[list[int]]:
    """Give a list that holds the growth [bytes] when the block has ended."""
    before, growth = _status("VmRSS"), [0]
    yield growth
    growth[0] = max(0, _status("VmHWM") - before)


@contextmanager
def _watch_by_polling() -> Iterator[list[int]]:
    """Do the same where there is no `/proc`."""
    import psutil

    size = psutil.Process().memory_info
    before, growth, done = size().rss, [0], threading.Event()

    def poll() -> None:
        while not done.wait(_POLL_S):
            growth[0] = max(growth[0], size().rss - before)

    thread = threading.Thread(target=poll, daemon=True)
    thread.start()
    try:
        yield growth
    finally:
        done.set()
        thread.join()


def _status(field: str) -> int:
    """Return a size of this process [bytes] from `/proc/self/status`, kept in kB."""
    lines = _STATUS.read_text(encoding="ascii").splitlines()
    (line,) = (line for line in lines if line.startswith(f"{field}:"))
    return int(line.split()[1]) * 1024


def _give_back() -> None:
    """Free what can be freed, and return it to the system where that can be asked."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc, not musl
        if trim is not None:
            trim(0)
