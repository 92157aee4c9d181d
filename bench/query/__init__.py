"""What a layout of the lake is worth to a query: through Trino, beside DuckDB and PostgreSQL, in one run."""
