"""The command `sidebyside machines`."""

import argparse
import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
from rich.console import Console

from sidebyside_book.cli import Commands, add_book, add_chapters
from sidebyside_book.execution import digest, machine
from sidebyside_book.execution.book import check_jobs
from sidebyside_book.execution.chapters import (
    find_chapters,
    read_settings,
)
from sidebyside_book.execution.progress import make_progress
from sidebyside_book.machines import parts, running, table, verdicts
from sidebyside_book.machines.ended import PLAIN, Ended, as_they_are, judged
from sidebyside_book.machines.parts import Name
from sidebyside_book.machines.settings import SETTINGS, Setting, named
from sidebyside_book.sweeps import pool
from sidebyside_book.sweeps.job import Job
from sidebyside_book.sweeps.store import Store, write


def add_parser(commands: Commands) -> None:
    """Add the command to a larger one; `arguments.run(arguments)` then runs it."""
    parser = commands.add_parser(
        "machines",
        help="run the chapters as on other processors, with other threads and seeds",
        description="Run the chapters under every setting that makes another machine "
        "of this one, and with other seeds, and compare their verdicts. Runs that "
        "passed are kept, in _build/machines. The exit status is 1 if a run fails or a "
        "verdict turns, 2 if the command is wrong.",
    )
    add_chapters(parser)
    parser.add_argument(
        "--settings",
        nargs="+",
        default=[],
        metavar="SETTING",
        help=f"of {', '.join(setting.name for setting in SETTINGS)}; all by default",
    )
    parser.add_argument(
        "--part",
        help=f"only this part of the runs: a number, or {parts.TODAY!r} for another "
        "one each day",
    )
    parser.add_argument(
        "--size",
        type=int,
        default=parts.SIZE,
        help=f"how many runs a part has (default: {parts.SIZE})",
    )
    parser.add_argument("--jobs", type=int, help="runs at once (default: the cores)")
    add_book(parser)
    parser.set_defaults(
        run=run,
        interrupted="Interrupted. What passed is kept; the same command goes on.",
    )


@dataclass(frozen=True)
class Plan:
    """What is to be run, checked."""

    book: Path
    pages: list[running.Page]
    settings: list[Setting]
    wanted: list[Name]
    part: str
    """Which part of all runs that is, in words; empty if it is all of them."""
    number: int
    """How many runs are made at once."""

    @property
    def whole(self) -> bool:
        """Whether these are all runs of the book."""
        every = len(find_chapters(self.book)) == len(self.pages)
        return every and len(self.settings) == len(SETTINGS) and not self.part


def run(arguments: argparse.Namespace) -> int:
    """Run the chapters, and return the exit status."""
    plan = _plan(arguments)
    store = Store(plan.book / "_build" / "machines", "machines")
    with store.held():
        return _report(plan, _run(plan, store), store.folder)


def _plan(arguments: argparse.Namespace) -> Plan:
    book = arguments.book.resolve()
    chapters = find_chapters(book, arguments.chapters)
    pages = running.pages(chapters, read_settings(book).timeout_s)
    settings = named(arguments.settings)
    wanted = running.names(pages, settings)
    part = ""
    if arguments.part:
        wanted, part = _part(wanted, arguments.part, arguments.size)
    return Plan(book, pages, settings, wanted, part, _number(arguments.jobs))


def _part(wanted: list[Name], text: str, size: int) -> tuple[list[Name], str]:
    """Return the runs of a part, and which part it is, in words."""
    if size < 1:
        raise ValueError(f"machines: expected a size of 1 or more, received {size}")
    last = parts.count(wanted, size) - 1
    which = parts.number(text) % (last + 1)
    description = f"part {which} of 0 to {last}; PART={which} SIZE={size} repeats it"
    return parts.part(wanted, which, size), description


def _number(jobs: int | None) -> int:
    if jobs is not None:
        return check_jobs(jobs)
    free = psutil.virtual_memory().available
    return pool.workers(None, check_jobs(None), free)


def _run(plan: Plan, store: Store) -> dict[Name, Ended]:
    """Return how every run ended, those of the chapters as they are among them."""
    begun = {chapter for chapter, _ in plan.wanted}
    chapters = [page.name for page in plan.pages if page.name in begun]
    part = f" ({plan.part})" if plan.part else ""
    print(f"{len(plan.wanted)} runs{part} of {len(chapters)} chapters.", flush=True)
    print("First the chapters as they are:", flush=True)
    plain = as_they_are(plan.book, chapters, plan.number, Console())
    around = digest.look(plan.book)
    jobs = running.jobs(plan.pages, plan.settings, plan.wanted, around)
    if plan.whole:
        running.forget_all_but(jobs.values(), store.folder)
    made = _made(jobs, store, plan.number)

    expected = verdicts.of_ledger()
    ended = {}
    for chapter in chapters:
        as_it_is = plain[chapter]
        ended[chapter, PLAIN] = judged(as_it_is, expected, as_it_is)
        for name in (name for name in plan.wanted if name[0] == chapter):
            # A setting may change nothing: then the run is the chapter as it is.
            same = replace(as_it_is, setting=name[1], reused=True)
            run = made[name] if name in jobs else same
            ended[name] = judged(run, expected, as_it_is)
    return ended


def _made(jobs: dict[Name, Job], store: Store, number: int) -> dict[Name, Ended]:
    """Return how the jobs ended; make those that the store does not have."""
    ended = running.kept(jobs, store)
    missing = {name: job for name, job in jobs.items() if name not in ended}
    print(
        f"Then under the settings: {len(ended)} runs that passed before are used "
        f"again, {len(missing)} are to be made.",
        flush=True,
    )
    with make_progress(Console(), len(missing), "runs") as progress:
        for run in running.make(missing, store, number):
            ended[run.chapter, run.setting] = run
            how = f"failed in cell {run.cell!r}" if run.error else "passed"
            name = f"{run.chapter} {run.setting}"
            progress.finished(name, how, run.seconds, failed=bool(run.error))
    return ended


def _report(plan: Plan, ended: dict[Name, Ended], folder: Path) -> int:
    """Print and write what came of it, and return the exit status."""
    runs = list(ended.values())
    text = f"{table.markdown(ended)}\n{table.summary(runs)}\n"
    about = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "part": plan.part,
        "machine": machine.described(),
        "settings": [asdict(setting) for setting in plan.settings],
    }
    content = json.dumps(table.as_json(runs, about), indent=1, ensure_ascii=False)
    write(folder.with_suffix(".json"), content.encode())
    write(folder.with_suffix(".md"), text.encode())
    print(f"\n{text}")
    return int(any(run.state != "passed" for run in runs))
