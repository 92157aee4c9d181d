"""Settings: the environment in, typed values or an error that names everything out."""

import re
from typing import Any

import pytest

from eyeshot.settings import SettingError, describe, load
from services.audit.settings import AuditSettings
from services.collector.settings import CollectorSettings
from services.compactor.settings import MIB, CompactorSettings
from services.partitioner.settings import PartitionerSettings

ENVIRONMENT = {
    "KAFKA_BOOTSTRAP": "127.0.0.1:9092",
    "S3_ENDPOINT": "http://127.0.0.1:9000",
    "S3_ACCESS_KEY": "access",
    "S3_SECRET_KEY": "secret-secret",
    "METASTORE_HOST": "127.0.0.1",
}


def test_defaults_are_those_of_production():
    settings = load(CompactorSettings, ENVIRONMENT)
    assert (settings.compactor.flush_bytes, settings.compactor.flush_seconds) == (128 * MIB, 900)


def test_text_becomes_typed_values():
    settings = load(CompactorSettings, ENVIRONMENT | {"COMPACTOR_FLUSH_SECONDS": "0.5", "COMPACTOR_PORT": "9"})
    assert (settings.compactor.flush_seconds, settings.compactor.port) == (0.5, 9)


def test_an_empty_variable_counts_as_not_set():
    assert load(CollectorSettings, ENVIRONMENT | {"COLLECTOR_PORT": ""}).collector.port == 8400


def test_a_missing_variable_is_named():
    with pytest.raises(SettingError, match="KAFKA_BOOTSTRAP is not set"):
        load(CollectorSettings, {})


def test_a_secret_is_never_shown():
    with pytest.raises(SettingError) as refused:
        load(CompactorSettings, ENVIRONMENT | {"S3_SECRET_KEY": "hunter2"})
    assert "S3_SECRET_KEY" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_a_zone_must_exist():
    with pytest.raises(SettingError, match="PARTITION_TIME_ZONE is `Mars/Olympus`, but must be an IANA time zone"):
        load(CompactorSettings, ENVIRONMENT | {"PARTITION_TIME_ZONE": "Mars/Olympus"})


def bounded(struct: type[Any]) -> list[Any]:
    """Every numeric setting of a service, with its bounds."""
    cases = []
    for each in describe(struct):
        if found := re.fullmatch(r"([\d,.]+)…([\d,.]+)", each.bound):
            low, high = (float(number.replace(",", "")) for number in found.groups())
            step = 1 if each.type == "int" else 0.001
            cases.append(pytest.param(struct, each.variable, low, high, step, id=each.variable))
    return cases


@pytest.mark.parametrize(
    ("struct", "variable", "low", "high", "step"),
    [
        case
        for struct in (AuditSettings, CollectorSettings, CompactorSettings, PartitionerSettings)
        for case in bounded(struct)
    ],
)
def test_every_number_holds_at_its_bounds_and_is_refused_one_past_them(
    struct: type[Any], variable: str, low: float, high: float, step: float
):
    for inside in (low, high):
        load(struct, ENVIRONMENT | {variable: f"{inside:.10g}"})
    for outside in (low - step, high + step):
        with pytest.raises(SettingError, match=f"{variable} is `{outside:.10g}`, but must be"):
            load(struct, ENVIRONMENT | {variable: f"{outside:.10g}"})
