"""The directive `guide`, and the HTML of agendas and of notes to chapters."""

import re
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

from docutils import nodes
from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from sidebyside import records
from sidebyside_book import chapter_data
from sidebyside_book.chapter import LANES, Notebook, about, read_notebook
from sidebyside_book.website import failed, stopped
from sidebyside_book.website.pages import parts
from sidebyside_book.website.pages.guide import agendas, notes
from sidebyside_book.website.pages.guide.agendas import Agenda
from sidebyside_book.website.pages.guide.notes import Notes
from sidebyside_book.website.pages.guide.outline import outline_of

WHAT = ("agendas", "chapters")
NOTES_PAGE = "chapters/teaching_chapters"


def connect(app: Sphinx) -> None:
    """Add the directive, and make its parts known when the book's folder is."""
    app.add_directive("guide", GuideDirective)
    parts.add_filter("said", said)
    app.connect("builder-inited", _register)


class GuideDirective(SphinxDirective):
    """Put a section for each agenda, or each chapter's notes: ``{guide} agendas``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the sections, each with its heading and a placeholder."""
        what = self.arguments[0]
        if what not in WHAT:
            raise self.error(f"guide: expected one of {WHAT}, received {what!r}")
        source = Path(self.env.srcdir)
        read_from = [*folder(source).glob("*.yaml")]
        read_from += chapter_files(source).glob("*.ipynb")
        for path in sorted(read_from):
            self.env.note_dependency(str(path))
        without = _unreadable(self.env.app)
        try:
            titles = _titles(source, what, without)
        except (ValueError, FileNotFoundError) as error:
            raise self.error(str(error)) from error
        sections = [self._section(name, title) for name, title in titles.items()]
        if not without:
            return sections
        html = parts.template("guide/missing.html", what=what, without=without)
        return [nodes.raw("", html, format="html"), *sections]

    def _section(self, name: str, title: str) -> nodes.section:
        part = f"guide {name}"
        parts.PartCollector.of(self.env).setdefault(self.env.docname, []).append(part)
        section = nodes.section("", nodes.title(title, title), ids=[anchor(name)])
        self.state.document.note_explicit_target(section)
        section += parts.part(name=part)
        return section


def said(text: str) -> Markup:
    """Return a text as HTML: escaped, with code, and with the quotes of a book."""
    pieces = text.strip().split("`")
    pieces[::2] = [_curled(piece, first=n == 0) for n, piece in enumerate(pieces[::2])]
    return Markup(records.prose("`".join(pieces)))


def _curled(text: str, first: bool) -> str:
    """Return a piece of text, before which there is code unless it is the first."""
    before = r"(^|[\s(])" if first else r"([\s(])"
    return re.sub(before + '"', r"\1“", text).replace('"', "”").replace("'", "’")


def folder(source: str | Path) -> Path:
    """Return where the guide's data are in a book."""
    return Path(source) / chapter_data.FOLDER


def anchor(name: str) -> str:
    """Return the id in the page of an agenda or of the notes to a chapter."""
    return f"teach-{name.replace('_', '-')}"


def chapter_files(source: Path) -> Path:
    """Return where the notebooks of a book are."""
    return source / "chapters"


def _chapter(source: str | Path, name: str) -> Notebook:
    """Return a chapter of a book by its name."""
    return read_notebook(chapter_files(Path(source)) / f"{name}.ipynb")


def _unreadable(app: Sphinx) -> list[str]:
    """Return the names of the chapters whose files could not be read."""
    return [name for name, kept in failed.of_build(app).items() if not kept.notebook]


def _load(
    source: Path, without: Collection[str]
) -> tuple[dict[str, Notes], dict[str, Agenda]]:
    """Return the notes and the agendas of a book by their names, checked."""
    by_chapter = notes.load(source, without)
    every = agendas.load(folder(source) / agendas.FILE, by_chapter, without)
    return by_chapter, {agenda.id: agenda for agenda in every}


def _titles(source: Path, what: str, without: Collection[str]) -> dict[str, str]:
    """Return name -> heading of what is put on the page; all of it is checked first."""
    by_chapter, every = _load(source, without)
    if what == "agendas":
        return {name: agenda.title for name, agenda in every.items()}
    return {name: f"{name[:2]} {_chapter(source, name).title}" for name in by_chapter}


def _register(app: Sphinx) -> None:
    """Read the guide once a build, and make its parts known under their names."""
    try:
        by_chapter, every = _load(Path(app.srcdir), _unreadable(app))
    except (ValueError, FileNotFoundError):
        return  # a book without a guide; the directive names the fault in one with it
    for name, agenda in every.items():
        parts.register(f"guide {name}", partial(_render_agenda, agenda))
    for name, chapter_notes in by_chapter.items():
        parts.register(f"guide {name}", partial(_render_notes, name, chapter_notes))


def _render_agenda(agenda: Agenda, app: Sphinx, here: str) -> str:
    return parts.template(
        "guide/agenda.html",
        agenda=agenda,
        clock=_clock,
        links=partial(_slot_links, app, here),
    )


def _slot_links(app: Sphinx, here: str, slot: agendas.Slot) -> list[tuple[str, str]]:
    """Return what a slot is about, as (text, address)."""
    if not slot.chapter:
        return []
    chapter, number = _chapter(app.srcdir, slot.chapter), slot.chapter[:2]
    outline = outline_of(chapter)
    at = _linker(app, here, slot.chapter)
    links = [(f"{number} {chapter.title}", at(""))] if slot.whole else []
    for name in slot.sections:
        text = f"{number} {outline.sections[name]}"
        links.append((text, at(outline.section_anchor(name))))
    links += [(outline.exercises[label], at(label)) for label in slot.exercises]
    links.append(("notes", parts.link(app, here, NOTES_PAGE, anchor(slot.chapter))))
    return links


def _render_notes(name: str, chapter_notes: Notes, app: Sphinx, here: str) -> str:
    chapter = _chapter(app.srcdir, name)
    outline, at = outline_of(chapter), _linker(app, here, name)
    facts = about(chapter)
    return parts.template(
        "guide/notes.html",
        notes=chapter_notes,
        title=facts.title,
        failed=stopped.of_page(app.env, f"chapters/{name}"),
        lanes=LANES,
        outline=outline,
        page=at(""),
        section_link=lambda section: at(outline.section_anchor(section)),
        cell_link=lambda cell: at(outline.cells[cell]),
        exercise_link=at,
        necessary=[_chapter_link(app, here, text) for text in facts.necessary],
        helpful=[_chapter_link(app, here, text) for text in facts.helpful],
        times=parts.link(app, here, "chapters/execution_times"),
    )


def _linker(app: Sphinx, here: str, chapter: str) -> Callable[[str], str]:
    return lambda place: parts.link(app, here, f"chapters/{chapter}", place)


def _chapter_link(app: Sphinx, here: str, text: str) -> tuple[str, str]:
    """Return a prerequisite and the address of its notes, if it is a chapter."""
    number = re.match(r"\d\d(?= )", text)
    page = number and parts.chapters(app.env).get(number[0])
    if not page:
        return text, ""
    return text, parts.link(app, here, here, anchor(Path(page).name))


def _clock(minutes: int) -> str:
    """Return minutes since the start as hours and minutes: 95 is 1:35."""
    return f"{minutes // 60}:{minutes % 60:02d}"
