"""The environment in; typed settings out, or one error that names the variable, its value and its bound."""

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta, inspect

S = TypeVar("S", bound=msgspec.Struct)


class SettingError(Exception):
    """A setting is missing or wrong; the message names the variable, its value and what is allowed."""


class Setting(NamedTuple):
    """A setting as the docs print it."""

    variable: str
    type: str
    bound: str
    unit: str
    default: str
    sentence: str


def setting(sentence: str, *, unit: str = "", secret: bool = False) -> Meta:
    """What the docs say of a setting, and its unit."""
    return Meta(description=sentence, extra={"unit": unit, "secret": secret})


Port = Annotated[int, Meta(ge=1, le=65535)]
Host = Annotated[str, Meta(min_length=1, max_length=253)]


class Log(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of every service's log."""

    level: Annotated[
        Annotated[str, Meta(pattern="^(debug|info|warning|error)$")],
        setting("The least level that is logged"),
    ] = "info"


class Kafka(msgspec.Struct, frozen=True, kw_only=True):
    """Where the events are."""

    bootstrap: Annotated[
        Annotated[str, Meta(pattern=r"^[^:,\s]+:[0-9]+(,[^:,\s]+:[0-9]+)*$")],
        setting("Kafka's addresses, as host:port,host:port"),
    ]
    topic: Annotated[
        Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,249}$")],
        setting("The topic of the events"),
    ] = "events"
    user: Annotated[
        Annotated[str, Meta(pattern=r"^[A-Za-z0-9._@-]{0,255}$")],
        setting("The user to log in as by SASL; empty: nobody, by PLAINTEXT"),
    ] = ""
    password: Annotated[
        Annotated[str, Meta(max_length=1024)], setting("The user's password, needed with a user", secret=True)
    ] = ""
    security_protocol: Annotated[
        Annotated[str, Meta(pattern="^SASL_(PLAINTEXT|SSL)$")],
        setting("How a user connects: SASL_SSL encrypts, which a Kafka on another machine needs"),
    ] = "SASL_PLAINTEXT"
    sasl_mechanism: Annotated[
        Annotated[str, Meta(pattern="^(SCRAM-SHA-512|SCRAM-SHA-256|PLAIN)$")],
        setting("How a user shows the password; PLAIN sends it as it is"),
    ] = "SCRAM-SHA-512"
    ca_file: Annotated[
        Annotated[str, Meta(max_length=4096)],
        setting("With SASL_SSL: PEM file of the authorities that are believed; empty: the system's"),
    ] = ""

    def __post_init__(self) -> None:
        if self.user and not self.password:
            raise ValueError("PASSWORD is not set, but KAFKA_USER is")
        if not self.user and (self.password or self.security_protocol == "SASL_SSL"):
            raise ValueError("USER is not set, but KAFKA_PASSWORD or KAFKA_SECURITY_PROTOCOL=SASL_SSL is")

    def __repr__(self) -> str:
        """Without the password: what is printed is read by others."""
        return f"Kafka(bootstrap={self.bootstrap!r}, topic={self.topic!r}, user={self.user!r})"


class S3(msgspec.Struct, frozen=True, kw_only=True):
    """The S3 store of the lake."""

    endpoint: Annotated[Annotated[str, Meta(pattern=r"^https?://[^/\s]+$")], setting("The store's URL")]
    access_key: Annotated[Annotated[str, Meta(min_length=3)], setting("Access key id", secret=True)]
    secret_key: Annotated[Annotated[str, Meta(min_length=8)], setting("Secret key", secret=True)]
    region: Annotated[str, setting("The store's region")] = "us-east-1"
    bucket: Annotated[
        Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9.-]{2,57}$")],
        setting("The lake's bucket; those of its colder tiers have `-warm` and `-cold` behind its name"),
    ] = "lake"


class Partition(msgspec.Struct, frozen=True, kw_only=True):
    """How a time becomes a day."""

    time_zone: Annotated[str, setting("IANA zone whose days are the table's day partitions")] = "UTC"

    def __post_init__(self) -> None:
        zone_of(self.time_zone)

    @property
    def zone(self) -> ZoneInfo:
        """The zone itself."""
        return zone_of(self.time_zone)


def zone_of(name: str) -> ZoneInfo:
    """The zone of a setting TIME_ZONE. Raises ValueError, for load() to complete with the group's name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"TIME_ZONE is `{name}`, but must be an IANA time zone such as `Europe/Paris`") from None


def load(struct: type[S], environment: Mapping[str, str]) -> S:
    """Read a service's settings: each field is a group, and its variables are GROUP_FIELD.

    Raises SettingError for the first variable that is missing or out of its bound.
    """
    return struct(**{group: _load_group(kind, group, environment) for group, kind in _groups(struct)})


def describe(struct: type[msgspec.Struct]) -> list[Setting]:
    """A service's settings, in the order of their declaration."""
    return [_describe(group, field) for group, kind in _groups(struct) for field in _fields(kind)]


def variable(group: str, field: str) -> str:
    """The environment variable of a field."""
    return f"{group}_{field}".upper()


def _groups(struct: type[msgspec.Struct]) -> list[tuple[str, type[msgspec.Struct]]]:
    return [(field.name, field.type) for field in msgspec.structs.fields(struct)]


def _fields(struct: type[msgspec.Struct]) -> tuple[inspect.Field, ...]:
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    return info.fields


def _load_group(struct: type[msgspec.Struct], group: str, environment: Mapping[str, str]) -> msgspec.Struct:
    given = {}
    for field in _fields(struct):
        name = variable(group, field.name)
        text = environment.get(name, "")
        if text:
            given[field.name] = _value(struct, field, name, text)
        elif field.required:
            raise SettingError(f"{name} is not set: {_sentence(field)}")
    try:
        return struct(**given)
    except ValueError as error:
        raise SettingError(f"{group.upper()}_{error}") from None


def _value(struct: type[msgspec.Struct], field: inspect.Field, name: str, text: str) -> Any:
    kind = next(each.type for each in msgspec.structs.fields(struct) if each.name == field.name)
    try:
        return msgspec.convert(text, kind, strict=False)
    except msgspec.ValidationError:
        shown = "a secret that is not shown" if _extra(field)["secret"] else f"`{text}`"
        allowed = " ".join(filter(None, (_type(field), _bound(field), _extra(field)["unit"])))
        raise SettingError(f"{name} is {shown}, but must be {allowed}: {_sentence(field)}") from None


def _describe(group: str, field: inspect.Field) -> Setting:
    return Setting(
        variable=variable(group, field.name),
        type=_type(field),
        bound=_bound(field),
        unit=_extra(field)["unit"],
        default=_default(field),
        sentence=_sentence(field),
    )


def _default(field: inspect.Field) -> str:
    if field.required:
        return "(required)"
    return "(empty)" if field.default == "" else f"`{field.default}`"


def _type(field: inspect.Field) -> str:
    return type(_kind(field)).__name__.removesuffix("Type").lower()


def _bound(field: inspect.Field) -> str:
    kind = _kind(field)
    if isinstance(kind, inspect.IntType | inspect.FloatType):
        return f"{kind.ge:,}…{kind.le:,}"
    if isinstance(kind, inspect.StrType) and kind.pattern:
        return f"matching `{kind.pattern}`"
    if isinstance(kind, inspect.StrType) and kind.min_length:
        return f"of at least {kind.min_length} characters"
    if isinstance(kind, inspect.StrType) and kind.max_length:
        return f"of at most {kind.max_length:,} characters"
    return ""


def _kind(field: inspect.Field) -> inspect.Type:
    assert isinstance(field.type, inspect.Metadata), f"{field.name} has no setting()"
    return field.type.type


def _sentence(field: inspect.Field) -> str:
    assert isinstance(field.type, inspect.Metadata)
    return str((field.type.extra_json_schema or {})["description"])


def _extra(field: inspect.Field) -> dict[str, Any]:
    assert isinstance(field.type, inspect.Metadata)
    return dict(field.type.extra or {})
