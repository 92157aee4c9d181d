"""Something that happened in; one JSON line on standard output out."""

import logging
import sys
import time
from typing import Any

import msgspec


class JsonFormatter(logging.Formatter):
    """One JSON object per record: when, how grave, who, what, and the fields given as `extra={"fields": …}`."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """Render the record as its JSON line."""
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {
            "time": f"{stamp}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "service": self._service,
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.name != "eyeshot":
            line["logger"] = record.name
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line, enc_hook=str).decode()


def configure(service: str, level: str) -> None:
    """Send every record of the process, libraries included, to standard output as JSON lines."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(service))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


def happened(event: str, *, level: int = logging.INFO, **fields: Any) -> None:
    """Log one thing that happened, in the past tense, with its fields."""
    logging.getLogger("eyeshot").log(level, event, extra={"fields": fields})
