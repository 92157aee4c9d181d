"""Bring the stack up and look after it: `python -m deploy <command>`."""
