"""A new chapter from a skeleton that runs: `sidebyside new-chapter`."""
