"""Each service's user of Kafka can do what its work needs, and nothing else; who is no user can do nothing."""

import asyncio
import socket
import struct
from collections.abc import Callable

import msgspec
import pytest
from confluent_kafka.admin import AdminClient

from deploy import kafka_users
from deploy.kafka_rights import ADMIN, KAFKA_RIGHTS
from deploy.stack import HOST
from deploy.topic import PARTITIONS
from eyeshot.kafka_login import for_librdkafka
from eyeshot.lake.ports import TopicUnavailable
from eyeshot.lake.topic import KafkaTopic
from eyeshot.settings import Kafka
from services.collector.kafka import KafkaPublisher
from services.collector.settings import Collector
from services.compactor.kafka import KafkaSource
from services.compactor.settings import Compactor
from tests.kafka_attempts import ANSWER_SECONDS, NO_CLUSTER, NO_GROUP, NO_TOPIC, NOT_LET_IN, Attempts, everything
from tests.running import RunningStack

GROUP = Compactor().group
OTHER_TOPIC, OTHER_GROUP = "somebody-elses", "somebody-elses"
EVERY_USER = pytest.mark.parametrize("user", [right.user for right in KAFKA_RIGHTS])
WRITERS = pytest.mark.parametrize("user", ["collector", "producer"])
LOOKERS = pytest.mark.parametrize("user", ["keeper", "rollup"])
NOBODY_SECONDS = 10.0
# SaslHandshake, version 1, for the mechanism NONE; a listener that asks for no login would find it out of place.
SASL_HANDSHAKE = struct.pack("!ihhihh4s", 16, 17, 1, 1, -1, 4, b"NONE")
UNSUPPORTED_MECHANISM, PLAIN_ALONE = struct.pack("!h", 33), struct.pack("!ih5s", 1, 5, b"PLAIN")
As = Callable[[str], Attempts]


@pytest.fixture(scope="module")
def as_user(stack: RunningStack) -> As:
    """The attempts of one of the stack's users; there is a topic that none of them has a right to."""
    assert Attempts(stack.stack.kafka(ADMIN)).create(OTHER_TOPIC) in {None, "TOPIC_ALREADY_EXISTS"}
    return lambda user: Attempts(stack.stack.kafka(user))


@WRITERS
def test_who_sends_events_can_write_the_topic_and_not_read_it(as_user: As, user: str) -> None:
    assert as_user(user).write("events") is None
    assert as_user(user).read("events") == NO_TOPIC


@WRITERS
def test_who_sends_events_cannot_join_the_compactors_group(as_user: As, user: str) -> None:
    assert as_user(user).join(GROUP, "events") == NO_GROUP


def test_the_compactor_can_read_the_topic_and_not_write_it(as_user: As) -> None:
    assert as_user("compactor").read("events") is None
    assert as_user("compactor").write("events") == NO_TOPIC


@LOOKERS
async def test_who_looks_sees_how_far_the_topic_reaches(stack: RunningStack, as_user: As, user: str) -> None:
    assert as_user("collector").write("events") is None
    ends = await KafkaTopic(stack.stack.kafka(user)).ends()
    assert len(ends) == PARTITIONS and sum(ends.values()) > 0


async def test_a_keeper_that_is_refused_says_so(stack: RunningStack) -> None:
    right = stack.stack.kafka("keeper")
    wrong = msgspec.structs.replace(right, password=right.password[::-1])
    with pytest.raises(TopicUnavailable, match=right.bootstrap):
        await KafkaTopic(wrong).ends()


@LOOKERS
def test_who_looks_reads_and_writes_no_record_and_joins_no_group(as_user: As, user: str) -> None:
    assert as_user(user).read("events") == NO_TOPIC
    assert as_user(user).write("events") == NO_TOPIC
    assert as_user(user).join(GROUP, "events") == NO_GROUP


def test_the_compactor_joins_no_group_but_its_own(as_user: As) -> None:
    assert as_user("compactor").join(OTHER_GROUP, "events") == NO_GROUP


@EVERY_USER
def test_nobody_reaches_another_topic(as_user: As, user: str) -> None:
    assert as_user(user).write(OTHER_TOPIC) == NO_TOPIC
    assert as_user(user).read(OTHER_TOPIC) == NO_TOPIC


@EVERY_USER
def test_nobody_creates_deletes_or_configures_a_topic(as_user: As, user: str) -> None:
    assert as_user(user).create("new") in {NO_TOPIC, NO_CLUSTER}
    assert as_user(user).delete("events") == NO_TOPIC
    assert as_user(user).configure("events") == NO_TOPIC


@EVERY_USER
def test_nobody_gives_out_rights(as_user: As, user: str) -> None:
    assert as_user(user).allow_itself("events") == NO_CLUSTER


def test_who_is_no_user_gets_nothing(stack: RunningStack) -> None:
    nobody = Attempts(Kafka(bootstrap=stack.stack.kafka_bootstrap))
    assert nobody.look(NOBODY_SECONDS) is not None


@pytest.mark.parametrize("user", [ADMIN, "collector", "stranger"])
def test_a_wrong_password_is_refused(stack: RunningStack, user: str) -> None:
    right = stack.stack.kafka(ADMIN if user == ADMIN else "collector")
    wrong = msgspec.structs.replace(right, user=user, password=stack.stack.kafka("producer").password)
    assert Attempts(wrong).look(NOBODY_SECONDS) == NOT_LET_IN


@EVERY_USER
@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-512"])
def test_the_controller_lets_no_service_in(stack: RunningStack, user: str, mechanism: str) -> None:
    controller = f"{HOST}:{stack.stack.ports['KAFKA_CONTROLLER_PORT']}"
    there = msgspec.structs.replace(stack.stack.kafka(user), bootstrap=controller, sasl_mechanism=mechanism)
    assert Attempts(there).look(NOBODY_SECONDS) == NOT_LET_IN


def test_the_controller_takes_the_admins_login_alone_and_asks_everybody_for_one(stack: RunningStack) -> None:
    with socket.create_connection((HOST, stack.stack.ports["KAFKA_CONTROLLER_PORT"]), ANSWER_SECONDS) as connection:
        connection.sendall(SASL_HANDSHAKE)
        answer = connection.recv(1024)
    assert answer[8:] == UNSUPPORTED_MECHANISM + PLAIN_ALONE


def test_a_right_that_is_not_in_the_table_is_taken_away_by_the_next_start(stack: RunningStack, as_user: As) -> None:
    admin = stack.stack.kafka(ADMIN)
    client = AdminClient({"bootstrap.servers": admin.bootstrap} | for_librdkafka(admin))
    for answer in client.create_acls([everything("collector", OTHER_TOPIC)]).values():
        answer.result(30)
    assert as_user("collector").write(OTHER_TOPIC) is None

    kafka_users.ensure(admin, {right.user: stack.stack.kafka(right.user).password for right in KAFKA_RIGHTS}, GROUP)

    assert as_user("collector").write(OTHER_TOPIC) == NO_TOPIC
    assert as_user("collector").write("events") is None


def test_a_new_password_is_valid_at_once_and_the_old_one_no_longer(stack: RunningStack, as_user: As) -> None:
    admin, old = stack.stack.kafka(ADMIN), stack.stack.kafka("producer")
    new = msgspec.structs.replace(old, password=old.password[::-1])
    kafka_users.ensure(admin, {"producer": new.password}, GROUP)
    try:
        assert Attempts(new).write("events") is None
        assert Attempts(old).look(NOBODY_SECONDS) == NOT_LET_IN
    finally:
        kafka_users.ensure(admin, {"producer": old.password}, GROUP)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"password": "not-the-collectors"}, "Kafka refuses user collector: it knows no such user, or KAFKA_PASSWORD"),
        ({"topic": OTHER_TOPIC}, f"Kafka refuses user collector the topic {OTHER_TOPIC}"),
    ],
)
async def test_a_collector_that_is_refused_says_so(
    stack: RunningStack, as_user: As, changed: dict[str, str], reason: str
) -> None:
    publisher = KafkaPublisher(msgspec.structs.replace(stack.stack.kafka("collector"), **changed), Collector())
    await publisher.start()
    async with asyncio.timeout(ANSWER_SECONDS):
        while reason not in str(publisher.ready()):
            await asyncio.sleep(0.05)
    await publisher.stop()


async def test_a_compactor_that_is_refused_says_so(stack: RunningStack) -> None:
    right = stack.stack.kafka("compactor")
    wrong = msgspec.structs.replace(right, password=right.password[::-1])
    source = KafkaSource(wrong, Compactor())
    waiting = asyncio.create_task(source.topic_id())
    async with asyncio.timeout(ANSWER_SECONDS):
        while "Kafka refuses user compactor: it knows no such user" not in str(source.trouble):
            await asyncio.sleep(0.05)
    waiting.cancel()
