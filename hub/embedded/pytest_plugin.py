"""
Throw-away servers for the tests.

Loaded with ``-p``, before pytest-django reads the settings: the addresses are known and exported
at once, the servers start when a test that may need them has been collected (``tests/unit`` never
does). Workers of pytest-xdist use those of the run that started them. When the run is killed the
kernel ends the servers, and the next run removes their folder.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from hub.embedded.folder import DataFolder
from hub.embedded.keys import local_keys
from hub.embedded.run import as_owner, servers_of

PREFIX = "hub-tests-"
SHARED = "HUB_TEST_SERVERS"


class ThrowAway:
    """The servers of one run, on a temporary folder."""

    def __init__(self) -> None:
        remove_abandoned(Path(tempfile.gettempdir()))
        self.folder = DataFolder(Path(tempfile.mkdtemp(prefix=PREFIX)), room=0)
        self.folder.take()
        self._servers = servers_of(self.folder, os.environ, durable=False)
        self._started = False

    def environment(self) -> dict[str, str]:
        """Return the variables of the run. Tests own the tables, to make and empty the database."""
        servers = self._servers.environment()
        return {
            **(as_owner(servers) if "DATABASE_URL" in servers else servers),
            **local_keys(self.folder.path),
            "HUB_VAR": str(self.folder.path),
            SHARED: str(self.folder.path),
        }

    def start(self) -> None:
        """Start the servers, once."""
        if not self._started:
            self._started = True
            self._servers.start()

    def close(self) -> None:
        """Stop the servers and remove the folder."""
        self._servers.stop()
        self.folder.release()
        shutil.rmtree(self.folder.path, ignore_errors=True)


def remove_abandoned(temporary: Path) -> None:
    """Remove the folders of runs that were killed: those that nobody holds."""
    for path in temporary.glob(f"{PREFIX}*"):
        if not path.is_dir() or path.stat().st_uid != os.geteuid():
            continue
        if not DataFolder(path).in_use():
            shutil.rmtree(path, ignore_errors=True)


def needs_servers(path: Path) -> bool:
    """Say whether a test of this file may talk to a server."""
    return "unit" not in path.parts


THROW_AWAY: list[ThrowAway] = []

if SHARED not in os.environ:
    THROW_AWAY.append(ThrowAway())
    os.environ.update(THROW_AWAY[0].environment())


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start the servers at once when other processes will collect the tests."""
    if config.getoption("numprocesses", default=None) or config.getoption("tx", default=None):
        _start()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the servers when a collected test may need them."""
    if any(needs_servers(item.path) for item in items):
        _start()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    while THROW_AWAY:
        THROW_AWAY.pop().close()


def _start() -> None:
    for throw_away in THROW_AWAY:
        throw_away.start()
