"""How the API knows its callers: a personal token, or the session of the pages."""

from knox.auth import TokenAuthentication
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request


class BearerAuthentication(TokenAuthentication):  # type: ignore[misc]
    """``Authorization: Bearer <token>``; the token's hash, scopes and end are in the database."""


class PageSessionAuthentication(SessionAuthentication):
    """The session of somebody signed in to the pages, with its CSRF token on writes."""

    def authenticate_header(self, _request: Request) -> str:
        return "Session"
