"""Helpers for the book *Side by Side*: data, batches, weights, parity, timing, plots.

Nothing here wraps an API that a chapter teaches, and importing this package imports
no framework. Each framework is imported only by its own module in
`sidebyside.lanes` (and TensorFlow by `sidebyside.tfcore`).
"""

from sidebyside.quiet import hushed, quiet

__version__ = "0.1.0"

__all__ = ["__version__", "hushed", "quiet"]
