"""Commit log in, Hive partitions out."""
