"""Starts the kernel of the book: IPython's, and nothing that a machine adds to it.

No profile, no configuration, no file that runs at the start, no history; and
Matplotlib with its defaults. It runs as a program, by its path: whatever it imported
from the book would be there before the first cell.
"""

import importlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from ipykernel.kernelapp import IPKernelApp
from IPython.core import shellapp
from traitlets.config import Config

NO_HISTORY = Config({"HistoryManager": {"enabled": False}})


class BookKernel(IPKernelApp):
    """IPython's kernel, which reads no file of settings."""

    def init_config_files(self) -> None:
        """Look for none: neither of the user, nor of Python, nor of the system."""

    def load_config_file(self, *_: Any, **__: Any) -> None:
        """Load none."""


def main() -> None:
    """Start the kernel, and serve until it is told to end."""
    # Folders of the system that hold files to run at the start.
    shellapp.ENV_CONFIG_DIRS.clear()
    shellapp.SYSTEM_CONFIG_DIRS.clear()
    with tempfile.TemporaryDirectory(prefix="sidebyside-") as empty:
        _import_matplotlib(Path(empty))
        os.environ["IPYTHONDIR"] = empty  # for the start alone: nothing reads it later
        kernel = BookKernel.instance(
            ignore_cwd=True, exec_PYTHONSTARTUP=False, config=NO_HISTORY
        )
        kernel.initialize()
        del os.environ["IPYTHONDIR"]
    kernel.start()


def _import_matplotlib(empty: Path) -> None:
    """Import it where no `matplotlibrc` lies: it would read that before any other."""
    here = Path.cwd()
    if not (here / "matplotlibrc").exists():
        return  # it is imported when a chapter needs it, and reads the one beside this
    os.chdir(empty)
    importlib.import_module("matplotlib")
    os.chdir(here)


if __name__ == "__main__":
    sys.exit(main())
