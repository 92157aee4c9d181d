"""Commit log, listing and Parquet footers in; a proof that every offset is present exactly once out, or the faults."""
