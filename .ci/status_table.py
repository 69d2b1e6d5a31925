"""Print a table in Markdown of how the chapters fared: one JUnit file a chapter.

It runs with the Python of the environment that was tested, and names its versions.
"""

import json
import platform
import re
import sys
import xml.etree.ElementTree as ET
from importlib import metadata
from pathlib import Path

NAMED = ("torch", "tensorflow", "keras", "jax", "numpy")
CHAPTERS = Path(__file__).resolve().parents[1] / "chapters"
_COLORS = re.compile(r"(\x1b|#x1B)\[[0-9;]*m")
_ERROR = re.compile(r"^(\w+(?:Error|Exception|Warning)): ?(.*)", re.M)


def versions() -> str:
    """Return Python's version and those of the frameworks, in a line."""
    found = [f"Python {platform.python_version()}"]
    for name in NAMED:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"{name} missing")
    return ", ".join(found)


def row(path: Path, chapters: Path = CHAPTERS) -> str:
    """Return the row of a chapter.

    Args:
        path: Its JUnit file, which has the chapter's name.
        chapters: Where the notebooks are, in which cells have names.

    Raises:
        ValueError: If the file is no JUnit file, or no cell ran.
    """
    try:
        cases = list(ET.parse(path).iter("testcase"))
    except ET.ParseError as error:
        raise ValueError(f"status_table: expected JUnit in {path}: {error}") from error
    if not cases:
        raise ValueError(f"status_table: expected cells in {path}, received none")
    bad = [(case, child) for case in cases for child in case if is_bad(child)]
    seconds = sum(float(case.get("time", 0)) for case in cases)
    first = ""
    if bad:
        case, child = bad[0]
        cell = cell_name(chapters / f"{path.stem}.ipynb", case.get("name", ""))
        first = f"`{cell}`: {reason(child)}"
    state = "failed" if bad else "passed"
    return (
        f"| {path.stem} | {state} | {len(cases)} | {len(bad)} | {seconds:.0f} s "
        f"| {first} |"
    )


def is_bad(child: ET.Element) -> bool:
    """Say whether a part of a test case is a failure: a skipped cell did not pass."""
    return child.tag in ("failure", "error", "skipped")


def cell_name(notebook: Path, case: str) -> str:
    """Return the id of nbval's `Cell 7`, the eighth cell with code."""
    number = re.search(r"\d+$", case)
    if not number or not notebook.is_file():
        return case
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = [cell["id"] for cell in cells if cell["cell_type"] == "code"]
    return code[int(number[0])] if int(number[0]) < len(code) else case


def reason(child: ET.Element) -> str:
    """Return the last error that a failure names, short and safe in a table."""
    text = _COLORS.sub("", f"{child.text or ''}")
    errors = _ERROR.findall(text)
    told = ": ".join(filter(None, errors[-1])) if errors else child.get("message", "")
    told = _COLORS.sub("", told).replace("|", "\\|").replace("<", "&lt;")
    return " ".join(told.split())[:160]


def main(files: list[str]) -> None:
    """Print the table of these files."""
    if not files:
        raise SystemExit("status_table: expected JUnit files, received none")
    rows = [row(Path(name)) for name in sorted(files)]
    print(versions(), end="\n\n")
    print("| chapter | state | cells | failed | time | first failure |")
    print("|---|---|---|---|---|---|", *rows, sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
