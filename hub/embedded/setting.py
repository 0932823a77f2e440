"""What the person chose (folder, port) and what every process of the hub is told."""

import errno
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hub.embedded.keys import local_keys
from hub.embedded.refusals import CannotRun

REPOSITORY = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
DEFAULT_PORT = 8000
DEFAULT_VAR = "var"


@dataclass(frozen=True, slots=True)
class Setting:
    """A hub on this machine: its data folder, its port, and the environment it was started in."""

    var: Path
    port: int
    given: Mapping[str, str]

    @property
    def address(self) -> str:
        """Return the address of the first page."""
        return f"http://{HOST}:{self.port}/"

    def environment(self, servers: Mapping[str, str]) -> dict[str, str]:
        """
        Return the environment of the hub's processes; what the person set wins over defaults.

        :param servers: the variables that lead to the embedded servers
        :raises OSError: when the secrets cannot be written
        """
        defaults = {
            "HUB_BASE_URL": self.address.rstrip("/"),
            # A mail on the console would write addresses in the log.
            "HUB_MAIL_URL": f"file:{self.var / 'mail'}",
            **local_keys(self.var),
        }
        fixed = {
            "DJANGO_SETTINGS_MODULE": "hub.settings.local",
            "HUB_VAR": str(self.var),
            "HUB_PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
        }
        return {**defaults, **self.given, **servers, **fixed}


def read_setting(environ: Mapping[str, str]) -> Setting:
    """
    Read ``HUB_VAR`` (relative to the repository) and ``HUB_PORT``.

    :raises CannotRun: when the port is no port
    """
    text = environ.get("HUB_PORT") or str(DEFAULT_PORT)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise CannotRun(f"HUB_PORT is {text!r}, which is no port: give a number from 1 to 65535.")
    var = REPOSITORY / (environ.get("HUB_VAR") or DEFAULT_VAR)
    return Setting(var.resolve(), int(text), dict(environ))


def check_port(port: int) -> None:
    """
    Make sure that the web server will be able to listen.

    :raises CannotRun: naming the port and the variable that chooses another
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            why = (
                "is already in use"
                if error.errno == errno.EADDRINUSE
                else f"cannot be opened ({os.strerror(error.errno or 0).lower()})"
            )
            raise CannotRun(
                f"Port {port} {why}: choose another, for instance HUB_PORT={port + 1 if port < 65535 else 8000}."
            ) from error


def python(*words: str) -> tuple[str, ...]:
    """Return a command of this interpreter."""
    return (sys.executable, *words)
