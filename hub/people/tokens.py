"""How the API knows its callers: a personal token, or the session of the pages."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request


class BearerAuthentication(TokenAuthentication):  # type: ignore[misc]
    """``Authorization: Bearer <token>``; the token's hash, scopes and end are in the database."""


class PageSessionAuthentication(SessionAuthentication):
    """The session of somebody signed in to the pages, with its CSRF token on writes."""

    def authenticate_header(self, _request: Request) -> str:
        return "Session"


class DescribedToken(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """A token in the description of the API."""

    target_class = BearerAuthentication
    name = "token"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, str]:
        """Say how a token is sent, and where one is made."""
        text = "A personal token with scopes and an end. It is made in « My account »."
        return {"type": "http", "scheme": "bearer", "description": text}


class DescribedSession(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The session of the pages in the description of the API."""

    target_class = PageSessionAuthentication
    name = "session"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, str]:
        """Say that the pages' own calls come with their cookie."""
        text = "The session of somebody signed in to the pages; writes need the CSRF token."
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": text}
