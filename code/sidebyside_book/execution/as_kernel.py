"""Runs a command under the environment of the book's kernels, as `env` does.

`python -m sidebyside_book.execution.as_kernel pytest --nbval-lax chapters`
"""

import os
import sys

from sidebyside_book.execution.environment import kernel_environment


def main(command: list[str]) -> None:
    """Replace this process by `command`."""
    if not command:
        raise SystemExit("usage: python -m sidebyside_book.execution.as_kernel CMD")
    if sys.flags.optimize:
        from sidebyside.versions import NO_ASSERTS

        raise SystemExit(f"as_kernel: {NO_ASSERTS}")
    try:
        environment = kernel_environment()
    except ValueError as error:
        raise SystemExit(f"as_kernel: {error}") from None
    os.execvpe(command[0], command, environment)


if __name__ == "__main__":
    main(sys.argv[1:])
