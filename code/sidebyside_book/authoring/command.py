"""The command `sidebyside new-chapter`."""

import argparse
from pathlib import Path

from sidebyside import ledger
from sidebyside_book import chapter_data
from sidebyside_book.authoring import contents, skeleton
from sidebyside_book.authoring.skeleton import NewChapter
from sidebyside_book.authoring.writing import write_all
from sidebyside_book.cli import Commands, add_book

NEXT = """
It runs already. Next:
  .venv/bin/sidebyside execute {number}
  make book     and open _build/html/chapters/{stem}.html
  .venv/bin/sidebyside check {number}
The last one names what is still to do: the cell `todo`. How to make the chapter yours:
CONTRIBUTING.md, "Add a chapter in an hour"."""


def add_parser(commands: Commands) -> None:
    """Add the command to a larger one; `arguments.run(arguments)` then runs it."""
    parser = commands.add_parser(
        "new-chapter",
        help="begin a chapter, from a skeleton that runs",
        description="Write a chapter that runs and passes every test but one, which "
        "names the cell `todo`: what is to be replaced. The exit status is 2, and "
        "nothing is written, if the command is wrong.",
    )
    parser.add_argument("number", metavar="NUMBER", help="two digits; the tens: a part")
    parser.add_argument("name", metavar="NAME", help="such as data_pipelines")
    parser.add_argument("--title", help="its heading (default: the name in words)")
    parser.add_argument("--question", help="what it answers; ends with '?'")
    add_book(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the chapter, say what was written, and return the exit status."""
    book = arguments.book.resolve()
    new = skeleton.asked(
        arguments.number, arguments.name, arguments.title, arguments.question
    )
    texts = plan(book, new)
    write_all(texts)
    for path in texts:
        print(f"wrote {path.relative_to(book)}")
    print(NEXT.format(number=new.number, stem=new.stem))
    if waiting := claims(new):
        print(
            f"The ledger expects chapter {new.number} to settle {', '.join(waiting)}; "
            f"the site's build fails until it does (data/claims/{new.number}.yaml)."
        )
    return 0


def plan(book: Path, new: NewChapter) -> dict[Path, str]:
    """Return the text of every file that the chapter writes or changes.

    Raises:
        FileNotFoundError: If `book` isn't the folder of a book, tests included.
        ValueError: If the number is taken, or a file has no place for the chapter.
    """
    for name in ("chapters", contents.FILE):
        if not (book / name).exists():
            raise FileNotFoundError(
                f"new-chapter: expected the book's folder, with {name} in it, "
                f"received {book}"
            )
    taken = sorted(path.name for path in book.glob(f"chapters/{new.number}_*"))
    if taken:
        raise ValueError(
            f"new-chapter: expected a number that is free, received {new.number}, "
            f"which {taken[0]} has"
        )
    setup = skeleton.first_setup(book / "chapters")
    texts = {book / f"chapters/{new.stem}.ipynb": skeleton.notebook(new, setup)}
    if (book / chapter_data.FOLDER).is_dir():
        texts[book / chapter_data.FOLDER / f"{new.stem}.yaml"] = skeleton.data(new)
    toc = book / contents.FILE
    texts[toc] = contents.entered(toc.read_text(encoding="utf-8"), new)
    return texts


def claims(new: NewChapter) -> list[str]:
    """Return the claims of the ledger that wait for a chapter of this number."""
    every = ledger.load().claims.values()
    return [claim.id for claim in every if claim.chapter == new.number]
