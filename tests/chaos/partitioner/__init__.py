"""Partitioners on a real metastore, S3 server and Trino, killed at every named step."""
