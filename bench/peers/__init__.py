"""Programs that others wrote, in an environment of their own (requirements.lock): `make bench-compactor` makes it."""
