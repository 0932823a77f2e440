"""Carry the calls of a node to the hub of this very process, without a network."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.test import Client

from access.node.link import Reply


class InProcess:
    """What access.node.link calls a transport: while the demo is built no server answers yet."""

    def __init__(self) -> None:
        self._client = Client(raise_request_exception=False)

    def call(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, *, seconds: float
    ) -> Reply:
        """Carry a call."""
        del seconds
        sent: dict[str, Any] = {"Host": settings.ALLOWED_HOSTS[-1], **headers}
        kind = sent.pop("Content-Type", "application/octet-stream")
        answer: Any = self._client.generic(
            method, path, data=body, content_type=kind, headers=sent
        )
        content = b"".join(answer) if answer.streaming else answer.content
        return Reply(answer.status_code, content)
