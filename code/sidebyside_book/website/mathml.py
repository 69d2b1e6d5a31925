"""Formulas as MathML, written while the book is built.

The browser lays MathML out by itself: no script, no request, no jump when it arrives.
Temml (vendored, MIT) turns LaTeX into MathML inside QuickJS, a small JavaScript
engine; a formula that it does not understand is a `sidebyside.math` warning.
"""

from functools import cache
from pathlib import Path
from typing import Any

import quickjs
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.domains.math import MathDomain
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

RENDERER = "sidebyside"
TEMML = Path(__file__).parent / "vendor" / "temml" / "temml.min.js"
STYLES = "sidebyside/math/temml.css"

_CALL = """
globalThis.to_mathml = (tex, display) =>
  temml.renderToString(tex, {displayMode: display, throwOnError: true})
"""
logger = logging.getLogger(__name__)


@cache
def _temml() -> Any:
    context = quickjs.Context()
    context.eval(TEMML.read_text(encoding="utf-8"))
    context.eval(_CALL)
    return context.get("to_mathml")


@cache
def to_mathml(tex: str, display: bool) -> str:
    """Return a formula as a `<math>` element.

    Args:
        tex: LaTeX, without dollar signs.
        display: Whether it stands on a line of its own.

    Raises:
        ValueError: If Temml does not understand the formula.
    """
    try:
        return str(_temml()(tex, display))
    except quickjs.JSException as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"to_mathml: expected LaTeX, received {tex!r}: {reason}"
        ) from None


def _render(node: nodes.Element, display: bool) -> str:
    try:
        return to_mathml(node.astext(), display)
    except ValueError as error:
        logger.warning(str(error), type="sidebyside", subtype="math", location=node)
        return ""


def visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    """Write a formula within a line."""
    self.body.append(self.starttag(node, "span", "", CLASS="math notranslate"))
    self.body.append(f"{_render(node, display=False)}</span>")
    raise nodes.SkipNode


def visit_block(self: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula on its own line, with its number and link if it has one."""
    self.body.append(self.starttag(node, "div", "", CLASS="math notranslate"))
    if node["number"]:
        number = get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(f"{_render(node, display=True)}</div>\n")
    raise nodes.SkipNode


def add_styles(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Load the formulas' style sheet where there are formulas."""
    domain = app.env.get_domain("math")
    if isinstance(domain, MathDomain) and domain.has_equations(pagename):
        app.add_css_file(STYLES)
