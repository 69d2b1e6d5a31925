"""The command `sidebyside sweep`."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sidebyside_book.chapter import defaults, parameters, read_notebook
from sidebyside_book.cli import Commands
from sidebyside_book.execution.chapters import find_notebook
from sidebyside_book.execution.digest import look
from sidebyside_book.runs.command import add_chapter
from sidebyside_book.runs.execution import stopped_at
from sidebyside_book.runs.parameters import BACKENDS, checked
from sidebyside_book.sweeps import cluster, grid, job, pool, table
from sidebyside_book.sweeps.grid import BACKEND
from sidebyside_book.sweeps.job import Job, Result
from sidebyside_book.sweeps.store import Store


def add_parser(commands: Commands) -> None:
    """Add `sweep` to a larger command."""
    parser = commands.add_parser(
        "sweep",
        help="run a chapter many times, and gather what it measured",
        description="Run a chapter at every point of a grid, and gather what it "
        "measured into results.csv, results.parquet and a figure with the spread of "
        "each lane. Every run gets an empty folder of its own. A run that is there is "
        "reused: a sweep that was interrupted goes on where it was. The exit status is "
        "1 if a run fails (the others go on), 2 if the command is wrong.",
    )
    add_chapter(parser)
    parser.add_argument(
        "--over",
        action="append",
        required=True,
        metavar="NAME=VALUES",
        help="an axis of the grid: SEED=0..9, RATE=0.1,0.2 or backend=jax,torch; "
        "may be repeated",
    )
    parser.add_argument("--backend", choices=BACKENDS, help="of Keras, in all runs")
    parser.add_argument(
        "--out",
        type=Path,
        help="folder of the results (default: _build/sweeps/CHAPTER)",
    )
    parser.add_argument(
        "--jobs",
        type=int,
        help="runs at once (default: the cores, if memory allows; with --ray ADDRESS: "
        "what the cluster takes)",
    )
    parser.add_argument(
        "--ray",
        metavar="ADDRESS",
        help="use a Ray cluster: auto (the one that runs here), HOST:PORT, "
        "ray://HOST:PORT, or local for a fresh one on this machine; the book's "
        "packages must be installed there",
    )
    parser.set_defaults(
        run=run,
        interrupted="Interrupted. What was finished is kept; the same command goes on.",
    )


@dataclass(frozen=True)
class Plan:
    """What a sweep is to do, checked."""

    swept: grid.Axes
    jobs: Sequence[Job]
    """One a point of the grid, in its order."""

    def label(self, result: Result) -> str:
        """Return a run's place in the grid: `SEED=3 backend=jax`."""
        values = {**result.parameters, BACKEND: result.backend}
        return " ".join(f"{name}={values[name]}" for name in self.swept)


@dataclass(frozen=True)
class Ended:
    """What is held of a run: how it ended, and its rows; the notebook is stored."""

    result: Result
    rows: Sequence[table.Row]


def _ended(result: Result) -> Ended:
    return Ended(replace(result, notebook=""), list(table.rows(result)))


def run(arguments: argparse.Namespace) -> int:
    """Sweep, and return the exit status."""
    book = arguments.book.resolve()
    plan = _plan(arguments, book)
    number = _number(arguments.jobs)
    chapter = plan.jobs[0].chapter
    store = Store(arguments.out or book / "_build" / "sweeps" / chapter)
    with store.held():
        ended = _results(plan, store, arguments, number)
        return _report(plan, ended, store.folder)


def _plan(arguments: argparse.Namespace, book: Path) -> Plan:
    chapter = find_notebook(book, arguments.chapter)
    offer = parameters(read_notebook(chapter.path))
    if taken := [name for name in offer if name in table.COLUMNS]:
        raise ValueError(
            f"sweep: expected parameters in capitals, received {taken}, which the "
            "table has for columns"
        )
    fixed = checked(arguments.parameter, offer, chapter.name, "sweep")
    swept = grid.axes(arguments.over, offer, chapter.name)
    given = [*fixed, *([BACKEND] if arguments.backend else [])]
    if both := [name for name in given if name in swept]:
        raise ValueError(
            f"sweep: expected each name fixed or swept, received both for {both[0]}"
        )
    cases = []
    for point in grid.points(swept):
        own = {**defaults(offer), **fixed, **point}
        backend = own.pop(BACKEND, arguments.backend or job.default_backend())
        cases.append((own, {"KERAS_BACKEND": str(backend)}))
    return Plan(swept, job.make(chapter.path, look(book), cases))


def _number(wanted: int | None) -> int:
    import psutil

    from sidebyside_book.execution.book import check_jobs

    return pool.workers(wanted, check_jobs(None), psutil.virtual_memory().available)


def _results(
    plan: Plan, store: Store, arguments: argparse.Namespace, number: int
) -> list[Ended]:
    """Return how every job ended, in their order; make those that are missing."""
    ended = {j.key: _ended(r) for j in plan.jobs if (r := store.load(j.key))}
    missing = [j for j in plan.jobs if j.key not in ended]
    print(
        f"{len(plan.jobs)} runs of {plan.jobs[0].chapter}: {len(ended)} reused, "
        f"{len(missing)} to make",
        flush=True,
    )
    if missing:
        from rich.console import Console

        from sidebyside_book.execution.progress import make_progress

        with (
            _runner(missing, arguments, min(number, len(missing))) as made,
            make_progress(Console(), len(missing), "runs") as progress,
        ):
            for result in made:
                store.keep(result)
                ended[result.key] = _ended(result)
                failed = bool(result.error)
                progress.finished(
                    plan.label(result), _how(result), result.seconds, failed=failed
                )
    return [ended[j.key] for j in plan.jobs]


@contextmanager
def _runner(
    jobs: Sequence[Job], arguments: argparse.Namespace, number: int
) -> Iterator[Iterator[Result]]:
    """Give what makes the runs: a pool of processes, or Ray."""
    if not arguments.ray:
        yield pool.run_all(jobs, number)
        return
    odd: dict[str, list[str]] = {}
    with cluster.connected(arguments.ray, number):
        yield cluster.run_all(jobs, arguments.jobs, odd)
    for host, names in odd.items():
        print(
            f"sweep: {host} is not as this machine: {', '.join(names)}; the table says "
            "which versions each run had",
            file=sys.stderr,
        )


def _how(result: Result) -> str:
    """Return how a run ended, and where and why if it failed."""
    return (
        f"failed{stopped_at(result.cell, result.error)}" if result.error else "finished"
    )


def _report(plan: Plan, ended: Sequence[Ended], folder: Path) -> int:
    """Write table and figure, say where they are, and return the exit status."""
    from sidebyside_book.sweeps import chart

    rows = [row for run in ended for row in run.rows]
    frame = table.make(rows, plan.jobs[0].parameters)
    files = [*table.save(frame, folder), *chart.save(frame, plan.swept, folder)]
    failed = [run.result for run in ended if run.result.error]
    print(f"{len(ended) - len(failed)} runs finished, {len(failed)} failed.")
    for line in _verdicts(frame):
        print(line)
    names = ", ".join(path.name for path in files)
    print(f"{len(frame)} rows in {folder}: {names}")
    for result in failed:
        where = stopped_at(result.cell, result.error)
        print(f"sweep: {plan.label(result)}{where}", file=sys.stderr)
    return int(bool(failed))


def _verdicts(frame: "table.pd.DataFrame") -> Iterator[str]:
    """Yield the claims whose verdict is not the expected one in every run."""
    rows = frame[frame["kind"] == "verdict"]
    for claim, part in rows.groupby("metric", sort=False):
        expected = part["expected"].iloc[0]
        if (part["verdict"] != expected).any():
            counts = part["verdict"].value_counts()
            tally = ", ".join(f"{name} {number}" for name, number in counts.items())
            yield f"  {claim}: {expected!r} was expected; verdicts: {tally}"
