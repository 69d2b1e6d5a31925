"""`python -m sidebyside_book.execution`: the command `sidebyside execute`."""

import argparse
import sys

from sidebyside_book.cli import run_parsed
from sidebyside_book.execution.command import add_arguments

parser = argparse.ArgumentParser(
    prog="python -m sidebyside_book.execution",
    description="Execute the chapters whose results aren't cached.",
)
add_arguments(parser)
arguments = parser.parse_args()
if sys.flags.optimize:
    from sidebyside.versions import NO_ASSERTS

    parser.error(NO_ASSERTS)
sys.exit(run_parsed(arguments))
