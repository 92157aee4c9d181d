"""What every service agrees on: the event, the table, the commit log, settings, logs and metrics."""
