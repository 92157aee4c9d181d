"""Why a producer could not start, in, as the client library tells it; in words, and whether it is the login, out."""

from aiokafka.conn import create_conn
from aiokafka.errors import KafkaConnectionError, KafkaError, SaslAuthenticationFailed, TopicAuthorizationFailedError

from eyeshot.kafka_login import for_aiokafka, refused
from eyeshot.settings import Kafka


async def why(kafka: Kafka, error: Exception, timeout_ms: int) -> str:
    """The sentence for `/health/ready` and the log."""
    if isinstance(error, TopicAuthorizationFailedError):
        return f"Kafka refuses user {kafka.user or '(none)'} the topic {kafka.topic}"
    # A client that was refused says the same as one that found nobody: aiokafka only logs the difference.
    if isinstance(error, KafkaConnectionError) and await _is_refused(kafka, timeout_ms):
        return refused(kafka)
    return f"waiting for Kafka at {kafka.bootstrap}: {error!r}"


async def _is_refused(kafka: Kafka, timeout_ms: int) -> bool:
    host, _, port = kafka.bootstrap.partition(",")[0].rpartition(":")
    try:
        connection = await create_conn(host, int(port), request_timeout_ms=timeout_ms, **for_aiokafka(kafka))
    except SaslAuthenticationFailed:
        return True
    except (KafkaError, OSError):
        return False
    connection.close()
    return False
