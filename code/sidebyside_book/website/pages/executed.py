"""What an executed page holds: its cells, what they printed, what they drew."""

from dataclasses import dataclass
from html import unescape
from pathlib import Path
from re import search

from docutils import nodes
from sphinx.environment import BuildEnvironment

from sidebyside_book.website import notebook

DIAGRAM = 'class="sidebyside-diagram"'
"""What a diagram of `sidebyside.diagrams` is known by in a page."""


@dataclass(frozen=True)
class Picture:
    """The picture that stands for a page: a figure's file, or the SVG of a diagram."""

    alt: str
    file: Path | None = None
    svg: str = ""


def printed(env: BuildEnvironment, docname: str) -> dict[int, str]:
    """Return the text that the code cells of a page put out, where there is any.

    Args:
        env: Sphinx's environment, with all pages read.
        docname: The page.

    Returns:
        Where the cell stands in the notebook's file -> its text.
    """
    texts = {}
    for cell in env.get_doctree(docname).findall(notebook.is_code_cell):
        outputs = cell.findall(_is_output)
        text = "\n".join(text for part in outputs for text in _texts(part)).strip()
        if text:
            texts[cell["cell_index"]] = text
    return texts


def first_picture(env: BuildEnvironment, docname: str) -> Picture | None:
    """Return the first figure or diagram that a page's cells drew, or None.

    A figure without a file, or without alt text, stands for nothing.
    """
    for cell in env.get_doctree(docname).findall(notebook.is_code_cell):
        for node in cell.findall(lambda n: isinstance(n, nodes.image | nodes.raw)):
            picture = _figure(env, node) or _diagram(node)
            if picture is not None:
                return picture
    return None


def _is_output(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == (
        "cell_code_output"
    )


def _texts(output: nodes.Element) -> list[str]:
    return [block.astext() for block in output.findall(nodes.literal_block)]


def _figure(env: BuildEnvironment, node: nodes.Node) -> Picture | None:
    if not isinstance(node, nodes.image) or not node.get("alt"):
        return None
    file = Path(env.srcdir) / node["uri"]
    return Picture(node["alt"], file=file) if file.is_file() else None


def _diagram(node: nodes.Node) -> Picture | None:
    if not isinstance(node, nodes.raw) or DIAGRAM not in node.astext():
        return None
    svg = search(r"(?s)<svg\b.*</svg>", node.astext())
    label = search(r'aria-label="([^"]*)"', node.astext())
    if svg is None or label is None:
        return None
    return Picture(unescape(label[1]), svg=svg[0])
