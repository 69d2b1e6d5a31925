"""The command `sidebyside translate`: rows of the Rosetta table for what is typed."""
