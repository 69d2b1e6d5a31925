"""Executes the chapters, and keeps their results for exactly as long as they are right.

jupyter-cache keys a result on the notebook's code cells alone. Here a key of all else
that can change a chapter's result (see `digest`) goes with them (see `cache`), both in
the command `sidebyside execute` and in the Sphinx build.
"""

from sidebyside_book.execution.pages import connect

__all__ = ["connect"]
