"""Small pictures: one size for all, a white ground, no colour taken from a page."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from sidebyside import diagrams
from sidebyside_book.website.pages.contents import pictures

RED = (255, 0, 0, 255)


def shrunk(folder: Path, image: Image.Image) -> Image.Image:
    image.save(folder / "large.png")
    pictures.shrink(folder / "large.png", folder / "small.webp")
    return Image.open(folder / "small.webp").convert("RGB")


def assert_near(colour: tuple[int, ...], expected: tuple[int, ...]) -> None:
    """Compare two colours as far as an image with losses keeps them."""
    assert max(abs(a - b) for a, b in zip(colour, expected, strict=True)) < 12, colour


@pytest.mark.parametrize("size", [(1000, 700), (300, 900), (4000, 100), (20, 10)])
def test_every_picture_has_one_size(size, tmp_path: Path) -> None:
    small = shrunk(tmp_path, Image.new("RGBA", size, RED))
    assert small.size == pictures.SIZE
    middle = tuple(side // 2 for side in pictures.SIZE)
    assert_near(small.getpixel(middle), RED[:3])


def test_what_is_transparent_becomes_white(tmp_path: Path) -> None:
    small = shrunk(tmp_path, Image.new("RGBA", (320, 200), (0, 0, 0, 0)))
    for place in ((0, 0), (160, 100), (319, 199)):
        assert_near(small.getpixel(place), (255, 255, 255))


def test_of_a_very_wide_figure_the_left_part_is_shown(tmp_path: Path) -> None:
    wide = Image.new("RGBA", (1000, 100), "blue")
    wide.paste(RED, (0, 0, 250, 100))
    small = shrunk(tmp_path, wide)
    for x in (5, 160, 315):
        assert_near(small.getpixel((x, 100)), RED[:3])


@pytest.mark.parametrize("name", diagrams.ALL)
def test_a_diagram_stands_alone_as_a_file(name: str) -> None:
    root = ElementTree.fromstring(pictures.top_of(diagrams.ALL[name]().svg()))
    assert (root.attrib["width"], root.attrib["height"]) == ("320", "200")
    assert root.attrib["preserveAspectRatio"] == "xMidYMin slice"
    assert "background: #fff" in root.attrib["style"]
    for part in root.iter():
        ink = part.attrib.get("stroke", "none")
        alone = ink in ("none", "currentColor") or ", #" in ink
        assert alone, f"expected a colour that needs no page, received {ink!r}"
