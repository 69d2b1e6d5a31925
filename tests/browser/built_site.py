"""Where the built site is, and which pages it has."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SITE = Path(os.environ.get("SIDEBYSIDE_SITE", ROOT / "_build" / "html"))
PAGES = sorted(
    path.relative_to(SITE).as_posix()
    for path in [SITE / "index.html", *SITE.glob("chapters/*.html")]
    if path.is_file()
)
CHAPTERS = [page for page in PAGES if page[9:11].isdigit()]
