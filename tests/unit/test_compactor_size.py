"""Files that are cut by size have that size: real events, real Parquet, a smaller target."""

from zoneinfo import ZoneInfo

import pytest

from bench.events import collected_batches
from eyeshot.lake.parquet import ParquetFile
from eyeshot.lake.sizes import projected_bytes
from eyeshot.table import EVENTS
from services.compactor.decode import decode

TARGET_BYTES = 2 * 1024 * 1024
ROW_GROUP_ROWS = 20_000
POLL_RECORDS = 100
EVENTS_MAX = 160_000
ZONE = ZoneInfo("UTC")


def projected(file: ParquetFile) -> int:
    return projected_bytes(file.written_bytes, file.written_rows, file.pending_rows, file.row_groups)


@pytest.mark.parametrize("full", [True, False])
def test_a_file_that_is_closed_when_it_is_projected_to_be_full_is_within_three_percent(full: bool):
    file = ParquetFile(EVENTS, ROW_GROUP_ROWS)
    records = list(collected_batches(EVENTS_MAX, full=full))
    while projected(file) < TARGET_BYTES:
        for table in decode(records[:POLL_RECORDS], ZONE).tables.values():
            file.write(table)
        file.take(1)
        del records[:POLL_RECORDS]
    expected = projected(file)
    file.close()
    assert expected == pytest.approx(file.written_bytes, rel=0.01)
    assert file.written_bytes == pytest.approx(TARGET_BYTES, rel=0.03)
    assert file.row_groups > 3
