"""A command whose output nobody reads, as before `| head -1` in a shell."""

import os
import subprocess
import sys
from pathlib import Path


def into_closed_pipe(
    *arguments: str, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command of the book that prints into a pipe that is closed already."""
    read, write = os.pipe()
    os.close(read)
    try:
        return subprocess.run(
            [sys.executable, "-m", "sidebyside_book.cli", *arguments],
            cwd=cwd,
            stdout=write,
            stderr=subprocess.PIPE,
            text=True,
            timeout=300,
            check=False,
        )
    finally:
        os.close(write)
