"""What aiokafka fetched in; our records out, without a record object of its own for each in between.

`record_as_ours()` puts our way of unpacking in the place of aiokafka's, for the whole process. The class is private to
aiokafka, whose version is pinned; tests/contract/test_fetched.py fails when another one no longer asks it.
"""

from typing import Any

from aiokafka.consumer import fetcher

from services.compactor.rows import KafkaRecord


class _Unpacked(fetcher.PartitionRecords):  # type: ignore[misc]
    def __iter__(self) -> Any:
        return self._records_iterator  # itself, and not a call of `__next__` for each record

    def _consumer_record(self, place: Any, record: Any) -> KafkaRecord:
        return KafkaRecord(place.partition, record.offset, record.timestamp, record.value or b"")


def record_as_ours() -> None:
    """From now on every consumer of this process gives KafkaRecords."""
    fetcher.PartitionRecords = _Unpacked
