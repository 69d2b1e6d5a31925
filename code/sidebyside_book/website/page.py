"""What a page needs beyond the theme: our files, and small repairs of its HTML."""

import re
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from imagesize import get as image_size
from sphinx.application import Sphinx
from sphinx.config import Config

from sidebyside_book.website import notebook

HERE = Path(__file__).parent


def add_folders(app: Sphinx, config: Config) -> None:
    """Make our templates and static files known (event `config-inited`)."""
    config.templates_path.insert(0, str(HERE / "templates"))
    config.html_static_path.append(str(HERE / "static"))


def drop_thebe(app: Sphinx, config: Config) -> None:
    """Take Thebe out (event `config-inited`).

    Jupyter Book always loads it. It would add a script from another origin, declared
    twice, to pages that have no use for it: code runs in Colab or locally.
    """
    groups = app.events.listeners.values()
    for listener in [listener for group in groups for listener in group]:
        if listener.handler.__module__ == "sphinx_thebe":
            app.disconnect(listener.id)
    app.registry.css_files[:] = [
        (name, attributes)
        for name, attributes in app.registry.css_files
        if name != "sphinx-thebe.css"
    ]


def describe(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Tell the templates what the page holds, before the theme drops empty ones."""
    context["has_lanes"] = 'class="sd-tab-set lanes' in context.get("body", "")


def finish(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Repair the page once the theme has added what it adds."""
    if doctree is None or not notebook.is_notebook(app.env, pagename):
        context["header_buttons"] = [
            button
            for button in context.get("header_buttons", [])
            if button.get("label") != "download-buttons"
        ]
    if navigation := context.get("generate_toctree_html"):
        context["generate_toctree_html"] = lambda *args, **kwargs: name_folds(
            navigation(*args, **kwargs)
        )
    sources = {name: Path(app.srcdir, src) for src, name in app.builder.images.items()}
    context["body"] = size_images(name_toggles(context.get("body", "")), sources)


def name_toggles(html: str) -> str:
    """Let the toggles of hidden cells be called what they show.

    MyST-NB names every one of them "Toggle hidden content", whatever is written on it.
    """
    return html.replace('<summary aria-label="Toggle hidden content">', "<summary>")


def name_folds(navigation: BeautifulSoup) -> BeautifulSoup:
    """Say what the arrows of the navigation are for, which the theme leaves unnamed.

    A fold that shows the name of a part has that name.
    """
    for fold in navigation.select("summary") if navigation else ():
        if not fold.get_text(strip=True):
            fold["aria-label"] = "Pages below"
    return navigation


def size_images(html: str, sources: dict[str, Path]) -> str:
    """Give each image of the book its size, so that nothing jumps when it arrives.

    Args:
        html: A page's body.
        sources: File name in the site -> the image's file.
    """

    def add_size(match: re.Match[str]) -> str:
        tag, name = match[0], match["name"]
        if name not in sources or "width=" in tag or "height=" in tag:
            return tag
        width, height = image_size(str(sources[name]))
        if sources[name].suffix == ".svg" or width < 1:  # of a drawing it is a guess
            return tag
        size = f'width="{width}" height="{height}" loading="lazy" decoding="async"'
        return f"<img {size} {tag.removeprefix('<img ')}"

    return re.sub(r'<img [^>]*?src="[^":]*?(?P<name>[^"/]+)"[^>]*>', add_size, html)
