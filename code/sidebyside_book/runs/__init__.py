"""Run a chapter with parameters of one's own: `sidebyside run`, `sidebyside list`."""
