"""Where the pages of the book are, for an edition that stands outside the site."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import yaml

from sidebyside_book.execution.chapters import CONFIG

LINK = re.compile(r"\]\((?P<page>\w+)(?P<anchor>#[^)]*)?\)")
"""A link of a chapter to another page of the book."""


@dataclass(frozen=True)
class Places:
    """Where the pages of the book are, seen from a file of an edition."""

    sources: Path
    """The folder of the pages' sources."""
    pages: str
    """How a published page's address looks, with `{name}` and `{suffix}` in it."""
    suffix: str
    """Of the edition's files."""
    beside: frozenset[str]
    """Chapters that stand in the same folder, in the same edition."""

    def link(self, page: str) -> str:
        """Return the link to a page of the book."""
        return page + self.suffix if page in self.beside else self.published(page)

    def published(self, page: str) -> str:
        """Return the address of the page itself."""
        notebook = (self.sources / f"{page}.ipynb").is_file()
        return self.pages.format(name=page, suffix=".ipynb" if notebook else ".md")

    def in_text(self, source: str) -> str:
        """Return Markdown whose links to pages of the book work from here."""
        return LINK.sub(
            lambda m: f"]({self.link(m['page'])}{m['anchor'] or ''})", source
        )


def places(book: Path, suffix: str, beside: Collection[str]) -> Places:
    """Return where pages are: on the site, if it has an address, else in the sources.

    Args:
        book: The book's folder.
        suffix: Of the edition's files, `.ipynb`.
        beside: Chapters that stand in the same folder.
    """
    config = yaml.safe_load((book / CONFIG).read_text(encoding="utf-8"))
    site = (config.get("html") or {}).get("baseurl", "").rstrip("/")
    source = config.get("repository") or {}
    branch = f"{source.get('url', '')}/blob/{source.get('branch', 'main')}"
    of_site, of_source = "{name}.html", "{name}{suffix}"
    pages = f"{site}/chapters/{of_site}" if site else f"{branch}/chapters/{of_source}"
    return Places(book / "chapters", pages, suffix, frozenset(beside))
