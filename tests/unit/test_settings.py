"""Settings: the environment in, typed values or an error that names everything out."""

import re
import ssl
from typing import Any

import pytest

from eyeshot.kafka_login import for_aiokafka, for_librdkafka
from eyeshot.settings import SettingError, describe, load
from services.audit.settings import AuditSettings
from services.collector.settings import CollectorSettings
from services.compactor.settings import MIB, CompactorSettings
from services.keeper.settings import KeeperSettings
from services.partitioner.settings import PartitionerSettings
from services.rollup.settings import RollupSettings

ENVIRONMENT = {
    "KAFKA_BOOTSTRAP": "127.0.0.1:9092",
    "S3_ENDPOINT": "http://127.0.0.1:9000",
    "S3_ACCESS_KEY": "access",
    "S3_SECRET_KEY": "secret-secret",
    "METASTORE_HOST": "127.0.0.1",
    "TRINO_HOST": "127.0.0.1",
    "DATABASE_HOST": "127.0.0.1",
    "DATABASE_PASSWORD": "hunter22",
}
SERVICES = (AuditSettings, CollectorSettings, CompactorSettings, KeeperSettings, PartitionerSettings, RollupSettings)
USER = {"KAFKA_USER": "collector", "KAFKA_PASSWORD": "hunter2"}


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


def test_without_a_kafka_user_nobody_logs_in():
    kafka = load(CollectorSettings, ENVIRONMENT).kafka
    assert (for_aiokafka(kafka), for_librdkafka(kafka)) == ({}, {})


def test_a_kafka_user_logs_in_the_same_way_with_both_client_libraries():
    kafka = load(CollectorSettings, ENVIRONMENT | USER | {"KAFKA_SASL_MECHANISM": "SCRAM-SHA-256"}).kafka
    assert for_aiokafka(kafka) == {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-256",
        "sasl_plain_username": "collector",
        "sasl_plain_password": "hunter2",
        "ssl_context": None,
    }
    assert for_librdkafka(kafka) == {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-256",
        "sasl.username": "collector",
        "sasl.password": "hunter2",
    }


def test_an_encrypted_connection_checks_who_the_broker_is():
    kafka = load(CollectorSettings, ENVIRONMENT | USER | {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}).kafka
    context = for_aiokafka(kafka)["ssl_context"]
    assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)
    assert for_librdkafka(kafka)["security.protocol"] == "SASL_SSL"


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        ({"KAFKA_USER": "collector"}, "KAFKA_PASSWORD is not set, but KAFKA_USER is"),
        ({"KAFKA_PASSWORD": "hunter2"}, "KAFKA_USER is not set, but KAFKA_PASSWORD"),
        ({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}, "KAFKA_USER is not set, but"),
        (USER | {"KAFKA_SECURITY_PROTOCOL": "SSL"}, "KAFKA_SECURITY_PROTOCOL is `SSL`, but must be"),
        (USER | {"KAFKA_SASL_MECHANISM": "OAUTHBEARER"}, "KAFKA_SASL_MECHANISM is `OAUTHBEARER`, but must be"),
        ({"KAFKA_USER": "a b", "KAFKA_PASSWORD": "hunter2"}, "KAFKA_USER is `a b`, but must be"),
    ],
)
def test_half_a_login_to_kafka_is_refused_and_named(variables: dict[str, str], complaint: str):
    with pytest.raises(SettingError, match=complaint) as refused:
        load(CollectorSettings, ENVIRONMENT | variables)
    assert "hunter2" not in str(refused.value)


def test_a_zone_must_exist():
    with pytest.raises(SettingError, match="PARTITION_TIME_ZONE is `Mars/Olympus`, but must be an IANA time zone"):
        load(CompactorSettings, ENVIRONMENT | {"PARTITION_TIME_ZONE": "Mars/Olympus"})
    with pytest.raises(SettingError, match="ROLLUP_TIME_ZONE is `Mars/Olympus`, but must be an IANA time zone"):
        load(RollupSettings, ENVIRONMENT | {"ROLLUP_TIME_ZONE": "Mars/Olympus"})


def test_a_databases_password_is_never_shown():
    assert "hunter22" not in repr(load(RollupSettings, ENVIRONMENT).database)


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
    [case for struct in SERVICES for case in bounded(struct)],
)
def test_every_number_holds_at_its_bounds_and_is_refused_one_past_them(
    struct: type[Any], variable: str, low: float, high: float, step: float
):
    environment = ENVIRONMENT | {"KEEPER_WARM_DAYS": "0", "KEEPER_COLD_DAYS": "0"}  # one must be more than the other
    for inside in (low, high):
        load(struct, environment | {variable: f"{inside:.15g}"})
    for outside in (low - step, high + step):
        with pytest.raises(SettingError, match=f"{variable} is `{outside:.15g}`, but must be"):
            load(struct, environment | {variable: f"{outside:.15g}"})
