"""
Where the hub may go when somebody gives it an address.

Only to addresses of the public internet, unless the operator named the host: otherwise whoever
gives an address could make the hub read its own network. The answer of the name service is looked
at whole, and the connection is made to what was looked at: a name that changes its mind between
two questions gains nothing.
"""

import ipaddress
import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from hub.web.outgoing.errors import FetchFailed

Resolve = Callable[[str, int], Sequence[str]]
"""Name and port → addresses, as texts."""

DEFAULT_PORTS = {"http": 80, "https": 443}
_LONGEST = 2_000
_EMBEDDING = (
    (ipaddress.IPv6Network("64:ff9b::/96"), 0),
    (ipaddress.IPv6Network("2002::/16"), 80),
)
"""IPv6 networks that carry an IPv4 address, and how many bits stand to its right."""


@dataclass(frozen=True, slots=True)
class Place:
    """A checked address: where to connect, and what to ask there."""

    url: str
    scheme: str
    host: str
    port: int
    target: str
    """Path and query."""
    addresses: tuple[str, ...]


def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the name service of this machine."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def checked(
    url: str,
    *,
    after: Place | None = None,
    private_hosts: Collection[str] = (),
    resolving: Resolve = resolve,
) -> Place:
    """
    Accept an address, and say which machines answer to it.

    :param after: the place that redirects here; one may not be sent from HTTPS back to HTTP
    :param private_hosts: hosts that the operator names, as ``host`` or ``host:port``
    :raises FetchFailed: not HTTP, an unknown name, a machine that is not public
    """
    parts = _split(urljoin(after.url, url) if after else url)
    host = (parts.hostname or "").rstrip(".").lower()
    port = _port(parts)
    if after and after.scheme == "https" and parts.scheme != "https":
        raise _refused()
    is_named = host in private_hosts or f"{host}:{port}" in private_hosts
    if port not in DEFAULT_PORTS.values() and f"{host}:{port}" not in private_hosts:
        raise _refused()
    addresses = _addresses(host, port, resolving)
    if not is_named and not all(map(is_public, addresses)):
        raise _refused()
    target = parts.path or "/"
    return Place(
        url=parts._replace(fragment="").geturl(),
        scheme=parts.scheme,
        host=host,
        port=port,
        target=f"{target}?{parts.query}" if parts.query else target,
        addresses=addresses,
    )


def _split(url: str) -> SplitResult:
    """Cut an address into its parts, and accept nothing that two readers could read differently."""
    is_plain = url.isascii() and url.isprintable() and not {" ", "\\"} & set(url)
    if len(url) > _LONGEST or not is_plain:
        raise _not_an_address()
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise _not_an_address() from None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        raise _not_an_address()
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port if parts.port is not None else DEFAULT_PORTS[parts.scheme]


def _addresses(host: str, port: int, resolving: Resolve) -> tuple[str, ...]:
    try:
        found = tuple(resolving(host, port))
    except (OSError, UnicodeError):
        found = ()
    if not found:
        raise FetchFailed(
            "unknown_host",
            "The name of this host is not known.",
            remedy="Check the address.",
            permanent=False,
        )
    return found


def is_public(address: str) -> bool:
    """Tell whether an address is one of the public internet, and not of somebody's own network."""
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(read, ipaddress.IPv6Address):
        inner = _embedded(read)
        if inner is not None:
            return is_public(str(inner))
        if read.is_site_local:
            return False
    return read.is_global and not read.is_multicast and not read.is_reserved


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    for network, bits in _EMBEDDING:
        if address in network:
            return ipaddress.IPv4Address(int(address) >> bits & 0xFFFFFFFF)
    return None


def _refused() -> FetchFailed:
    return FetchFailed(
        "address_not_allowed",
        "The hub may not go to this address: it is not on the public internet.",
        remedy="Give a public address, or ask the operator of the hub to allow this host.",
    )


def _not_an_address() -> FetchFailed:
    return FetchFailed(
        "not_an_address",
        "This is not an address that the hub can read (http or https).",
        remedy="Copy the address from the browser, without a name or a password in it.",
    )
