"""Writes the files of an edition, and touches no file of anyone else's.

A hidden list in the folder says what was written there, by digests. A file that is not
on it, or has been changed since, belongs to somebody: a student who has solved a task.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

LIST = ".sidebyside-made.json"


def write_all(command: str, folder: Path, texts: Mapping[str, str]) -> list[Path]:
    """Write files into a folder, all or none, and return them; others in it stay.

    Args:
        command: Who writes, for messages.
        folder: Where; it is made if it is missing.
        texts: The file's name -> its text.

    Raises:
        ValueError: If a file is there that was not made so, or was changed since.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = _read(folder / LIST)
    for name, text in texts.items():
        path, new = folder / name, _digest(text.encode())
        if path.is_symlink() or path.exists():
            if not _is_ours(path, {new, *made.get(name, [])}):
                raise ValueError(
                    f"{command}: expected no file of yours in the way, received "
                    f"{path}, which was not made by this command, or was changed "
                    "since: move it, or name another folder with --out"
                )
            made[name] = sorted({new, _digest(path.read_bytes())})
        else:
            made[name] = [new]
    # First the list: a command that is stopped in between knows its files next time.
    (folder / LIST).write_text(json.dumps(made, indent=1), encoding="utf-8")
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())
    return [folder / name for name in texts]


def _is_ours(path: Path, digests: set[str]) -> bool:
    regular = path.is_file() and not path.is_symlink()
    return regular and _digest(path.read_bytes()) in digests


def _read(path: Path) -> dict[str, list[str]]:
    """Return the list; where it can't be read, nothing is known to be ours."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
