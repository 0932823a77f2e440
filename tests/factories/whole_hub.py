"""A whole hub on a folder of its own: servers, demo world, web server, worker, scheduler."""

import http.cookiejar
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest
import redis

from hub.demo.settling import PASSWORD, address
from hub.embedded import postgres, valkey
from hub.embedded.folder import DataFolder
from hub.embedded.setting import HOST, REPOSITORY
from hub.embedded.sockets import socket_folder
from hub.people.permissions import Scope
from tests.integration.hub.embedded.machine import DEMO, ELSEWHERE, free_port, those_of

PUPILS = 6_000
"""Few, to be quick; enough for k-anonymity to let almost everyone through."""
PATIENCE = 300.0
PREFIX = "hub-whole-"
JSON = {"Content-Type": "application/json"}
T = TypeVar("T")


def eventually(find: Callable[[], T | None], *, what: str) -> T:
    """
    Return the first answer that is neither None, False nor empty.

    :raises AssertionError: with ``what`` when it never comes
    """
    until = time.monotonic() + PATIENCE
    while not (answer := find()):
        assert time.monotonic() < until, what
        time.sleep(0.1)
    return answer


class WholeHub:
    """One hub in a process of its own, that ends with this one."""

    def __init__(self, folder: Path, *, pupils: int = PUPILS) -> None:
        self.var = folder / "var"
        self.output = folder / "output"
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self.pupils = pupils
        self.port = free_port()
        self.base = f"http://{HOST}:{self.port}"
        environment = {name: text for name, text in os.environ.items() if name not in ELSEWHERE}
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                (*DEMO, "--with-parent"),
                cwd=REPOSITORY,
                env=environment
                | {
                    "HUB_VAR": str(self.var),
                    "HUB_PORT": str(self.port),
                    "HUB_DEMO_PUPILS": str(pupils),
                    "HUB_BASE_URL": self.base,
                    "TMPDIR": str(self.temporary),
                },
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    @property
    def said(self) -> str:
        """Return all that it printed."""
        return self.output.read_text()

    def ready(self) -> "WholeHub":
        """Wait until its first page answers."""
        line = f"\nReady: {self.base}/\n"
        eventually(
            lambda: line in self.said or self.process.poll() is not None,
            what=f"The hub is not ready: {self.said}",
        )
        assert line in self.said, self.said
        return self

    def stop(self) -> int:
        """Stop it in order and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def parts(self, pattern: str) -> set[int]:
        """Return the processes of the hub whose command matches."""
        return {pid for pid, words in those_of(self.var).items() if re.search(pattern, words)}

    def kill(self, pattern: str) -> set[int]:
        """Kill at once every process whose command matches, and wait until they are gone."""
        killed = self.parts(pattern)
        assert killed, f"No process matches {pattern}."
        for pid in killed:
            # A server takes its children with it.
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        eventually(lambda: not killed & set(those_of(self.var)), what=f"{pattern} survived")
        return killed

    def database(self) -> psycopg.Connection[Any]:
        """Return a connection as the superuser, who may read everything."""
        return psycopg.connect(
            host=str(socket_folder(self.var)),
            port=postgres.PORT,
            user="postgres",
            dbname="hub",
            autocommit=True,
        )

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self.database() as connection:
            return connection.execute(query, values).fetchall()

    def valkey(self) -> "redis.Redis":
        """Return a client of Valkey that gives bytes."""
        return redis.Redis.from_url(valkey.url(socket_folder(self.var)))

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one of Django's commands beside the running hub."""
        environment = {name: text for name, text in os.environ.items() if name not in ELSEWHERE}
        return subprocess.run(
            (sys.executable, "-m", "hub.embedded", "manage", *words),
            cwd=REPOSITORY,
            env=environment | {"HUB_VAR": str(self.var), "HUB_PORT": str(self.port)},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def person(self, name: str) -> "Caller":
        """Return somebody of the demo world with a token for everything."""
        return Caller(self, name)

    def answers(self) -> bool:
        """Say whether the hub says that it is ready."""
        try:
            with urllib.request.urlopen(f"{self.base}/-/ready", timeout=10) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@dataclass(frozen=True, slots=True)
class Answer:
    """What the hub answered to a call."""

    status: int
    content: bytes

    def json(self) -> Any:
        """Return the answer of a call of the API that must have succeeded."""
        assert self.status < 400, self.content.decode(errors="replace")
        return json.loads(self.content)


class Caller:
    """Somebody who calls the hub over HTTP; without a name, a visitor."""

    def __init__(self, hub: WholeHub, name: str = "") -> None:
        self._base = hub.base
        self._jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar))
        self._headers: dict[str, str] = {}
        if name:
            self._sign_in(address(name))

    def get(self, path: str) -> Answer:
        """Read an address of the hub."""
        return self.send("GET", path)

    def api(self, method: str, path: str, body: object = None) -> Any:
        """Call the API and return what it answers; it must not refuse."""
        data = None if body is None else json.dumps(body).encode()
        return self.send(method, f"/api/v1{path}", data, JSON).json()

    def send(
        self,
        method: str,
        path: str,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a call, whatever is answered."""
        asked = urllib.request.Request(
            self._base + path, data, {**self._headers, **(headers or {})}, method=method
        )
        try:
            with self._opener.open(asked, timeout=120) as answer:
                return Answer(answer.status, answer.read())
        except urllib.error.HTTPError as refusal:
            with refusal:
                return Answer(refusal.code, refusal.read())

    def form(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Send a form of the pages."""
        self.get(path)
        data = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": self._csrf()})
        return self.send("POST", path, data.encode(), {"Referer": self._base + path})

    def _csrf(self) -> str:
        return next(one.value or "" for one in self._jar if one.name == "csrftoken")

    def _sign_in(self, email: str) -> None:
        self.form("/accounts/login/", {"login": email, "password": PASSWORD})
        made = self.send(
            "POST",
            "/api/v1/tokens",
            json.dumps({"label": "tests", "scopes": list(Scope), "days": 1}).encode(),
            {**JSON, "X-CSRFToken": self._csrf()},
        ).json()
        self._headers = {"Authorization": f"Bearer {made['token']}"}


@pytest.fixture(scope="session")
def whole_hub(request: pytest.FixtureRequest) -> Iterator[WholeHub]:
    """One hub with its demo world, for all the tests that need one; its logs stay if one fails."""
    remove_abandoned(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    hub = WholeHub(folder)
    try:
        yield hub.ready()
        assert hub.stop() == 0, hub.said
    finally:
        hub.stop()
        if request.session.testsfailed:
            keep_logs(hub)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def keep_logs(hub: WholeHub) -> None:
    """Remove the data of a hub, but not what its processes said."""
    for path in hub.var.iterdir():
        if path.is_dir() and path.name != "log":
            shutil.rmtree(path, ignore_errors=True)
    sys.stderr.write(f"\nThe logs of the whole hub are in {hub.output.parent}\n")


def remove_abandoned(temporary: Path) -> None:
    """Remove the folders of runs that were killed, and of those that failed before."""
    for path in temporary.glob(f"{PREFIX}*"):
        if path.stat().st_uid == os.geteuid() and not DataFolder(path / "var").in_use():
            shutil.rmtree(path, ignore_errors=True)
