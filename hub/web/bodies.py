"""Bound what a request may send before Django keeps it: under ASGI it keeps the whole body."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class BoundedBodies:
    """
    Let no body longer than a limit through.

    One that announces more comes through empty, with its announced length: the view that would
    have read it refuses with words. One that announces nothing is cut just above the limit, and
    the view that counts refuses it the same way.
    """

    def __init__(self, application: Application, limit: int) -> None:
        self._application = application
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http":
            receive = self._bounded(scope, receive)
        await self._application(scope, receive, send)

    def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        left = 0 if announced(scope) > self._limit else self._limit + 1
        ended = False

        async def bounded() -> Message:
            nonlocal left, ended
            if ended:
                return await receive()
            if left <= 0:
                ended = True
                return {"type": "http.request", "body": b"", "more_body": False}
            message = await receive()
            if message["type"] != "http.request":
                return message
            body = message.get("body", b"")[:left]
            left -= len(body)
            ended = left <= 0 or not message.get("more_body", False)
            return {"type": "http.request", "body": body, "more_body": not ended}

        return bounded


def announced(scope: Scope) -> int:
    """Return the announced length of a body, 0 without one."""
    for name, value in scope.get("headers", ()):
        if name.lower() == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0
