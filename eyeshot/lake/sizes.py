"""How large a file under way is, on disk and in memory. Pure."""

FIRST_GUESS_BYTES_PER_ROW = 64
CLOSING_BYTES_PER_GROUP = 4_500  # measured, as is the next, over row groups of 20,000 and 100,000 rows
CLOSING_BYTES_PER_ROW = 0.15
MEMORY_BYTES_PER_FILE = 4 * 1024 * 1024  # dictionaries and page buffers of a Parquet writer


def projected_bytes(written_bytes: int, written_rows: int, pending_rows: int, row_groups: int) -> int:
    """Size of the file if it were closed now, within a percent.

    What is written, the rest at the bytes per row seen so far, and what comes only at the end: page index, bloom
    filters and footer, which make 1.3 % of a full file.
    """
    per_row = written_bytes / written_rows if written_rows else FIRST_GUESS_BYTES_PER_ROW
    groups = row_groups + bool(pending_rows)
    closing = groups * CLOSING_BYTES_PER_GROUP + (written_rows + pending_rows) * CLOSING_BYTES_PER_ROW
    return round(written_bytes + pending_rows * per_row + closing)


def memory_bytes(row_bytes: int, part_bytes: int) -> int:
    """What an open file holds in memory: rows that fill no row group yet, bytes that fill no part, and its writer."""
    return row_bytes + part_bytes + MEMORY_BYTES_PER_FILE
