"""Prints, as JSON, what a kernel finds that runs with this Python.

It runs as a program, with the environment of a kernel: so it sees the same packages.
"""

import json
from importlib import metadata
from importlib.util import find_spec
from typing import Any

PACKAGE = "sidebyside"


def found() -> dict[str, Any]:
    """Return the folders of the book's package, and every package."""
    spec = find_spec(PACKAGE)
    return {
        "package": list((spec and spec.submodule_search_locations) or ()),
        # A later entry of the path hides no earlier one.
        "installed": sorted(
            {f"{d.metadata['Name']}=={d.version}" for d in metadata.distributions()}
        ),
    }


if __name__ == "__main__":
    print(json.dumps(found()))
