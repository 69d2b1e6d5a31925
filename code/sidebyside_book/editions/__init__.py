"""Editions of the book for a class: for students, as slides, and without a network."""
