"""The event's structs and the tables in; the reference of both in Markdown out."""

from eyeshot.event import QUALITY_BITS
from eyeshot.fields import BATCH_FIELDS, EVENT_FIELDS, Field
from eyeshot.table import TABLES, Table
from eyeshot.verdict import REQUIRED


def render() -> str:
    """The text of docs/event.md."""
    return "\n".join(
        [
            "<!-- Generated from eyeshot/event.py and eyeshot/table.py by `make generate`. Do not edit. -->",
            "# The event, field by field",
            "",
            "Short names are what the SDK sends; full names are accepted everywhere too, and a mixture of both.",
            "If a field comes under both names, the short one counts and the other is kept in `extra`. A field that is",
            "not in these tables is kept in the column `extra` and never fails anything.",
            "",
            "## Batch",
            f"Over HTTP {', '.join(f'`{name}`' for name in REQUIRED)} are required too; on the Kafka topic they may",
            "be left out.",
            "",
            *_fields(BATCH_FIELDS),
            "",
            "## Event",
            *_fields(EVENT_FIELDS),
            "",
            "## Quality bits",
            "| bit | name | meaning |",
            "|---|---|---|",
            *(f"| {bit} | `{name}` | {meaning} |" for name, (bit, meaning) in QUALITY_BITS.items()),
            "",
            "## `extra`",
            "One JSON object: the event's own undeclared fields by their names, the batch's under `$batch`, the",
            "envelope's under `$envelope`. A name of the event's own that starts with `$` gets another `$` in front.",
            "",
            *(line for table in TABLES.values() for line in _table(table)),
        ]
    )


def _fields(fields: list[Field]) -> list[str]:
    rows = [
        f"| `{field.name}` | `{field.short}` | {field.kind}{' (required)' if field.required else ''}"
        f" | {_cell(field.bounds)} | {field.description} |"
        for field in fields
    ]
    return ["| full | short | type | bound | meaning |", "|---|---|---|---|---|", *rows]


def _table(table: Table) -> list[str]:
    rows = [f"| `{column.name}` | {column.type} | {column.description} |" for column in table.columns]
    head = [
        f"## Table `{table.name}`",
        "",
        "Partitioned by `year`, `month`, `day` (strings, zero-padded).",
        "",
    ]
    return [*head, "| column | type | meaning |", "|---|---|---|", *rows, ""]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
