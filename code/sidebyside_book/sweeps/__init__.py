"""Run a chapter many times and gather what it measured: `sidebyside sweep`."""
