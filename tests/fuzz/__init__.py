"""Bodies that nobody would send, by the million."""
