"""Data sets that the book ships in `data/`."""

from pathlib import Path

from sidebyside._files import data_file
from sidebyside.datasets._catalogue import entry
from sidebyside.datasets._fetch import fetch_file


def shipped(name: str) -> Path:
    """Return the file of the bundled data set `name`.

    It travels inside the installed package; see `sidebyside._files`. Where it was left
    out it is fetched once from the book's repository, and checked by its digest.

    Args:
        name: A data set of the catalogue that names a file of `data/`.

    Raises:
        ConnectionError: If it is neither here nor can be fetched.
        ValueError: If the catalogue names no file, or other bytes were sent.
    """
    file = entry(name).shipped
    if file is None:
        raise ValueError(f"shipped: expected a data set of the book, received {name!r}")
    try:
        return data_file(file.name)
    except FileNotFoundError:
        return fetch(name)


def fetch(name: str) -> Path:
    """Return the file of the data set `name`, fetched from the book's repository.

    Args:
        name: As in `shipped`.

    Raises:
        ConnectionError: If it cannot be fetched.
        ValueError: If other bytes were sent.
    """
    import pooch

    file = entry(name).shipped
    cache = Path(pooch.os_cache("sidebyside")) / name
    instead = "Use the bundled 'digits', or run" if entry(name).classes else "Run"
    advice = f"{instead} this once with a network (files are kept in {cache})."
    needs = f"datasets: {file.name} is not beside the package, and"
    return fetch_file(file, cache, needs, advice)
