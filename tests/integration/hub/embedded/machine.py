"""What the tests of the supervisor look at: processes, sockets, lines."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import dj_database_url
import psycopg

from hub.embedded.servers import Servers
from hub.embedded.setting import HOST, REPOSITORY

PATIENCE = 300.0
# What the plugin of the tests sets, and a hub of its own must not inherit.
ELSEWHERE = frozenset({"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "HUB_MASTER_KEY"})


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


def eventually(true: Callable[[], object], *, what: str) -> None:
    """Wait until something is true."""
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, what
        time.sleep(0.02)


def those_of(var: Path) -> dict[int, str]:
    """Return the living processes that keep a lock of this data folder open, with their commands."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            held = any(
                os.readlink(link) == str(var / "servers.lock")
                for link in (process / "fd").iterdir()
            )
            words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if held:
            found[int(process.name)] = words.strip()
    return found


STUB = (sys.executable, "-m", "tests.integration.hub.embedded.stub_hub")
DEMO = (sys.executable, "-m", "hub.embedded", "demo")


class RunningHub:
    """A hub in a process of its own: the stub, or the whole demo."""

    def __init__(self, var: Path, *, command: tuple[str, ...] = STUB, **environment: str) -> None:
        self.var = var
        self.port = int(environment.get("HUB_PORT") or free_port())
        self._out = var.with_name(f"{var.name}.{time.monotonic_ns()}.out")
        cleaned = {k: v for k, v in os.environ.items() if k not in ELSEWHERE}
        with self._out.open("wb") as out:
            self.process = subprocess.Popen(
                command,
                cwd=REPOSITORY,
                env=cleaned | {"HUB_VAR": str(var), "HUB_PORT": str(self.port)} | environment,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    @property
    def said(self) -> str:
        """Return all that it printed."""
        return self._out.read_text()

    def await_words(self, pattern: str) -> None:
        """Wait until it prints something."""
        eventually(
            lambda: re.search(pattern, self.said) or self.process.poll() is not None,
            what=f"the hub never said {pattern}: {self.said}",
        )
        assert re.search(pattern, self.said), self.said

    def ready(self) -> "RunningHub":
        """Wait until its first page answers."""
        self.await_words(rf"(?m)^Ready: http://127\.0\.0\.1:{self.port}/$")
        return self

    def kill(self, pattern: str) -> None:
        """Kill at once the part whose command matches, and wait until it is gone."""
        [pid] = [
            pid
            for pid, words in those_of(self.var).items()
            if re.search(pattern, words) and not re.search(r"postgres: ", words)
        ]
        self.kill_process(pid)

    def kill_process(self, pid: int) -> None:
        """Kill at once one process, and wait until it is gone."""
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: pid not in those_of(self.var), what="it survived SIGKILL")

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def connected(servers: Servers, variable: str) -> psycopg.Connection[tuple[object, ...]]:
    """Connect as Django does, from the variable's address."""
    parts = dj_database_url.parse(servers.environment()[variable])
    return psycopg.connect(
        host=parts["HOST"],
        port=parts["PORT"],
        user=parts["USER"],
        dbname=parts["NAME"],
        autocommit=True,
    )
