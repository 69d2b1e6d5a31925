"""Links and fragments inside the built site, read from its files."""

from functools import cache
from urllib.parse import unquote, urldefrag, urlparse

import pytest
from bs4 import BeautifulSoup
from built_site import PAGES, SITE

pytestmark = pytest.mark.browser  # they need the built site, like the browser tests


@cache
def _soup(page: str) -> BeautifulSoup:
    return BeautifulSoup((SITE / page).read_text(encoding="utf-8"), "html.parser")


@cache
def _targets(page: str) -> set[str]:
    return {tag["id"] for tag in _soup(page).find_all(id=True)}


@pytest.mark.parametrize("page", PAGES)
def test_every_internal_link_leads_somewhere(page: str) -> None:
    broken = []
    for tag in _soup(page).find_all(["a", "img", "script", "link"]):
        url = tag.get("href") or tag.get("src") or ""
        if urlparse(url).scheme or url.startswith("//") or not url:
            continue
        file, fragment = urldefrag(url)
        path = unquote(urlparse(file).path)
        target = (SITE / page).parent.joinpath(path).resolve() if path else SITE / page
        if target.is_dir():
            target = target / "index.html"
        if not target.is_file():
            broken.append(url)
        elif fragment and target.suffix == ".html":
            name = target.relative_to(SITE.resolve()).as_posix()
            if unquote(fragment) not in _targets(name):
                broken.append(url)
    assert not broken, f"{page}: links that lead nowhere: {sorted(set(broken))}"
