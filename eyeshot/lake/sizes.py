"""How large a file under way is, on disk and in memory. Pure."""

FIRST_GUESS_BYTES_PER_ROW = 64
MEMORY_BYTES_PER_FILE = 4 * 1024 * 1024  # dictionaries and page buffers of a Parquet writer


def projected_bytes(written_bytes: int, written_rows: int, pending_rows: int) -> int:
    """Size of the file if it were closed now: what is written, and the rest at the bytes per row seen so far."""
    per_row = written_bytes / written_rows if written_rows else FIRST_GUESS_BYTES_PER_ROW
    return round(written_bytes + pending_rows * per_row)


def memory_bytes(row_bytes: int, part_bytes: int) -> int:
    """What an open file holds in memory: rows that fill no row group yet, bytes that fill no part, and its writer."""
    return row_bytes + part_bytes + MEMORY_BYTES_PER_FILE
