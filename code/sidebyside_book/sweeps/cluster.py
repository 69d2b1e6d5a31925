"""The runs of a sweep on a Ray cluster, or on a fresh one on this machine.

A run is a task without side effects: its arguments carry the notebook there, its value
carries the executed one back, and the driver alone writes. So Ray may make a run again
when the worker that had it dies, and there is still one result of it.
"""

import os
import secrets
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from sidebyside_book.sweeps.job import Job, Result, lost, place

LOCAL = "local"
RETRIES = 3
"""How often Ray makes a run again whose worker died."""
KNOCK_S = 5.0
"""How long a cluster's address may take to answer [s]."""
LEAVE_S = 10.0
"""How long runs get to tidy up when a sweep is interrupted [s]."""
STORE_BYTES = 256 * 2**20
"""Of a local cluster, for notebooks on their way [bytes]."""
TOKEN_HINT = " (a cluster that wants a token: set RAY_AUTH_MODE=token)"
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",  # Ray would report its use to its makers
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # and warn of what a later one does
}


class SetupError(OSError):
    """The cluster lacks what every run needs."""


@contextmanager
def connected(address: str, number: int) -> Iterator[None]:
    """Be connected with a cluster, and leave it afterwards.

    Args:
        address: `local` for a fresh one on this machine, `auto` for the one that runs
            here, `HOST:PORT` or `ray://HOST:PORT`.
        number: How many workers a fresh one gets.

    Raises:
        SetupError: If Ray is not installed, or the cluster can't be reached.
    """
    os.environ.update(QUIET)
    try:
        import ray
    except ModuleNotFoundError as error:
        raise SetupError(
            "sweep: expected Ray for --ray, received none: "
            "pip install 'sidebyside[ray]'"
        ) from error
    if address == LOCAL and "RAY_AUTH_TOKEN" not in os.environ:
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)  # or Ray writes one down
    fresh = {
        "num_cpus": number,
        "include_dashboard": False,
        "object_store_memory": STORE_BYTES,
        "_node_ip_address": "127.0.0.1",
    }
    try:
        _knock(address)
        ray.init(
            address,
            logging_level="ERROR",
            log_to_driver=False,
            **(fresh if address == LOCAL else {}),
        )
    except (OSError, ImportError, RuntimeError, ValueError, SystemExit) as error:
        raise SetupError(
            f"sweep: expected a Ray cluster at {address!r}, received: {error}"
            + ("" if "RAY_AUTH_MODE" in os.environ else TOKEN_HINT)
        ) from error
    try:
        yield
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """Fail at once where nobody listens; Ray itself tries for minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if colon and port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), KNOCK_S).close()


def run_all(
    jobs: Sequence[Job], limit: int | None, odd: dict[str, list[str]]
) -> Iterator[Result]:
    """Yield the result of each job, once, as it ends.

    Args:
        jobs: What to run.
        limit: How many may be under way at once; as many as the cluster takes if None.
        odd: Receives, host -> what differs there from here: code of the package,
            installed packages, machine.

    Raises:
        SetupError: If a worker lacks the packages of the book.
    """
    import ray

    # differs from the usual decorator: a function inside another travels as a whole
    # and is not imported on the worker, so it can say what is missing there.
    task = ray.remote(num_cpus=1, max_retries=RETRIES)(_carried())
    sources = {text: ray.put(text) for text in {job.source for job in jobs}}
    waiting, under_way = list(reversed(jobs)), {}
    try:
        while waiting or under_way:
            while waiting and len(under_way) < (limit or len(jobs)):
                job = waiting.pop()
                fields = {k: v for k, v in asdict(job).items() if k != "source"}
                under_way[task.remote(sources[job.source], fields)] = job
            (done,), _ = ray.wait(list(under_way), num_returns=1)
            yield _fetched(done, under_way.pop(done), odd)
    finally:
        if left := list(under_way):  # interrupted: let the runs tidy up
            for reference in left:
                ray.cancel(reference)
            ray.wait(left, num_returns=len(left), timeout=LEAVE_S)


def _fetched(reference: Any, job: Job, odd: dict[str, list[str]]) -> Result:
    import ray

    try:
        fields, there = ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        raise SetupError(
            "sweep: expected the packages of the book on every worker, received: "
            f"{error.cause}"
        ) from error
    except ray.exceptions.RayError as error:
        return lost(job, f"{type(error).__name__}: {str(error).strip()}")
    here = place()
    if differs := [name for name in here if here[name] != there[name]]:
        odd[fields["host"]] = differs
    return Result(**fields)


def _carried() -> Any:
    def run_there(source: str, fields: dict[str, Any]) -> tuple[dict, dict]:
        from dataclasses import asdict

        from sidebyside_book.sweeps import job

        result = job.run(job.Job(source=source, **fields))
        return asdict(result), job.place()

    return run_there
