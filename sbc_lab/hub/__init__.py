"""Room; see README.md."""
