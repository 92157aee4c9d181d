"""Every metric of every service, with what it means."""

from prometheus_client import Counter, Gauge, Histogram

EVENTS_RECEIVED = Counter("eyeshot_collector_events_received", "Events in batches that had a valid envelope")
EVENTS_ACCEPTED = Counter("eyeshot_collector_events_accepted", "Events answered as accepted, durable in Kafka")
EVENTS_REJECTED = Counter("eyeshot_collector_events_rejected", "Events stored as rejected, durable in Kafka")
REQUESTS = Counter("eyeshot_collector_requests", "POST /v1/events by the status answered", ["status"])
PUBLISH_SECONDS = Histogram("eyeshot_collector_publish_seconds", "From a valid batch to Kafka's acknowledgement")

RECORDS_CONSUMED = Counter("eyeshot_compactor_records_consumed", "Kafka records read")
ROWS_COMMITTED = Counter("eyeshot_compactor_rows_committed", "Rows in committed files", ["table"])
FILES_COMMITTED = Counter("eyeshot_compactor_files_committed", "Files committed", ["table"])
BYTES_COMMITTED = Counter("eyeshot_compactor_bytes_committed", "Bytes of committed Parquet files", ["table"])
COMMITS = Counter(
    "eyeshot_compactor_commits",
    "Manifests written, by the reason of the cut",
    ["reason"],
)
FILES_LOST = Counter("eyeshot_compactor_files_lost", "Committed files whose upload the store lost")
COMMITS_TAKEN = Counter(
    "eyeshot_compactor_commits_taken", "Manifest numbers that another commit had taken (412): rebased, or given up"
)
REPAIRS = Counter("eyeshot_compactor_repairs", "Lost files that were rebuilt from Kafka: an alarm")
RECORDS_LOST = Counter("eyeshot_compactor_records_lost", "Records that Kafka no longer had: an alarm", ["partition"])
STORE_ANSWERS_UNKNOWN = Counter(
    "eyeshot_compactor_store_answers_unknown", "Calls to the store without an answer, that were made again"
)
UPLOADS_SWEPT = Counter("eyeshot_compactor_uploads_swept", "Old uploads that no manifest names, aborted")
FRESHNESS_SECONDS = Gauge(
    "eyeshot_compactor_freshness_seconds", "Age of the oldest record of the newest commit when it was published"
)
LAG_RECORDS = Gauge(
    "eyeshot_compactor_lag_records",
    "Records in Kafka that are in no committed file",
    ["partition"],
)
LAG_BYTES = Gauge(
    "eyeshot_compactor_lag_bytes", "Bytes of those records, at the size of the last ones read", ["partition"]
)
LAG_SECONDS = Gauge(
    "eyeshot_compactor_lag_seconds", "Age of the last record read, 0 when it is the newest", ["partition"]
)
OPEN_FILES = Gauge("eyeshot_compactor_open_files", "Files that are being written")
MEMORY_BYTES = Gauge("eyeshot_compactor_memory_bytes", "Memory as the budget counts it: at rest, and of the open files")
UNCOMMITTED_BYTES = Gauge("eyeshot_compactor_uncommitted_bytes", "Parquet bytes in open files")
UNDECLARED_FIELDS = Counter(
    "eyeshot_compactor_undeclared_fields",
    "Values kept in `extra`, by field name",
    ["field"],
)

MANIFESTS_READ = Counter("eyeshot_partitioner_manifests_read", "Manifests of the commit log read")
PARTITIONS_REGISTERED = Counter("eyeshot_partitioner_partitions_registered", "Days sent to the metastore", ["table"])
METASTORE_FAILURES = Counter("eyeshot_partitioner_metastore_failures", "Calls to the metastore that failed")

UNDECLARED_NAMES_MAX = 200
OTHER = "(other)"
_undeclared_names: set[str] = set()


def undeclared(field: str, values: int) -> None:
    """Count values of a field that nobody declared; beyond 200 names they are counted together."""
    if field not in _undeclared_names and len(_undeclared_names) >= UNDECLARED_NAMES_MAX:
        field = OTHER
    _undeclared_names.add(field)
    UNDECLARED_FIELDS.labels(field).inc(values)
