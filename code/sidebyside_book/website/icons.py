"""Icons at a fraction of their weight.

The theme brings Font Awesome as a script of 1.5 MB and as whole fonts. Its style sheet
draws every icon from the fonts alone, so the page template leaves the script out, and
here the fonts are cut down to the icons that the pages use.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import pydata_sphinx_theme
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx

THEME = Path(pydata_sphinx_theme.__file__).parent / "theme/pydata_sphinx_theme/static"
WEBFONTS = Path("vendor/fontawesome/webfonts")
STYLES = "sidebyside/icons/icons.css"

SOLID = [
    "angle-left",
    "angle-right",
    "arrow-up",
    "bars",
    "chevron-down",
    "chevron-right",
    "chevron-up",
    "circle-half-stroke",
    "code",
    "download",
    "file",
    "file-pdf",
    "list",
    "magnifying-glass",
    "moon",
    "rocket",
    "sun",
    "xmark",
    "angle-down",
]
BRANDS = ["github"]
"""What the theme's templates and scripts ask for by class, as far as we use them."""

FACES = (
    ("fa-solid-900", "Font Awesome 6 Free", 900, SOLID),
    ("fa-brands-400", "Font Awesome 6 Brands", 400, BRANDS),
)
NOT_NEEDED = (
    *(
        f"{WEBFONTS}/{stem}-{weight}.{kind}"
        for stem, weight in (("fa-solid", 900), ("fa-regular", 400), ("fa-brands", 400))
        for kind in ("ttf", "woff2")
    ),
    "scripts/fontawesome.js",
    "scripts/fontawesome.js.map",
)

_FACE = """\
@font-face {{
  font-family: "{family}";
  font-weight: {weight};
  font-style: normal;
  font-display: block;
  src: url("{stem}.woff") format("woff");
}}
"""


def code_points(css: str, names: Iterable[str]) -> set[int]:
    """Return the code points of named icons, and of those that the theme draws itself.

    Args:
        css: The theme's style sheet.
        names: Icon names without `fa-`.

    Raises:
        ValueError: If the style sheet has no icon of that name.
    """
    points = {ord(icon) for icon in re.findall(r'--pst-icon[\w-]*:\s*"(.)"', css)}
    for name in names:
        rule = rf'\.fa-{name}:before[^{{}}]*{{content:"\\(f\w+)"}}'
        match = re.search(rule, css)
        if match is None:
            raise ValueError(
                f"code_points: expected an icon of the theme, got {name!r}"
            )
        points.add(int(match[1], 16))
    return points


def write_fonts(app: Sphinx) -> None:
    """Write the small fonts and their style sheet (event `builder-inited`)."""
    if app.builder.format != "html":
        return
    folder = Path(app.outdir) / "_static" / Path(STYLES).parent
    folder.mkdir(parents=True, exist_ok=True)
    css = (THEME / "styles/pydata-sphinx-theme.css").read_text(encoding="utf-8")
    faces = []
    for stem, family, weight, names in FACES:
        font = subset(THEME / WEBFONTS / f"{stem}.ttf", code_points(css, names))
        font.save(folder / f"{stem}.woff")
        faces.append(_FACE.format(family=family, weight=weight, stem=stem))
    (folder / "icons.css").write_text(_NOTICE + "".join(faces), encoding="utf-8")
    app.add_css_file(STYLES)


_NOTICE = """\
/* Parts of Font Awesome Free 6, https://fontawesome.com, by Fonticons, Inc.
   Font License: SIL OFL 1.1, https://scripts.sil.org/OFL. Cut down to a few icons. */
"""


def subset(path: Path, points: set[int]) -> TTFont:
    """Return the font at `path` with these code points only, to be saved as WOFF."""
    font = TTFont(path, recalcTimestamp=False)
    subsetter = Subsetter(Options(hinting=False, glyph_names=False))
    subsetter.populate(unicodes=points)
    subsetter.subset(font)
    font.flavor = "woff"
    return font


def remove_unused(app: Sphinx, exception: Exception | None) -> None:
    """Delete what no page asks for any more (event `build-finished`)."""
    if exception is None and app.builder.format == "html":
        for name in NOT_NEEDED:
            (Path(app.outdir) / "_static" / name).unlink(missing_ok=True)
