"""The formulas' font has a glyph for every letter that formulas use."""

from pathlib import Path

from fontTools.ttLib import TTFont

FONT = Path("code/sidebyside_book/website/static/sidebyside/math/STIXTwoMath.woff2")
ITALIC_A, ITALIC_SMALL_A, ITALIC_ALPHA = 0x1D434, 0x1D44E, 0x1D6FC
PLANCK = 0x210E  # Unicode puts the italic h here and leaves its place empty


def test_the_font_has_all_italic_letters() -> None:
    root = Path(__file__).resolve().parents[2]
    glyphs = TTFont(root / FONT).getBestCmap()
    small = {ITALIC_SMALL_A + k for k in range(26)} - {ITALIC_SMALL_A + 7} | {PLANCK}
    wanted = {ITALIC_A + k for k in range(26)} | small
    wanted |= {ITALIC_ALPHA + k for k in range(25)}
    assert not {hex(code) for code in wanted - set(glyphs)}
