"""Print a table in Markdown of the links that Sphinx's linkcheck did not find well."""

import json
import sys
from pathlib import Path

SHOWN = ("broken", "timeout", "redirected")


def rows(text: str) -> list[str]:
    """Return the rows of the table, the broken links first.

    Args:
        text: linkcheck's `output.json`: one JSON object a line.
    """
    found = [json.loads(line) for line in text.splitlines() if line.strip()]
    bad = [link for link in found if link["status"] in SHOWN]
    bad.sort(key=lambda link: (SHOWN.index(link["status"]), link["filename"]))
    return [
        f"| {link['status']} | {_safe(link['uri'])} | {link['filename']} "
        f"| {_safe(link['info'])[:160]} |"
        for link in bad
    ]


def _safe(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def main(path: str) -> None:
    """Print how many links there are, and a table of those that are not well."""
    text = Path(path).read_text(encoding="utf-8")
    asked = sum(bool(line.strip()) for line in text.splitlines())
    if not asked:
        raise SystemExit(f"link_table: expected links in {path}, received none")
    bad = rows(text)
    print(f"{asked} links, {len(bad)} that need a look.")
    if bad:
        print("\n| state | link | page | why |\n|---|---|---|---|", *bad, sep="\n")


if __name__ == "__main__":
    main(sys.argv[1])
