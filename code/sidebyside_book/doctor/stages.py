"""Import the frameworks one by one, then let them agree; say each time what comes.

`python -m sidebyside_book.doctor.stages` is a process of its own, so that what a
framework prints or breaks stays there. Whoever reads its last stage knows where it
broke, even if it was killed.
"""

import os
from importlib import import_module

from sidebyside import quiet, versions

AT = "at: "
"""Begins the line that names a stage."""


def main() -> None:
    """Go through the stages; an error ends the process where it happened."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    for name in versions.OLDEST:  # PyTorch first: the other order has crashed
        print(f"{AT}{name}", flush=True)
        with quiet():
            import_module(name)
    print(f"{AT}agreement", flush=True)
    import_module("sidebyside_book.doctor.agreement").main()


if __name__ == "__main__":
    main()
