"""Every metric of every service, with what it means."""

from prometheus_client import Counter, Gauge, Histogram

from eyeshot.tally import Level, Tally, Timings

REQUESTS_RECEIVED = Tally("eyeshot_collector_requests_received", "Requests to /v1/events")
REQUESTS = Tally("eyeshot_collector_requests", "Requests to /v1/events that were answered", ["status", "reason"])
REQUESTS_UNDER_WAY = Level("eyeshot_collector_requests_under_way", "Requests to /v1/events not yet answered")
HEADS_REFUSED = Counter("eyeshot_collector_heads_refused", "Connections closed before a request was read", ["status"])
EVENTS_RECEIVED = Tally("eyeshot_collector_events_received", "Events in batches with a valid envelope", ["site"])
EVENTS_ACCEPTED = Tally("eyeshot_collector_events_accepted", "Events answered as accepted, durable", ["site"])
EVENTS_REJECTED = Tally(
    "eyeshot_collector_events_rejected", "Events stored as rejected, durable, by the field at fault", ["site", "field"]
)
EVENTS_REFUSED = Tally("eyeshot_collector_events_refused", "Events not stored, by reason", ["site", "reason"])
EVENTS_UNDER_WAY = Level("eyeshot_collector_events_under_way", "Events received that have no outcome yet", ["site"])
SITES_FILE_USABLE = Gauge("eyeshot_collector_sites_file_usable", "0 while the sites file on disk is refused")
PUBLISH_SECONDS = Timings(
    "eyeshot_collector_publish_seconds", "From a valid batch to its durability, by where it is durable", ["route"]
)
QUEUE_SECONDS = Timings(
    "eyeshot_collector_queue_seconds", "From a record batch's first record to its hand-over to the Kafka client"
)
KAFKA_SECONDS = Timings(
    "eyeshot_collector_kafka_seconds", "From that hand-over to Kafka's acknowledgement, or to giving it up"
)
RECORDS_SPOOLED = Counter("eyeshot_collector_records_spooled", "Records written to the spool, fsynced")
RECORDS_DRAINED = Counter("eyeshot_collector_records_drained", "Records that went from the spool to Kafka")
SPOOL_ADOPTED = Counter("eyeshot_collector_spool_adopted", "Records found in the spool at start, own and orphans'")
SPOOL_SET_ASIDE = Counter("eyeshot_collector_spool_set_aside", "Records kept in the spool that cannot be drained")
SPOOL_UNREADABLE = Counter("eyeshot_collector_spool_unreadable", "Records on pages of a spool file that cannot be read")
SPOOL_FILES_DAMAGED = Counter("eyeshot_collector_spool_files_damaged", "Spool files put aside because SQLite refuses")
SPOOL_RECORDS = Gauge("eyeshot_collector_spool_records", "Records in the spool")
SPOOL_BYTES = Gauge("eyeshot_collector_spool_bytes", "Bytes of records in the spool")
KAFKA_AWAY = Gauge("eyeshot_collector_kafka_away", "1 while Kafka counts as away")

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
DUPLICATES = Counter(
    "eyeshot_compactor_duplicates", "Events left out because their identity was there lately", ["partition"]
)
WINDOW_RUNS = Gauge("eyeshot_compactor_duplicate_window_runs", "Runs of numbered events in the windows for duplicates")
WINDOW_BYTES = Gauge("eyeshot_compactor_duplicate_window_bytes", "Memory of the windows for duplicates")
WINDOW_RUNS_FORGOTTEN = Counter(
    "eyeshot_compactor_duplicate_window_runs_forgotten",
    "Runs forgotten within the window's time, because there were more than COMPACTOR_DUPLICATE_RUNS_MAX",
)
WINDOWS_CUT_OFF = Counter(
    "eyeshot_compactor_duplicate_windows_cut_off", "Windows read from the topic whose beginning may have expired"
)
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
MEMORY_BYTES = Gauge("eyeshot_compactor_memory_bytes", "Memory as the budget counts it: resident, or estimated if more")
PROJECTED_BYTES = Gauge(
    "eyeshot_compactor_projected_bytes", "Size of the largest open file if it were finished now, as cuts by size see it"
)
FILE_BYTES = Histogram(
    "eyeshot_compactor_file_bytes",
    "Real size of committed files, by the reason of their cut",
    ["table", "reason"],
    buckets=[each * 1024 * 1024 for each in (1, 8, 32, 64, 124, 132, 256, 1024)],
)
UNCOMMITTED_BYTES = Gauge("eyeshot_compactor_uncommitted_bytes", "Projected Parquet bytes of all open files together")
UNDECLARED_FIELDS = Counter(
    "eyeshot_compactor_undeclared_fields",
    "Values kept in `extra`, by field name",
    ["field"],
)

MANIFESTS_READ = Counter("eyeshot_partitioner_manifests_read", "Manifests of the commit log read")
PARTITIONS_REGISTERED = Counter("eyeshot_partitioner_partitions_registered", "Days sent to the metastore", ["table"])
LOCATIONS_SWAPPED = Counter(
    "eyeshot_partitioner_locations_swapped", "Days whose partition was pointed elsewhere", ["table"]
)
PARTITIONS_DROPPED = Counter(
    "eyeshot_partitioner_partitions_dropped", "Days without files taken out of the metastore", ["table"]
)
FILES_DELETED = Counter(
    "eyeshot_partitioner_files_deleted", "Files that were replaced, deleted after their grace", ["table"]
)
REGISTRATION_SECONDS = Histogram(
    "eyeshot_partitioner_registration_seconds",
    "From the manifest of a day's first file to its registration, for days that were not registered before",
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 3_600),
)
METASTORE_FAILURES = Counter("eyeshot_partitioner_metastore_failures", "Calls to the metastore that failed")

DAYS_MERGED = Counter("eyeshot_keeper_days_merged", "Days rewritten into few large files", ["table"])
DAYS_MOVED = Counter("eyeshot_keeper_days_moved", "Days moved to a colder tier", ["table"])
DAYS_EXPIRED = Counter("eyeshot_keeper_days_expired", "Days deleted because their retention was over", ["table"])
REWRITINGS_REMOVED = Counter(
    "eyeshot_keeper_rewritings_removed", "Folders of rewritings that nobody committed, removed"
)
REWRITES_FAILED = Counter("eyeshot_keeper_rewrites_failed", "Rewritings that were given up, to be tried again")

DAYS_ROLLED_UP = Counter("eyeshot_rollup_days_stored", "Business days written to PostgreSQL, again ones too")
ROLLUP_ROWS_WRITTEN = Counter("eyeshot_rollup_rows_written", "Rows of the table that were inserted or changed")
ROLLUP_ROWS_DELETED = Counter("eyeshot_rollup_rows_deleted", "Rows deleted because their group exists no more")
ROLLUP_SECONDS = Histogram(
    "eyeshot_rollup_day_seconds",
    "From the first question about a business day to its commit",
    buckets=(0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800),
)
ROLLUP_FAILURES = Counter("eyeshot_rollup_failures", "Days given up, to be tried again", ["part"])
ROLLUP_DAYS_BEHIND = Gauge(
    "eyeshot_rollup_days_behind", "Closed business days of which the log has another state than the table"
)

UNDECLARED_NAMES_MAX = 200
OTHER = "(other)"
_undeclared_names: set[str] = set()


def undeclared(field: str, values: int) -> None:
    """Count values of a field that nobody declared; beyond 200 names they are counted together."""
    if field not in _undeclared_names and len(_undeclared_names) >= UNDECLARED_NAMES_MAX:
        field = OTHER
    _undeclared_names.add(field)
    UNDECLARED_FIELDS.labels(field).inc(values)
