"""Quotas of the API."""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle


class PerToken(SimpleRateThrottle):
    """So many calls a minute for one personal token."""

    scope = "token"

    def get_cache_key(self, request: Request, _view: Any) -> str | None:
        token = getattr(request.auth, "id", None)
        return f"throttle:token:{token}" if token else None


class PerAddress(SimpleRateThrottle):
    """So many calls a minute for one address without a token."""

    scope = "address"

    def get_cache_key(self, request: Request, _view: Any) -> str | None:
        return None if request.auth else f"throttle:address:{self.get_ident(request)}"
