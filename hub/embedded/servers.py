"""The embedded servers of one data folder: started, restarted, stopped together."""

import os
import time
from pathlib import Path
from typing import Protocol

from hub.embedded import postgres, valkey
from hub.embedded.folder import DataFolder, explain
from hub.embedded.identity import server_identity
from hub.embedded.place import Place, give, make_private
from hub.embedded.processes import Process, Programme, stop_together
from hub.embedded.refusals import CannotRun
from hub.embedded.sockets import socket_folder

PATIENCE = 60.0


class Kind(Protocol):
    """What the module of a kind of server offers."""

    NAME: str

    def binary(self) -> Path:
        """Return the path of the server."""

    def prepare(self, place: Place) -> None:
        """Make what the server needs before it starts."""

    def programme(self, place: Place) -> Programme:
        """Return how to run it."""


class Servers:
    """
    PostgreSQL and Valkey on a data folder, reached by unix sockets only.

    ``durable=False`` is for the tests: nothing is flushed to the disk. A server that the
    environment already names (``DATABASE_URL``, ``REDIS_URL``) is left out by the caller.
    """

    def __init__(
        self,
        folder: DataFolder,
        *,
        with_postgres: bool = True,
        with_valkey: bool = True,
        durable: bool = True,
    ) -> None:
        self.folder = folder
        self.sockets = socket_folder(folder.path)
        self.processes: list[Process] = []
        self._with_postgres = with_postgres
        self._with_valkey = with_valkey
        self._durable = durable

    def environment(self) -> dict[str, str]:
        """Return the variables that lead to these servers; known before they start."""
        variables: dict[str, str] = {}
        if self._with_postgres:
            variables["DATABASE_URL"] = postgres.url(self.sockets, role=postgres.RUNNER)
            variables["DATABASE_OWNER_URL"] = postgres.url(self.sockets, role=postgres.OWNER)
        if self._with_valkey:
            variables["REDIS_URL"] = valkey.url(self.sockets)
        return variables

    def start(self) -> None:
        """
        Start the servers on a folder that the caller holds, and wait until they answer.

        :raises CannotRun: with the reason, nothing left running
        """
        if not self._kinds():
            return
        try:
            self.processes = [Process(programme) for programme in self._programmes()]
            for process in self.processes:
                process.start()
            self._wait()
            if self._with_postgres:
                postgres.furnish(self.sockets)
        except OSError as error:
            self.stop()
            raise CannotRun(explain(error, self.folder.path)) from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the servers cleanly; nothing is left running."""
        stop_together(self.processes)

    def _kinds(self) -> list[Kind]:
        kinds: list[Kind] = []
        if self._with_postgres:
            kinds.append(postgres)
        if self._with_valkey:
            kinds.append(valkey)
        return kinds

    def _programmes(self) -> list[Programme]:
        kinds = self._kinds()
        var = self.folder.path
        identity = server_identity(binary=kinds[0].binary(), var=var)
        if identity.switch:
            var.chmod(0o711)
        if self.sockets.is_relative_to(var):
            give(self.sockets, identity=identity)
        make_private(self.sockets, identity=identity)
        environment = self._without_libpq()
        programmes = []
        for kind in kinds:
            place = Place(
                home=var / kind.NAME,
                sockets=self.sockets,
                log=self.folder.log / f"{kind.NAME}.log",
                identity=identity,
                environment=environment,
                inherited=self.folder.inherited,
                durable=self._durable,
            )
            give(place.home, identity=identity)
            make_private(place.home, identity=identity)
            kind.prepare(place)
            programmes.append(kind.programme(place))
        return programmes

    def _without_libpq(self) -> dict[str, str]:
        """Forget the variables that PostgreSQL and its clients would read before our addresses."""
        if self._with_postgres:
            for name in [name for name in os.environ if name.startswith("PG")]:
                del os.environ[name]
        return dict(os.environ)

    def _wait(self) -> None:
        until = time.monotonic() + PATIENCE
        for process in self.processes:
            while not process.programme.ready():
                if not process.alive():
                    raise CannotRun(f"{process.name} does not start: {process.last_words()}")
                if time.monotonic() > until:
                    raise CannotRun(f"{process.name} does not answer: {process.last_words()}")
                time.sleep(0.02)
