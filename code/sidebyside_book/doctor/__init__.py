"""Look at this machine before a workshop, or for a bug report: `sidebyside doctor`."""
