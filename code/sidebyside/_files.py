"""Where the package keeps the files of `data/`."""

from importlib import resources
from pathlib import Path


def data_file(name: str) -> Path:
    """Return the path of a file of `data/`, or of a folder in it.

    The files travel inside the installed package; in a checkout they stand in `data/`.

    Raises:
        FileNotFoundError: If there is no such file in either place.
    """
    package = Path(str(resources.files("sidebyside")))
    places = [package / "_data" / name, package.parents[1] / "data" / name]
    for place in places:
        if place.exists():
            return place
    raise FileNotFoundError(
        f"data_file: expected {name!r} at {' or '.join(map(str, places))}"
    )
