"""
The words of the table of all routes, and how one line of it is tried.

A line says what is asked for, who gets what, and what everybody else gets: a visitor is led to
sign in (401 over the API), the others are refused. A refusal shows nothing and changes nothing.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from http import HTTPMethod
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from tests.factories.world import World


class Who(StrEnum):
    """Those who try every route, by their names in the demo."""

    VISITOR = "visitor"
    STRANGER = "inconnu"
    OTHER_APPLICANT = "autre-chercheur"
    COLLEAGUE = "collegue"
    OTHER_STEWARD = "departement"
    HUB_ADMIN = "administratrice"
    AUDITOR = "auditeur"
    APPLICANT = "chercheuse"
    EDITOR = "producteur"
    STEWARD = "instructeur"
    DPO = "dpd"


Gets = Mapping[Who, int]
SIGNED_IN = tuple(who for who in Who if who is not Who.VISITOR)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def anyone(status: int = 200) -> dict[Who, int]:
    """Say what anyone gets."""
    return dict.fromkeys(Who, status)


def members(status: int = 200) -> dict[Who, int]:
    """Say what anyone who is signed in gets."""
    return dict.fromkeys(SIGNED_IN, status)


def those(*people: Who, status: int = 200) -> dict[Who, int]:
    """Say what these people get."""
    return dict.fromkeys(people, status)


HIDDEN = frozenset({404})
"""Who may not even know."""
CLOSED = frozenset({403})
"""Who is known, and it is not theirs."""
REFUSED = HIDDEN | CLOSED
"""Those without the role are closed out, those with the role elsewhere are told of nothing."""
NO_NODE = frozenset({401})
"""Whoever is not a node: their own credentials count for nothing there."""
NOBODY_ELSE: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    route: str
    method: str
    may: Gets
    others: frozenset[int] = NOBODY_ELSE
    on: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    path: str = ""
    """Where the route has no name: an address that leads to it."""
    writes: bool = False
    """A safe method that counts, such as a download."""

    def __str__(self) -> str:
        return f"{self.method} {self.route}"

    def address(self, world: World) -> str:
        """Return the address of this line in a world."""
        if self.path:
            return self.path.format_map(world.things)
        named = {name: value.format_map(world.things) for name, value in self.on.items()}
        return reverse(self.route, kwargs=named)

    @property
    def people(self) -> tuple[Who, ...]:
        """Return who tries it: of the pages of accounts, that know no object, some are enough."""
        if self.route.startswith(("account_", "mfa_")):
            return (Who.VISITOR, Who.STRANGER, Who.APPLICANT, Who.AUDITOR)
        return tuple(Who)

    @property
    def is_api(self) -> bool:
        """Tell whether programmes call it."""
        return self.route.startswith("api_") and self.route != "api_docs"


def line(
    route: str,
    method: str,
    may: Gets,
    others: frozenset[int] = NOBODY_ELSE,
    body: Any = None,
    path: str = "",
    writes: bool = False,
    **on: str,
) -> Line:
    """Write a line; ``on`` names the objects, as ``{draft}``."""
    return Line(route, method, may, others, on, body, path, writes)


@dataclass(frozen=True)
class Answer:
    """What somebody got."""

    status: int
    location: str
    text: str
    headers: Mapping[str, str]

    @property
    def is_refusal(self) -> bool:
        """Tell whether nothing was given: refused, or led to sign in."""
        return self.status >= 400 or "/accounts/login/" in self.location


class Callers:
    """Everybody at their browser and with their programme, signed in once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.browsers = {Who.VISITOR: Client(raise_request_exception=False)} | {
            who: world.people[who].browser() for who in SIGNED_IN
        }
        self.programmes: dict[Who, dict[str, str]] = {Who.VISITOR: {}} | {
            who: world.people[who].bearer() for who in SIGNED_IN
        }

    def ask(
        self, line: Line, who: Who, method: str = "", bearer: Mapping[str, str] | None = None
    ) -> Answer:
        """Let somebody call a line's address."""
        client = self.browsers[Who.VISITOR if line.is_api else who]
        cookies = deepcopy(client.cookies)
        headers = dict(self.programmes[who] if bearer is None else bearer) if line.is_api else {}
        try:
            return _read(self._send(client, line, method or line.method, headers))
        finally:
            client.cookies = cookies

    def _send(self, client: Client, line: Line, method: str, headers: dict[str, str]) -> Any:
        address, body = line.address(self._world), filled(line.body, self._world)
        if method in SAFE or (method != line.method and not line.is_api):
            return client.generic(method, address, headers=headers)
        if line.is_api or isinstance(body, str):
            kind = "text/csv" if isinstance(body, str) else "application/json"
            send = getattr(client, method.lower())
            return send(address, data=body or {}, content_type=kind, headers=headers)
        return client.post(address, data=body or {})


def filled(body: Any, world: World) -> Any:
    """Return a body with the names of the world's things replaced."""
    match body:
        case str():
            return body.format_map(world.things) if "{" in body else body
        case dict():
            return {name: filled(value, world) for name, value in body.items()}
        case list():
            return [filled(value, world) for value in body]
    return body


def _read(response: Any) -> Answer:
    content = b"".join(response) if response.streaming else response.content
    headers = dict(response.items())
    said = " ".join(f"{name}: {value}" for name, value in headers.items() if name != "Location")
    return Answer(
        status=response.status_code,
        location=headers.get("Location", ""),
        text=content.decode("utf-8", "replace") + said,
        headers=headers,
    )


def leaks(world: World, line: Line, who: Who, answer: Answer) -> list[str]:
    """Return what somebody read that is not theirs to read, and that they did not say themselves."""
    asked = line.address(world) + str(filled(line.body, world))
    return [
        secret
        for secret, readers in world.secrets.items()
        if who not in readers and secret in answer.text and secret not in asked
    ]


def fingerprint() -> dict[str, tuple[int, int]]:
    """
    Return, for every table, its number of rows and the last transaction that wrote in it.

    Every savepoint writes under a number of its own: a row added, changed or removed shows.
    Sessions are left out: reading a message or the language writes them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{name}', count(*), coalesce(max(xmin::text::bigint), 0) FROM {name}"
                for name in _tables()
            )
        )
        return {name: (count, last) for name, count, last in cursor.fetchall()}


@cache
def _tables() -> list[str]:
    return sorted(set(connection.introspection.table_names()) - {"django_session"})


def changed(before: Mapping[str, Any]) -> list[str]:
    """Return the tables that are not as they were."""
    after = fingerprint()
    return [name for name in after if after[name] != before.get(name)]


@contextmanager
def undone() -> Iterator[None]:
    """Undo what happens inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def routes() -> dict[str, URLPattern]:
    """Return every route of the hub: by its name, or by its pattern when it has none."""
    return dict(_walk(get_resolver(), "", ""))


def _walk(resolver: Any, prefix: str, space: str) -> Iterator[tuple[str, URLPattern]]:
    for one in resolver.url_patterns:
        pattern = prefix + str(one.pattern)
        if isinstance(one, URLPattern):
            name = f"{space}{one.name}" if one.name else pattern
            yield name, one
        else:
            below = f"{space}{one.namespace}:" if one.namespace else space
            yield from _walk(one, pattern, below)


def methods_of(pattern: URLPattern) -> set[str]:
    """Return the methods that a view of a class declares; those of a function cannot be known."""
    kind = getattr(pattern.callback, "cls", None)
    known = (method.value for method in HTTPMethod)
    return {m for m in known if hasattr(kind, m.lower())} - {"HEAD", "OPTIONS"} if kind else set()
