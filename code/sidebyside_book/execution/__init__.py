"""Executes the chapters, and keeps their results for exactly as long as they are right.

jupyter-cache keys a result on the notebook's code cells alone. Here each combination
of everything else that can change a result (see `digest`) has a cache of its own, and
both the command `sidebyside execute` and the Sphinx build look in the right one.
"""

from sidebyside_book.execution.pages import connect

__all__ = ["connect"]
