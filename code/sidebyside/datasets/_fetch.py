"""One file from a public address: fetched once, checked by its digest, kept."""

from pathlib import Path
from typing import Any


def fetch_file(file: Any, cache: Path, who: str, advice: str) -> Path:
    """Return a file of the catalogue, fetched if it is not yet in a folder.

    Args:
        file: Has `url` and `hash`, the algorithm and the digest: `sha256:57...`.
        cache: The folder in which it is kept.
        who: Who needs what, to begin an error message: `load_images: 'mnist'`.
        advice: What to do if it cannot be had, a sentence.

    Raises:
        ConnectionError: If it cannot be fetched. Nothing is kept of a broken one.
        OSError: If the folder cannot be written.
        ValueError: If other bytes were sent.
    """
    import pooch
    from requests import RequestException

    message = f"{who} must be downloaded from {file.url}, which"
    try:
        path = pooch.retrieve(
            file.url, known_hash=file.hash, path=cache, progressbar=False
        )
    except RequestException as error:
        raise ConnectionError(f"{message} {_reason(error)}. {advice}") from error
    except ValueError as error:  # the digest
        raise ValueError(f"{message} {_OTHER_BYTES}. {advice} ({error})") from error
    return Path(path)


_OTHER_BYTES = (
    "sent other bytes than expected. Many networks answer with a page to log in: open "
    "the address in a browser once"
)


def _reason(error: Exception) -> str:
    """Return why a file could not be fetched, to stand behind its address."""
    from requests import exceptions

    if isinstance(error, exceptions.SSLError):
        return (
            "shows a certificate that this machine doesn't trust. Where a network puts "
            "its own in between, name its file in the variable REQUESTS_CA_BUNDLE"
        )
    if isinstance(error, exceptions.ChunkedEncodingError):
        return "broke off in the middle: try again"
    if isinstance(error, exceptions.HTTPError):
        return f"answers: {error}"
    return "cannot be reached from here"
