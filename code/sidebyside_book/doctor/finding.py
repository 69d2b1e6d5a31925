"""One line of the doctor's report, and the commands that mend things here."""

import shutil
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

State = Literal["good", "look", "bad"]

_INSTALLERS = {  # the system's installer -> its command, and what it calls things
    "apt-get": ("sudo apt-get install {}", {}),
    "brew": ("brew install {}", {"g++": "gcc", "npm": "node"}),
    "dnf": ("sudo dnf install {}", {"g++": "gcc-c++"}),
    "pacman": ("sudo pacman -S {}", {"g++": "gcc"}),
}


@dataclass(frozen=True)
class Finding:
    """What was looked at, and what is there.

    Attributes:
        what: What was looked at.
        found: What is there.
        state: `good`; `look`, if some chapters or tests will miss it; `bad`, if the
            book won't work.
        mend: The one command, or the one thing to do; empty if all is good.
    """

    what: str
    found: str
    state: State = "good"
    mend: str = ""


def pip_install(what: str) -> str:
    """Return the command that installs packages for the Python that runs this.

    An environment that uv made has no pip; then uv does it.
    """
    python = shown(sys.executable)
    if find_spec("pip") is None and shutil.which("uv"):
        return f"uv pip install --python {python} {what}"
    return f"{python} -m pip install {what}"


def system_install(what: str) -> str:
    """Return the command that installs a program, by its name in Debian."""
    for tool, (command, names) in _INSTALLERS.items():
        if shutil.which(tool):
            return command.format(names.get(what, what))
    return f"install {what}"


def shown(path: str | Path) -> str:
    """Return a path without the user's name, or relative if it is below this folder."""
    path = Path(path)
    for base, short in ((Path.cwd(), Path()), (Path.home(), Path("~"))):
        if path.is_relative_to(base):
            return str(short / path.relative_to(base))
    return str(path)
