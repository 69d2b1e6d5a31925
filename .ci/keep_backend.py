"""Keep as passed the planned notebooks of which every cell has passed on a backend.

`python .ci/keep_backend.py jax _build/ci/jax.xml` reads what nbval said with JAX.
"""

import sys
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

import nbformat
import passed
import share
import status_table


def main(backend: str, junit: Path) -> None:
    """Keep the planned notebooks of which every cell has passed.

    Args:
        backend: One of `passed.BACKENDS`.
        junit: What nbval said.
    """
    keys, cases = passed.now(kinds=[backend]), list(ET.parse(junit).iter("testcase"))
    for name, key in share.planned("keys").get(backend, {}).items():
        path = passed.ROOT / f"chapters/{name}.ipynb"
        mine = [case for case in cases if _is_of(case, name)]
        if well(mine, path):
            seconds = sum(float(case.get("time", 0)) for case in mine)
            passed.keep_same({"": key}, keys, backend, path, seconds)


def _is_of(case: ET.Element, name: str) -> bool:
    return case.get("classname", "").endswith(f".{name}.ipynb")


def well(cases: Sequence[ET.Element], notebook: Path) -> bool:
    """Say whether there is a case for each cell of code, and each has passed."""
    cells = nbformat.read(notebook, as_version=4).cells
    number = sum(cell.cell_type == "code" for cell in cells)
    bad = any(status_table.is_bad(child) for case in cases for child in case)
    return len(cases) == number > 0 and not bad


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
