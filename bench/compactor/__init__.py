"""The compactor from a real topic to committed Parquet, beside other ways there, in one run."""
