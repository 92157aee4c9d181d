"""The settings for AWS are those that the services read, and what is missing from them is secret."""

import json

import pytest

from deploy.aws.lifecycle import configuration
from deploy.aws.policies import policies
from deploy.paths import ROOT
from deploy.rights import RIGHTS
from deploy.service_environments import SETTINGS
from eyeshot.kafka_login import for_librdkafka
from eyeshot.settings import SettingError, describe, load

AWS = ROOT / "deploy" / "aws"
SECRETS = {
    "KAFKA_PASSWORD": "of-a-secrets-store",
    "S3_ACCESS_KEY": "access-key-id",
    "S3_SECRET_KEY": "a-secret-key",
    "DATABASE_PASSWORD": "of-a-secrets-store",
}
SERVICES = sorted(path.stem for path in AWS.glob("*.env") if path.stem != "common")
OF_AN_OBJECT_STORE = {
    "s3.endpoint",
    "s3.path-style-access",
    "s3.aws-access-key",
    "s3.aws-secret-key",
    "s3.region",
    "parquet.max-merge-distance",
}


def pairs(name: str, folder=AWS) -> dict[str, str]:
    lines = (folder / name).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_every_service_has_a_file():
    assert sorted(set(SETTINGS) - {"demo"}) == SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_with_its_file_the_common_one_and_its_secrets(service: str):
    settings = load(SETTINGS[service], pairs("common.env") | pairs(f"{service}.env") | SECRETS)
    if hasattr(settings, "s3"):
        assert settings.s3.endpoint.startswith("https://")
    if hasattr(settings, "kafka"):
        assert for_librdkafka(settings.kafka)["security.protocol"] == "SASL_SSL"


@pytest.mark.parametrize("service", SERVICES)
def test_without_its_secrets_a_service_says_which_is_missing(service: str):
    with pytest.raises(SettingError, match=r"(PASSWORD|S3_ACCESS_KEY) is not set"):
        load(SETTINGS[service], pairs("common.env") | pairs(f"{service}.env"))


@pytest.mark.parametrize("service", SERVICES)
def test_every_variable_of_a_file_is_one_that_the_service_reads(service: str):
    assert set(pairs(f"{service}.env")) <= {each.variable for each in describe(SETTINGS[service])}


def test_every_common_variable_is_read_by_a_service():
    known = {each.variable for service in SERVICES for each in describe(SETTINGS[service])}
    assert set(pairs("common.env")) <= known


def test_trinos_catalog_is_the_local_one_but_for_where_things_are():
    local, there = pairs("lake.properties", ROOT / "deploy" / "trino" / "catalog"), pairs("lake.properties")
    differing = {name for name in local | there if local.get(name) != there.get(name)}
    assert differing <= OF_AN_OBJECT_STORE | {"hive.metastore.uri"}
    assert there["hive.query-partition-filter-required"] == "true"


def test_a_policy_for_every_user_gives_rights_in_that_bucket_alone():
    written = {name: json.loads(text) for name, text in policies("example-eyeshot-lake").items()}
    assert set(written) == {f"{right.user}.json" for right in RIGHTS}
    resources = [
        resource for policy in written.values() for each in policy["Statement"] for resource in each["Resource"]
    ]
    assert all(resource.startswith("arn:aws:s3:::example-eyeshot-lake") for resource in resources)


def test_the_lifecycle_rules_are_those_of_the_keepers_settings():
    moves = [each["StorageClass"] for each in json.loads(configuration({}))["Rules"][0]["Transitions"]]
    assert moves == ["STANDARD_IA", "GLACIER_IR"]
    assert json.loads(configuration({"KEEPER_TIERS": "copy"}))["Rules"] == []
