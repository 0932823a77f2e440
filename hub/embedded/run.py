"""A whole hub on this machine, by one command: servers, tables, demo world, web, worker, scheduler."""

import http.client
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from hub.embedded import programmes
from hub.embedded.folder import DataFolder, explain
from hub.embedded.processes import Process
from hub.embedded.programmes import DEMO, Parts
from hub.embedded.refusals import CannotRun
from hub.embedded.servers import Servers
from hub.embedded.setting import HOST, REPOSITORY, Setting, check_port, python
from hub.embedded.supervisor import Supervisor

PATIENCE = 90.0
BEAT = 0.1
AS_OWNER = frozenset({"migrate", "flush", "dbshell"})


class Asked(Exception):
    """The person asked to stop."""


class Stop:
    """Counts the requests to stop: the first is obeyed in order, from the second nobody is waited for."""

    def __init__(self) -> None:
        self.times = 0
        self._former: dict[
            signal.Signals, Callable[[int, FrameType | None], object] | int | None
        ] = {}

    def __enter__(self) -> Self:
        """Listen to Ctrl-C, SIGTERM and, unless told to ignore it, the end of the terminal."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
                continue
            self._former[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the signals back."""
        for number, former in self._former.items():
            signal.signal(number, former)

    def hurry(self) -> bool:
        """Say whether the person insists."""
        return self.times > 1

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.times += 1


class Hub:
    """
    A hub on one data folder.

    ``setting`` is what the person chose, ``say`` receives one line at a time.
    """

    def __init__(
        self,
        setting: Setting,
        *,
        say: Callable[[str], None],
        stop: Stop,
        parts: Parts = DEMO,
    ) -> None:
        self._setting = setting
        self._say = say
        self._stop = stop
        self._parts = parts
        self._began = time.monotonic()
        self._folder = DataFolder(setting.var)
        self._servers = servers_of(self._folder, setting.given)
        self._supervisor = Supervisor(say=self._tell)
        self._started: list[Process] = []

    def run(self) -> None:
        """
        Start everything, say where it is, and keep it alive until the person asks to stop.

        :raises CannotRun: with the reason, nothing left running
        """
        self._tell(f"Data folder {self._setting.var}")
        self._folder.take()
        try:
            check_port(self._setting.port)
            self._servers.start()
            for process in self._servers.processes:
                self._supervisor.watch(process)
            self._live()
        except Asked:
            self._tell("Stopping…")
        except OSError as error:
            raise CannotRun(explain(error, self._setting.var)) from error
        finally:
            self._supervisor.stop(self._started, hurry=self._stop.hurry)
            self._servers.stop()
            self._folder.release()
        self._tell("Stopped. Nothing was lost: the same command starts it again.")

    def _live(self) -> None:
        if self._servers.processes:
            names = " and ".join(process.name for process in self._servers.processes)
            self._tell(f"{names} answer")
        environment = self._setting.environment(self._servers.environment())
        self._prepare(environment)
        for programme in self._parts.long_running(
            self._setting,
            environment=environment,
            log=self._folder.log,
            inherited=self._folder.inherited,
        ):
            process = Process(programme)
            self._started.append(process)
            process.start()
            self._supervisor.watch(process)
        self._tell("Web server, worker and scheduler start")
        self._wait_until_ready()
        self._tell("The first page answers")
        self._say(f"Ready: {self._setting.address}")
        if programmes.exists(self._parts.welcome):
            self._command(self._parts.welcome, environment=environment)
        self._say(f"Logs are in {self._folder.log}. Ctrl-C stops everything.")
        while True:
            self._pause()

    def _prepare(self, environment: Mapping[str, str]) -> None:
        for step in self._parts.preparations:
            stamp = self._stamp(step.name, step.digest())
            if stamp.current() or not programmes.exists(step.name):
                continue
            self._tell(step.line)
            chosen = as_owner(environment) if step.as_owner else environment
            self._command(step.name, *step.words, environment=chosen)
            stamp.set()

    def _stamp(self, name: str, digest: str) -> "Stamp":
        # Beside the embedded data, to disappear with them. Of a database that is elsewhere nobody
        # knows here what became of it: its stamp is never current.
        mine = "DATABASE_URL" in self._servers.environment()
        return Stamp(self._setting.var / "postgres" / name if mine else None, digest)

    def _command(self, name: str, *words: str, environment: Mapping[str, str]) -> None:
        process = Process(
            programmes.command(
                name, *words, environment=environment, inherited=self._folder.inherited
            )
        )
        self._started.append(process)
        process.start()
        while process.alive():
            self._pause()
        if process.ended():
            raise CannotRun(f"The command {name} failed: its reason is above.")

    def _wait_until_ready(self) -> None:
        port, log = self._setting.port, self._folder.log / "web.log"
        until = time.monotonic() + PATIENCE
        while not _answers(port, "/-/ready"):
            if time.monotonic() > until:
                raise CannotRun(f"The web server is not ready after {PATIENCE:.0f} s: see {log}.")
            self._pause()
        if not _answers(port, "/"):
            raise CannotRun(f"The first page answers with an error: see {log}.")

    def _pause(self) -> None:
        if self._stop.times:
            raise Asked
        self._supervisor.tend()
        time.sleep(BEAT)

    def _tell(self, line: str) -> None:
        self._say(f"[{time.monotonic() - self._began:5.1f} s] {line}")


class Stamp:
    """A file that says for which digest something was done; without a path, never done."""

    def __init__(self, path: Path | None, digest: str) -> None:
        self._path = path
        self._digest = digest

    def current(self) -> bool:
        """Say whether it was done for this digest."""
        return (
            self._path is not None
            and self._path.exists()
            and self._path.read_text() == self._digest
        )

    def set(self) -> None:
        """Note that it was done."""
        if self._path is not None:
            self._path.write_text(self._digest)


def servers_of(folder: DataFolder, given: Mapping[str, str], *, durable: bool = True) -> Servers:
    """Return the embedded servers that the environment does not name already."""
    return Servers(
        folder,
        with_postgres=not given.get("DATABASE_URL"),
        with_valkey=not given.get("REDIS_URL"),
        durable=durable,
    )


def as_owner(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which the tables' owner is the database's user."""
    owner = environment.get("DATABASE_OWNER_URL") or environment["DATABASE_URL"]
    return {**environment, "DATABASE_URL": owner}


def manage(setting: Setting, arguments: list[str]) -> int:
    """
    Run one of Django's commands on the running hub of this folder, or on its servers alone.

    :returns: the command's exit code
    :raises CannotRun: when the servers cannot be started
    """
    folder = DataFolder(setting.var)
    servers = servers_of(folder, setting.given)
    running = folder.in_use()
    if not running:
        folder.take()
    try:
        if not running:
            servers.start()
        environment = setting.environment(servers.environment())
        if arguments and arguments[0] in AS_OWNER:
            environment = as_owner(environment)
        return subprocess.run(
            python("manage.py", *arguments), cwd=REPOSITORY, env=environment, check=False
        ).returncode
    finally:
        if not running:
            servers.stop()
            folder.release()


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 400
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
