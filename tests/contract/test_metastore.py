"""One exam for every metastore: the twin in memory, and Hive's on the native stack."""

import secrets
from datetime import timedelta

import pytest

from deploy.stack import HOST
from services.partitioner.core import Registered, partition_name
from services.partitioner.metastore import HiveMetastore
from services.partitioner.places import Place
from services.partitioner.ports import Metastore, MetastoreRefused, MetastoreUnavailable
from services.partitioner.settings import Metastore as Settings
from tests.partitioner import BUCKET, DAY, NAME, NOW_MS, OWN, MemoryMetastore, rewritten
from tests.running import RunningStack

OWN_PLACE = Place(OWN, None, 0)
MOVED = Place(rewritten(), 7, 0)
THERE = Registered(rewritten(), 7, NOW_MS)
OTHER = DAY + timedelta(days=1)


class MetastoreContract:
    @pytest.fixture
    async def metastore(self, empty: Metastore) -> Metastore:
        await empty.create_tables()
        return empty

    async def test_tables_are_created_where_they_are_missing(self, metastore: Metastore):
        await metastore.create_tables()
        assert await metastore.names("events") == await metastore.names("rejected") == []

    async def test_days_are_added_where_they_are_missing_and_found_by_name(self, metastore: Metastore):
        await metastore.register("events", {DAY: OWN_PLACE}, NOW_MS)
        await metastore.register("events", {DAY: MOVED, OTHER: MOVED}, NOW_MS)
        assert sorted(await metastore.names("events")) == [NAME, partition_name(OTHER)]
        assert await metastore.names("rejected") == []
        found = await metastore.read("events", [NAME, partition_name(OTHER), "year=2000/month=01/day=01"])
        assert found == {NAME: Registered(OWN), partition_name(OTHER): THERE}
        assert await metastore.read("events", []) == {}

    async def test_a_day_is_swapped_by_whom_has_seen_it_as_it_is(self, metastore: Metastore):
        await metastore.register("events", {DAY: OWN_PLACE}, NOW_MS)
        assert not await metastore.swap("events", NAME, THERE, MOVED, NOW_MS)
        assert not await metastore.swap("rejected", NAME, Registered(OWN), MOVED, NOW_MS)
        assert await metastore.swap("events", NAME, Registered(OWN), MOVED, NOW_MS)
        assert await metastore.read("events", [NAME]) == {NAME: THERE}
        assert not await metastore.swap("events", NAME, Registered(OWN), MOVED, NOW_MS)

    async def test_a_day_that_goes_back_to_its_own_folder_says_nothing_of_a_manifest(self, metastore: Metastore):
        await metastore.register("events", {DAY: MOVED}, NOW_MS)
        assert await metastore.swap("events", NAME, THERE, OWN_PLACE, NOW_MS)
        assert await metastore.read("events", [NAME]) == {NAME: Registered(OWN)}

    async def test_a_day_is_dropped_by_whom_has_seen_it_as_it_is(self, metastore: Metastore):
        await metastore.register("events", {DAY: MOVED}, NOW_MS)
        assert not await metastore.drop("events", NAME, Registered(OWN))
        assert await metastore.drop("events", NAME, THERE)
        assert not await metastore.drop("events", NAME, THERE)
        assert await metastore.names("events") == []

    async def test_without_tables_there_is_no_day_and_none_can_be_registered(self, empty: Metastore):
        assert await empty.names("events") == []
        with pytest.raises(MetastoreRefused):
            await empty.register("events", {DAY: OWN_PLACE}, NOW_MS)


class TestMemoryMetastore(MetastoreContract):
    @pytest.fixture
    def empty(self) -> Metastore:
        return MemoryMetastore()


class TestHiveMetastore(MetastoreContract):
    @pytest.fixture
    def empty(self, stack: RunningStack) -> Metastore:
        port = stack.stack.ports["METASTORE_PORT"]
        return HiveMetastore(Settings(host=HOST, port=port, database=f"contract_{secrets.token_hex(4)}"), BUCKET)


async def test_a_metastore_that_does_not_answer_is_not_one_that_refuses():
    with pytest.raises(MetastoreUnavailable, match=r"127\.0\.0\.1:1") as silent:
        await HiveMetastore(Settings(host=HOST, port=1), BUCKET).names("events")
    assert not isinstance(silent.value, MetastoreRefused)
