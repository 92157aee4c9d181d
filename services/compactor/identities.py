"""Rows of the table `events` in; the identities in them, as arrays of runs, out. Pure: part of the core.

An event's identity is (page view, source, sequence). What one record holds without a gap, within one block of 64
numbers, is a run: a key for the page view, the source and the block, and a mask of 64 bits for the numbers. So a batch
is one or two runs, and no event becomes an object. Two hashes of 64 bits stand for the key: together they tell as
much apart as the 128 random bits of a page view id do.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

BLOCK_BITS = 6  # 64 numbers: the bits of a mask
TEXTS = {"page_view_id": 24, "source": 16}  # more than either can have, in whole words
COORDINATES = ("kafka_partition", "kafka_offset", "batch_index", "sequence")
COLUMNS = [*TEXTS, *COORDINATES]

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
SEEDS: U64 = np.array([[0x9E3779B97F4A7C15], [0xD1B54A32D192ED03]], np.uint64)
_IN_BLOCK = (1 << BLOCK_BITS) - 1


class Runs(NamedTuple):
    """Runs as columns of one length. `table` and `row` say where a run's first event is among the rows given."""

    table: I64
    row: I64
    partition: I64
    offset: I64
    batch_index: I64
    key: U64
    check: U64
    mask: U64

    def of(self, partition: int) -> "Runs":
        """The runs of one Kafka partition, in the topic's order."""
        its = np.flatnonzero(self.partition == partition)
        ordered = its[np.lexsort((self.batch_index[its], self.offset[its]))]
        return _runs(column[ordered] for column in self)


def runs_in(tables: list[pa.Table]) -> Runs:
    """The runs of tables of events. Rows without an identity have none."""
    found = [NONE]
    for number, table in enumerate(tables):
        found += [
            _of_rows(batch, number)
            for batch in table.select(COLUMNS).unify_dictionaries().combine_chunks().to_batches()
        ]
    return together(*found)


def runs_of_batches(
    *, partition: I64, offset: I64, page_view_id: list[str], source: list[str], sequence: I64, events: I64
) -> Runs:
    """The runs of records of which each holds so many events, numbered from `sequence` on."""
    if not len(events):
        return NONE
    last = sequence + events - 1
    blocks = (last >> BLOCK_BITS) - (sequence >> BLOCK_BITS) + 1
    record = np.repeat(np.arange(len(events)), blocks)
    block = (sequence >> BLOCK_BITS)[record] + np.arange(len(record)) - np.repeat(np.cumsum(blocks) - blocks, blocks)
    begin = np.maximum(sequence[record], block << BLOCK_BITS)
    end = np.minimum(last[record], block << BLOCK_BITS | _IN_BLOCK)
    texts = {"page_view_id": pa.array(page_view_id), "source": pa.array(source)}
    key, check = _hashes({name: text.dictionary_encode() for name, text in texts.items()}, record, block)
    return Runs(
        table=np.zeros_like(record),
        row=record,
        partition=partition[record],
        offset=offset[record],
        batch_index=begin - sequence[record],
        key=key,
        check=check,
        mask=_masks(begin & _IN_BLOCK, end - begin + 1),
    )


def together(*parts: Runs) -> Runs:
    """All these runs."""
    return _runs(np.concatenate(column) for column in zip(*parts, strict=True))


def _runs(columns: Iterable[Any]) -> Runs:
    return Runs(*columns)


NONE = _runs([np.empty(0, np.int64)] * 5 + [np.empty(0, np.uint64)] * 3)


def _of_rows(batch: pa.RecordBatch, table: int) -> Runs:
    """The runs of rows of which each record's are together and in order."""
    if batch["page_view_id"].null_count == batch.num_rows:
        return NONE
    partition, offset, index, sequence = (_integers(batch[name]) for name in COORDINATES)
    within = (np.diff(offset) == 0) & (np.diff(partition) == 0)
    goes_on = within & (np.diff(sequence) == 1) & (sequence[1:] & _IN_BLOCK != 0)
    first = np.flatnonzero(np.concatenate(([True], ~goes_on)))
    events = np.diff(np.append(first, batch.num_rows))
    named = sequence[first] >= 0
    first, events = first[named], events[named]
    key, check = _hashes(batch, first, sequence[first] >> BLOCK_BITS)
    return Runs(
        table=np.full(len(first), table),
        row=first,
        partition=partition[first],
        offset=offset[first],
        batch_index=index[first],
        key=key,
        check=check,
        mask=_masks(sequence[first] & _IN_BLOCK, events),
    )


def _integers(column: pa.Array) -> I64:
    filled = pc.fill_null(column, -1) if column.null_count else column
    numbers: I64 = filled.to_numpy(zero_copy_only=False).astype(np.int64, copy=False)
    return numbers


def _masks(lowest: I64, events: I64) -> U64:
    """That many ones from that bit on."""
    ones = np.uint64(2**64 - 1) >> (_IN_BLOCK + 1 - events).astype(np.uint64)
    masks: U64 = ones << lowest.astype(np.uint64)
    return masks


def _hashes(texts: Any, rows: I64, block: I64) -> U64:
    """Two hashes of each of these rows' page view, source and block, as two lines; none is 0."""
    hashes = np.repeat(SEEDS, len(rows), axis=1)
    for name, octets in TEXTS.items():
        hashes = _stirred(hashes, _of_texts(texts[name], octets)[:, _integers(texts[name].indices)[rows]])
    return np.maximum(_stirred(hashes, block.astype(np.uint64)), np.uint64(1))


def _of_texts(column: pa.DictionaryArray, octets: int) -> U64:
    """Two hashes of each different text in a column, of at most so many bytes of ASCII."""
    padded = pc.utf8_rpad(column.dictionary, octets, padding="\0")
    words = np.frombuffer(padded.buffers()[2], np.uint64).reshape(len(padded), -1)
    hashes = np.repeat(SEEDS, len(padded), axis=1)
    for word in words.T:
        hashes = _stirred(hashes, word)
    return hashes


def _stirred(hashes: U64, words: U64) -> U64:
    """The hashes with these words stirred in: the finalizer of MurmurHash3, which loses nothing of a word."""
    mixed: U64 = (hashes ^ words) * np.uint64(0xFF51AFD7ED558CCD)
    mixed = (mixed ^ (mixed >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return mixed ^ (mixed >> np.uint64(33))
