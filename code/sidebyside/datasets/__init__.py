"""Data sets as NumPy arrays: bundled ones, checked; public ones, where there is a net.

`data/datasets.yaml` lists what they are, with source, licence, units and digests.
"""

from sidebyside.datasets._catalogue import describe
from sidebyside.datasets._load import (
    Images,
    Table,
    load_affairs,
    load_cutouts,
    load_diabetes,
    load_digits,
    load_images,
    load_photo,
)
from sidebyside.datasets._reviews import Reviews, load_reviews

__all__ = [
    "Images",
    "Reviews",
    "Table",
    "describe",
    "load_affairs",
    "load_cutouts",
    "load_diabetes",
    "load_digits",
    "load_images",
    "load_photo",
    "load_reviews",
]
