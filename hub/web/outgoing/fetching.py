"""
Ask another server for something over HTTP: bounded in size, in time and in places.

Every hop of a redirection is checked as the first address was, and each connection is made to the
address that was checked, with the certificate of the name that was asked.
"""

import socket
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from threading import Event, Timer
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from hub.web.outgoing.addresses import DEFAULT_PORTS, Place, Resolve, checked, resolve
from hub.web.outgoing.errors import FetchFailed

_PIECE = 1 << 18
_REDIRECTS = frozenset([301, 302, 303, 307, 308])
AGENT = "education-data-hub"


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """Bounds on one answer."""

    size: int = 10_000_000
    """Bytes of the body."""
    seconds: float = 30
    """For everything, redirections included."""
    silence: float = 10
    """Seconds without a byte."""
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Rules:
    """Where one may go, and how names are resolved (a test brings its own way)."""

    private_hosts: Collection[str] = ()
    resolving: Resolve = field(default=resolve, repr=False)


@dataclass(slots=True)
class Answer:
    """What a server answers. The body is read once, piece by piece."""

    status: int
    headers: Mapping[str, str]
    _pieces: Iterator[bytes] = field(repr=False)

    def pieces(self) -> Iterator[bytes]:
        """
        Yield the body as it comes.

        :raises FetchFailed: too long, too slow, cut short
        """
        return self._pieces

    def read(self) -> bytes:
        """Return the whole body."""
        return b"".join(self._pieces)


@contextmanager
def fetched(
    url: str, *, limits: FetchLimits | None = None, rules: Rules | None = None
) -> Iterator[Answer]:
    """
    Get an address; the answer is one that succeeded (200).

    :raises FetchFailed: refused address, no answer, another answer than 200, too slow
    """
    limits, rules = limits or FetchLimits(), rules or Rules()
    clock = _Clock(limits.seconds)
    with closing(clock):
        place = checked(url, private_hosts=rules.private_hosts, resolving=rules.resolving)
        for _hop in range(limits.redirects + 1):
            with _asked(place, limits, clock) as response:
                if response.status not in _REDIRECTS:
                    yield _answer(response, limits, clock)
                    return
                place = checked(
                    response.headers.get("Location", ""),
                    after=place,
                    private_hosts=rules.private_hosts,
                    resolving=rules.resolving,
                )
        raise FetchFailed(
            "too_many_redirections",
            "The server sends from one address to the next without end.",
            remedy="Give the last address.",
        )


class _Clock:
    """Cuts the line when the time is over, whatever the server is doing."""

    def __init__(self, seconds: float) -> None:
        self._over = Event()
        self._socket: socket.socket | None = None
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def watch(self, line: socket.socket | None) -> None:
        """Cut this line from now on."""
        self._socket = line
        if self._over.is_set():
            self._cut()

    @property
    def is_over(self) -> bool:
        """Tell whether the time is over."""
        return self._over.is_set()

    def _cut(self) -> None:
        self._over.set()
        if self._socket is not None:
            try:
                # Below TLS: the reader in the other thread wakes up, and nothing is sent.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            except OSError:
                return

    def close(self) -> None:
        """Stop watching."""
        self._socket = None
        self._timer.cancel()


@contextmanager
def _asked(place: Place, limits: FetchLimits, clock: _Clock) -> Iterator[Any]:
    """Connect to one of the checked addresses and ask."""
    connection = _connected(place, limits, clock)
    with closing(connection):
        try:
            connection.request("GET", place.target, headers=_headers(place), preload_content=False)
            response = connection.getresponse()
        except (urllib3.exceptions.HTTPError, OSError, ValueError):
            raise _broken(clock) from None
        try:
            yield response
        finally:
            response.close()
            clock.watch(None)


def _connected(place: Place, limits: FetchLimits, clock: _Clock) -> HTTPConnection:
    for address in place.addresses:
        if clock.is_over:
            break
        connection = _connection(place, address, limits)
        try:
            connection.connect()
        except (urllib3.exceptions.HTTPError, OSError, ValueError):
            # A certificate of another name is a ValueError.
            connection.close()
            continue
        clock.watch(connection.sock)
        return connection
    raise _broken(clock)


def _connection(place: Place, address: str, limits: FetchLimits) -> HTTPConnection:
    if place.scheme == "http":
        return HTTPConnection(address, place.port, timeout=limits.silence)
    return HTTPSConnection(
        address,
        place.port,
        timeout=limits.silence,
        cert_reqs="CERT_REQUIRED",
        server_hostname=place.host,
        assert_hostname=place.host,
    )


def _headers(place: Place) -> dict[str, str]:
    is_usual = place.port == DEFAULT_PORTS[place.scheme]
    host = f"[{place.host}]" if ":" in place.host else place.host
    return {
        "Host": host if is_usual else f"{host}:{place.port}",
        "User-Agent": AGENT,
        "Accept-Encoding": "identity",
    }


def _answer(response: Any, limits: FetchLimits, clock: _Clock) -> Answer:
    if response.status != 200:
        raise _other_status(response.status)
    announced = response.headers.get("Content-Length", "")
    if announced.isdigit() and int(announced) > limits.size:
        raise _too_long(limits)
    return Answer(response.status, dict(response.headers), _pieces(response, limits, clock))


def _pieces(response: Any, limits: FetchLimits, clock: _Clock) -> Iterator[bytes]:
    received = 0
    try:
        for piece in response.stream(_PIECE, decode_content=False):
            received += len(piece)
            if received > limits.size:
                raise _too_long(limits)
            yield piece
    except (urllib3.exceptions.HTTPError, OSError, ValueError):
        raise _broken(clock) from None
    if clock.is_over:
        # A body without an announced length looks whole when the line is cut.
        raise _broken(clock)


def _broken(clock: _Clock) -> FetchFailed:
    if clock.is_over:
        return FetchFailed(
            "too_slow",
            "The server took too long to answer.",
            remedy="Try again later.",
            permanent=False,
        )
    return FetchFailed(
        "unreachable",
        "The server does not answer, or not as it should.",
        remedy="Check the address, then try again later.",
        permanent=False,
    )


def _other_status(status: int) -> FetchFailed:
    if status in {401, 403}:
        return FetchFailed(
            "not_public",
            "The server does not give this to everyone.",
            remedy="Give the address of something public.",
        )
    if status in {404, 410}:
        return FetchFailed(
            "not_found", "There is nothing at this address.", remedy="Check the address."
        )
    return FetchFailed(
        "server_failed",
        "The server answers with an error (%(status)s).",
        values={"status": status},
        remedy="Try again later.",
        permanent=400 <= status < 500 and status not in {408, 425, 429},
    )


def _too_long(limits: FetchLimits) -> FetchFailed:
    return FetchFailed(
        "too_large",
        "The server gives more than %(limit)s MB, which is the limit.",
        values={"limit": limits.size // 1_000_000},
        remedy="Choose a smaller file, or cut it in parts.",
    )
