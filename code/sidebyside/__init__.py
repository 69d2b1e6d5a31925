"""Helpers for the book *Side by Side*: data, batches, weights, parity, timing, plots.

Nothing here wraps an API that a chapter teaches, and importing this package imports
no framework.
"""
__version__ = "0.1.0"
