"""The runs of a sweep on this machine, in a pool of processes."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from types import FrameType

from sidebyside_book.sweeps.job import Job, Result, lost, run

RUN_BYTES = 2 * 2**30
"""What one run is granted [bytes]: three frameworks take 0.8 GB once they are imported,
the largest chapters 1.5 GB."""
POOLS = 3
"""How many pools are made for jobs whose workers die, before these count as failed."""


def workers(wanted: int | None, cores: int, free_bytes: int) -> int:
    """Return how many runs are made at once.

    Args:
        wanted: What the user asked for; None for as many as cores and memory allow.
        cores: Cores that may be used.
        free_bytes: Memory that is free.

    Raises:
        ValueError: If less than 1 is wanted.
    """
    if wanted is None:
        return max(1, min(cores, free_bytes // RUN_BYTES))
    if wanted < 1:
        raise ValueError(f"sweep: expected at least 1 job, received --jobs {wanted}")
    return wanted


def run_all(jobs: Sequence[Job], number: int) -> Iterator[Result]:
    """Yield the result of each job, once, as it ends.

    Args:
        jobs: What to run, in this order.
        number: How many at once.
    """
    left = {job.key: job for job in jobs}
    for _ in range(POOLS):
        if not left:
            return
        for result in _one_pool(list(left.values()), number):
            del left[result.key]
            yield result
    for job in left.values():
        yield lost(job, f"the process that ran it died, {POOLS} times")


def _one_pool(jobs: list[Job], number: int) -> Iterator[Result]:
    """Yield results until all are there or a process has died."""
    others = multiprocessing.active_children()
    pool = ProcessPoolExecutor(
        number, multiprocessing.get_context("spawn"), initializer=_begin
    )
    try:
        for future in as_completed([pool.submit(_work, job) for job in jobs]):
            yield future.result()
    except BrokenProcessPool:
        pass
    except BaseException:  # Ctrl-C: leave nothing at work
        pool.shutdown(wait=False, cancel_futures=True)
        for child in multiprocessing.active_children():
            if child not in others:
                child.terminate()
        raise
    finally:
        pool.shutdown(wait=True)


def _begin() -> None:
    """Leave Ctrl-C to the process that holds the sweep; when told to end, tidy up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _work(job: Job) -> Result:
    try:
        return run(job)
    except SystemExit:  # kernel and scratch folder are gone; the pool would go on
        os._exit(128 + signal.SIGTERM)
