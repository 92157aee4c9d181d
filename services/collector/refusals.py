"""Every way in which a request is refused: its status, the name it is counted under, and whether to come back."""


class Refusal(Exception):
    """The request is not accepted; the message says why. `retry_after` is in seconds, None: not worth a retry."""

    status = 400
    reason = "malformed"

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class InvalidBody(Refusal):
    """The body is not what its headers say, or holds no batch."""


class UnknownSite(Refusal):
    """Nobody registered that site."""

    status, reason = 403, "unknown_site"


class OriginNotAllowed(Refusal):
    """The page that sent it is none of the site's."""

    status, reason = 403, "origin"


class OptedOut(Refusal):
    """The reader asked not to be tracked, and that is respected by storing nothing."""

    status, reason = 403, "opted_out"


class MethodNotAllowed(Refusal):
    """Events are posted."""

    status, reason = 405, "method"


class TooSlow(Refusal):
    """The body did not arrive in time."""

    status, reason = 408, "too_slow"


class BodyTooLarge(Refusal):
    """The body is larger than the limit; the message says which limit."""

    status, reason = 413, "too_large"


class OverSiteQuota(Refusal):
    """The site sent more events than its quota."""

    status, reason = 429, "site_quota"


class OverAddressQuota(Refusal):
    """The network of the client's address sent more requests than its quota."""

    status, reason = 429, "address_quota"


class ClientGone(Refusal):
    """The client closed the connection before the end of its body."""

    status, reason = 499, "client_gone"


class Overloaded(Refusal):
    """The bodies in memory are as many bytes as may be."""

    status, reason = 503, "overloaded"


class NotDurable(Refusal):
    """Neither Kafka nor the spool has it."""

    status, reason = 503, "not_durable"
