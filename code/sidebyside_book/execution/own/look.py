"""Prints, as JSON, what a kernel finds that runs with this Python.

It runs as a program, with the environment of a kernel: so it sees the same packages.
"""

import json
from importlib import metadata
from importlib.util import find_spec
from typing import Any

PACKAGE = "sidebyside"


def importable() -> dict[str, Any]:
    """Return the folders of the book's package, distributions, and their modules."""
    spec = find_spec(PACKAGE)
    return {
        "package": list((spec and spec.submodule_search_locations) or ()),
        # A later entry of the path hides no earlier one.
        "distributions": [
            [d.metadata["Name"], d.version, sorted(d.requires or ())]
            for d in metadata.distributions()
            if d.metadata["Name"]
        ],
        "modules": {
            module: sorted(set(filter(None, names)))
            for module, names in metadata.packages_distributions().items()
        },
    }


if __name__ == "__main__":
    print(json.dumps(importable()))
