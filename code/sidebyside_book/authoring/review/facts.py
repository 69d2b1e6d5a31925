"""What is known of a chapter before anybody has read it, as rows of a table."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sidebyside_book import chapter_data
from sidebyside_book.authoring.check import file_problems
from sidebyside_book.authoring.rules import pattern
from sidebyside_book.authoring.rules.source import PROVES, calls
from sidebyside_book.chapter import (
    LANES,
    Notebook,
    about,
    exercises,
    parameters,
    read_notebook,
)
from sidebyside_book.editions.lanes import sources
from sidebyside_book.editions.names import tree
from sidebyside_book.execution import results
from sidebyside_book.execution.chapters import Chapter, read_settings
from sidebyside_book.execution.digest import look
from sidebyside_book.machines import running
from sidebyside_book.machines.settings import SETTINGS
from sidebyside_book.sweeps.store import Store

NONE = "none"


@dataclass(frozen=True)
class Fact:
    """A row of the table."""

    label: str
    text: str


def gather(book: Path, chapter: Chapter) -> list[Fact]:
    """Return the facts of a chapter, in the order of the brief's questions.

    Args:
        book: The book's folder.
        chapter: The chapter; it need not be executed.

    Raises:
        OSError: If one of the chapter's files can't be read.
        ValueError: If the notebook is none, or has no title or minutes.
    """
    notebook = read_notebook(chapter.path)
    return [
        *_sizes(notebook),
        Fact("rules broken", _listed(file_problems(chapter.path), "; ")),
        Fact("pictures", _listed(_calling(notebook, pattern.PICTURES))),
        Fact("proofs", _listed(_proofs(notebook))),
        Fact("faults on the list", _faults(book, notebook)),
        Fact(
            "claims settled", _listed(claim.id for _, claim in pattern.claims(notebook))
        ),
        Fact("parameters", _listed(_parameters(notebook), "; ")),
        *_runs(book, chapter),
        Fact("lanes that run alone", _listed(_alone(chapter.path), "; ")),
        Fact("exercises", _listed(_exercises(notebook), "; ")),
    ]


def _listed(texts: "Iterator[str] | list[str]", between: str = ", ") -> str:
    return between.join(texts) or NONE


def _sizes(notebook: Notebook) -> Iterator[Fact]:
    body, tasks = pattern.counts(notebook)
    yield Fact("cells before the exercises", f"{body} of {pattern.MAX_CELLS}")
    yield Fact("cells of the exercises", f"{tasks} of {pattern.MAX_EXERCISE_CELLS}")
    yield Fact("words", f"{pattern.words(notebook)} of {pattern.MAX_WORDS}")
    yield Fact("minutes to read", f"{about(notebook).minutes} of {pattern.MAX_MINUTES}")
    lines = {cell.id: len(cell.source.splitlines()) for cell in notebook.code}
    del lines["setup"]  # the same in all chapters
    longest = sorted(lines, key=lines.__getitem__, reverse=True)[:3]
    texts = (f"`{name}` with {lines[name]} lines" for name in longest)
    yield Fact("longest cells of code", ", ".join(texts))


def _calling(notebook: Notebook, begin: str) -> Iterator[str]:
    """Yield what is called by a name that begins so, and in which cell."""
    for cell in notebook.code:
        for name in calls(tree(cell)):
            if name.startswith(begin):
                yield f"`{name}` in `{cell.id}`"


def _proofs(notebook: Notebook) -> Iterator[str]:
    for cell in notebook.before("exercises"):
        if cell.is_code and "parity" in cell.tags:
            called = sorted(PROVES & set(calls(tree(cell))))
            yield f"`{cell.id}` ({', '.join(called)})"


def _faults(book: Path, notebook: Notebook) -> str:
    path = book / chapter_data.FOLDER / f"{notebook.name}.yaml"
    if not path.is_file():
        return f"{NONE}: there is no {path.relative_to(book)}"
    faults = chapter_data.read(path).faults
    lanes = Counter(fault.lane for fault in faults)
    cells = Counter(fault.notices for fault in faults)
    by_lane = ", ".join(f"{lanes[lane]} in {LANES[lane]}" for lane in LANES)
    by_cell = ", ".join(f"`{cell}` {count}" for cell, count in cells.most_common())
    command = f"make test-faults CHAPTER={notebook.name[:2]}"
    return f"{len(faults)}: {by_lane}; noticed by {by_cell} (`{command}` tries them)"


def _parameters(notebook: Notebook) -> Iterator[str]:
    for parameter in parameters(notebook).values():
        yield f"`{parameter.name}` {parameter.value!r} in {parameter.range.text}"


def _runs(book: Path, chapter: Chapter) -> Iterator[Fact]:
    """Yield how long it took, and under which settings it passed as it stands."""
    seconds = results.seconds(book, chapter.name)
    ran = "not executed as it stands" if seconds is None else f"{seconds:.0f} s"
    yield Fact("last execution", ran)
    page = running.pages([chapter], read_settings(book).timeout_s)
    wanted = running.names(page, SETTINGS)
    jobs = running.jobs(page, SETTINGS, wanted, look(book))
    passed = running.kept(jobs, Store(book / "_build" / "machines", "machines"))
    yield Fact("settings passed", _listed(name for _, name in passed))
    missing = [setting for name, setting in jobs if (name, setting) not in passed]
    yield Fact("settings that have not passed as it stands", _listed(missing))


def _alone(path: Path) -> Iterator[str]:
    for lane, name in LANES.items():
        try:
            sources(path, lane)
        except ValueError as error:
            first = str(error).splitlines()[0].removeprefix(f"{path.stem}: {lane}: ")
            yield f"not {name} ({first})"
        else:
            yield name


def _exercises(notebook: Notebook) -> Iterator[str]:
    for exercise in exercises(notebook):
        yield exercise.task.title
