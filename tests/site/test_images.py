"""Images have their size in the page, where their file says it."""

import struct
from pathlib import Path

import pytest

from sidebyside_book.website.page import size_images

NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"'
INSIDE = '<rect width="5" height="5"/>'
DRAWINGS = {
    "a part of it has a size": f'<svg {NAMESPACE} viewBox="0 0 90 60">{INSIDE}</svg>',
    "in percent": f'<svg {NAMESPACE} width="100%" height="50%">{INSIDE}</svg>',
    "without any": f"<svg {NAMESPACE}></svg>",
}


def png(width: int, height: int) -> bytes:
    """Return the beginning of a PNG file, which says its size [pixels]."""
    size = struct.pack(">II", width, height)
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + size + b"\x08\2" + bytes(40)


def test_a_picture_has_its_size(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png(30, 20))
    shown = size_images('<img alt="A" src="_images/a.png">', {"a.png": path})
    assert 'width="30" height="20"' in shown
    wide = '<img alt="A" src="_images/a.png" width="99">'
    assert size_images(wide, {"a.png": path}) == wide


@pytest.mark.parametrize("drawing", DRAWINGS.values(), ids=DRAWINGS.keys())
def test_a_drawing_that_scales_gets_no_size(drawing: str, tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    path.write_text(drawing, encoding="utf-8")
    image = '<img alt="A" src="_images/a.svg">'
    assert size_images(image, {"a.svg": path}) == image


def test_a_file_of_an_unknown_kind_gets_no_size(tmp_path: Path) -> None:
    path = tmp_path / "a.avif"
    path.write_bytes(b"no picture")
    image = '<img alt="A" src="_images/a.avif">'
    assert size_images(image, {"a.avif": path}) == image
