"""Defaults that differ: read from the installed versions, shown, and made to agree."""
