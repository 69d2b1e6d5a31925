"""Print which chapters run with which packages beside those that Colab has.

A chapter says in its cell `imports` what it needs: `versions.require("onnx", ...)`.
Each line is `NOTEBOOK ...|PACKAGE==VERSION ...`. Chapters that need nothing come first:
they are to run before any package is there that Colab lacks. Versions are those of the
book.

`python .ci/needs.py 01 51` takes only these chapters; it needs nothing but Python.
"""

import ast
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def required(notebook: Path) -> set[str]:
    """Return the packages that a notebook asks for, as pip compares their names."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return {
        normal(argument.value)
        for cell in cells
        if cell.get("id") == "imports" and cell["cell_type"] == "code"
        for call in ast.walk(ast.parse("".join(cell["source"])))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "versions.require"
        for argument in call.args
        if isinstance(argument, ast.Constant)
    }


def normal(name: str) -> str:
    """Return a package's name as pip compares them."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(path: Path) -> dict[str, str]:
    """Return package -> `NAME==VERSION` of a file of requirements."""
    lines = path.read_text(encoding="utf-8").splitlines()
    found = (line.split("#")[0].strip() for line in lines)
    return {normal(line.split("==")[0]): line for line in found if line}


def groups(
    needs: Mapping[Path, Iterable[str]], there: Iterable[str], book: Mapping[str, str]
) -> list[tuple[list[Path], list[str]]]:
    """Return the notebooks that need the same, and the pins of what they need.

    Args:
        needs: Notebook -> the packages that it asks for.
        there: The packages that are there anyway.
        book: Package -> its pin.

    Raises:
        ValueError: If a package that is needed has no pin.
    """
    found: dict[frozenset[str], list[Path]] = {}
    for notebook, names in needs.items():
        missing = frozenset(names) - set(there)
        if unknown := missing - book.keys():
            raise ValueError(
                f"needs: {notebook.name}: expected packages of requirements.txt, "
                f"received {', '.join(sorted(unknown))}"
            )
        found.setdefault(missing, []).append(notebook)
    ordered = sorted(found, key=lambda names: (len(names), sorted(names)))
    return [(found[names], [book[name] for name in sorted(names)]) for names in ordered]


def wanted(numbers: Sequence[str], chapters: Path) -> list[Path]:
    """Return the notebooks whose names begin so; all if no number is given.

    Raises:
        ValueError: If there is none for a number.
    """
    found = []
    for number in numbers or [""]:
        notebooks = sorted(chapters.glob(f"{number}*.ipynb"))
        if not notebooks:
            raise ValueError(f"needs: expected a chapter's number, received {number!r}")
        found += notebooks
    return found


def main(numbers: Sequence[str]) -> None:
    """Print the groups of these chapters."""
    notebooks = wanted(numbers, ROOT / "chapters")
    there = pins(ROOT / "requirements-colab.txt")
    book = pins(ROOT / "requirements.txt")
    for paths, packages in groups({p: required(p) for p in notebooks}, there, book):
        names = (path.relative_to(ROOT).as_posix() for path in paths)
        print(f"{' '.join(names)}|{' '.join(packages)}")


if __name__ == "__main__":
    main(sys.argv[1:])
