"""Kafka in, Parquet files out, committed through the table's commit log."""
