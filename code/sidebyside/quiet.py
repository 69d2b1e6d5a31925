"""Silence what C++ code logs, and what exporters and converters say on the way."""

import contextlib
import io
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet() -> Iterator[None]:
    """Hold back what is written to file descriptor 2 inside the `with` block.

    TensorFlow reports missing CUDA drivers and its use of oneDNN through C++ logging,
    which Python's `sys.stderr` never sees. Turning oneDNN off would silence part of it
    and slow TensorFlow down on CPUs, so the lines are held back instead. If the block
    raises, they are printed after all: nothing that explains an error is lost.

    Example:
        >>> with quiet():
        ...     import json  # in a chapter: import tensorflow as tf
    """
    sys.stderr.flush()
    saved = os.dup(2)
    with tempfile.TemporaryFile() as held_back:
        os.dup2(held_back.fileno(), 2)
        try:
            yield
        except BaseException:
            os.dup2(saved, 2)
            held_back.seek(0)
            os.write(2, held_back.read())
            raise
        finally:
            os.dup2(saved, 2)
            os.close(saved)


@contextmanager
def hushed() -> Iterator[None]:
    """Hold back logs and warnings, from Python and from C++, inside the `with` block.

    Exporters and converters report each of their steps, and warn of parts of their own
    that are to go. What a chapter wants to show of it, it catches. Errors come through.
    """
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    held_back = contextlib.redirect_stderr(io.StringIO())
    try:
        with quiet(), held_back, warnings.catch_warnings(action="ignore"):
            yield
    finally:
        logging.disable(before)
