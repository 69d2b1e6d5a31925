"""The tables of the reference pages, and what runs them."""
