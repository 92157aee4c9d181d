"""Everything that is written from the one truth of the event and from the settings: `make generate`."""
