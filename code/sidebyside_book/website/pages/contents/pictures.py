"""A small picture for each chapter, made from what the chapter itself drew.

It stands in the site as `_static/sidebyside/pictures/NAME.webp` or `.svg`, and has the
same size for all, so that nothing moves when it arrives. Its ground is white in the
dark, too, as that of all figures.
"""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

from PIL import Image, ImageOps
from sphinx.application import Sphinx

from sidebyside_book.website.pages import executed

SIZE = 320, 200
"""Width and height [pixels]: half as much again as a card on a wide screen has."""
WIDEST = 2.5
"""Width by height: of a wider image, the left part is shown."""
QUALITY = 75
"""Of a WebP, up to 100: at this size no loss is seen, and it weighs half of a PNG."""
FOLDER = "_static/sidebyside/pictures"
INK, NAMESPACE = "#1f2937", "http://www.w3.org/2000/svg"


@dataclass(frozen=True)
class Small:
    """A small picture: its address in the site, and what it shows."""

    address: str
    alt: str


def clear(app: Sphinx) -> None:
    """Remove the pictures of the last build: a chapter may have none any more."""
    for old in (Path(app.outdir) / FOLDER).glob("*"):
        old.unlink()


def make(app: Sphinx, docname: str) -> Small | None:
    """Write the small picture of a page; None if the page has drawn nothing."""
    picture = executed.first_picture(app.env, docname)
    if picture is None:
        return None
    name = PurePosixPath(docname).name
    address = f"{FOLDER}/{name}.{'webp' if picture.file else 'svg'}"
    target = Path(app.outdir) / address
    target.parent.mkdir(parents=True, exist_ok=True)
    if picture.file:
        shrink(picture.file, target)
    else:
        target.write_text(top_of(picture.svg), encoding="utf-8")
    return Small(address, picture.alt)


def shrink(source: Path, target: Path) -> None:
    """Write an image file as a WebP of `SIZE` on a white ground."""
    with Image.open(source) as image:
        width = min(image.width, round(WIDEST * image.height))
        part = image.convert("RGBA").crop((0, 0, width, image.height))
    small = ImageOps.contain(part, SIZE, Image.Resampling.LANCZOS)
    sheet = Image.new("RGB", SIZE, "white")
    left, top = (
        (most - side) // 2 for most, side in zip(SIZE, small.size, strict=True)
    )
    sheet.paste(small, (left, top), small)
    sheet.save(target, quality=QUALITY)


def top_of(svg: str) -> str:
    """Return a diagram as a file of `SIZE` that shows its upper part.

    In a file of its own a diagram can't take colours from the page.
    """
    root = ElementTree.fromstring(svg)
    width, height = map(str, SIZE)
    root.attrib.update(
        width=width,
        height=height,
        preserveAspectRatio="xMidYMin slice",
        style=f"background: #fff; color: {INK}; font-family: sans-serif",
    )
    ElementTree.register_namespace("", NAMESPACE)
    return ElementTree.tostring(root, encoding="unicode")
