"""Writes several files as one: all of them, or none."""

from collections.abc import Mapping
from pathlib import Path


def write_all(texts: Mapping[Path, str]) -> None:
    """Write each text into its file; if one can't be written, leave all as they were.

    Everything is first written beside its place, so that a full disk or a folder that
    may not be written to is noticed before any file has changed.

    Args:
        texts: File -> its new text. A file may be new; its folder must be there.
    """
    before = {path: path.read_bytes() if path.exists() else None for path in texts}
    staged = {path: path.with_name(f"{path.name}.new") for path in texts}
    try:
        for path, text in texts.items():
            staged[path].write_text(text, encoding="utf-8", newline="\n")
        for path in texts:
            staged[path].replace(path)
    except BaseException:
        _restore(before)
        raise
    finally:
        for path in staged.values():
            path.unlink(missing_ok=True)


def _restore(before: Mapping[Path, bytes | None]) -> None:
    for path, content in before.items():
        if content is None:
            path.unlink(missing_ok=True)
        elif path.read_bytes() != content:
            path.write_bytes(content)
