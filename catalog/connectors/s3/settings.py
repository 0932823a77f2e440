"""Where objects of an S3 store are, and whether the hub may go there."""

from collections.abc import Collection
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from catalog.connectors.errors import ConnectorError


@dataclass(frozen=True, slots=True)
class S3Settings:
    """
    One object, or all the objects under a prefix (a key that ends with ``/``).

    ``endpoint`` is ``https://host`` or ``https://host:port``. The secret never shows in a
    representation; the key pair should only be able to read.
    """

    endpoint: str
    region: str
    bucket: str
    key: str
    access_key: str
    secret: str = field(default="", repr=False)
    connect_seconds: int = 10
    request_seconds: int = 60
    attempts: int = 3

    @property
    def is_prefix(self) -> bool:
        """Tell a prefix from one object."""
        return not self.key or self.key.endswith("/")

    @property
    def path(self) -> str:
        """Return bucket and key in one."""
        return f"{self.bucket}/{self.key}".rstrip("/")


def refuse_elsewhere(settings: S3Settings, allowed: Collection[str]) -> None:
    """
    Go only to the endpoints that the operator of the hub listed, written as they are listed.

    :raises ConnectorError: another endpoint, a bucket or a key that is not one
    """
    if settings.endpoint not in allowed or not urlsplit(settings.endpoint).hostname:
        raise ConnectorError(
            "endpoint_not_allowed",
            "The hub is not allowed to connect to this store of objects.",
            remedy="Ask the operator of the hub to add the endpoint to the allowed ones.",
        )
    parts = settings.path.split("/")
    if not settings.bucket or "/" in settings.bucket or {"", ".", ".."} & set(parts):
        raise ConnectorError(
            "bad_object_name",
            "This is not the name of a bucket and of an object.",
            remedy="Give the bucket alone, and the key without a slash at its beginning.",
        )
