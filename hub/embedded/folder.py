"""The data folder: made, private, with room left, and held by one hub at a time."""

import errno
import fcntl
import os
import shutil
import time
from pathlib import Path

from hub.embedded.refusals import CannotRun

ROOM_NEEDED = 500 * 1024 * 1024
PATIENCE = 30.0


def explain(error: OSError, var: Path) -> str:
    """Return one sentence on why the data folder could not be written, and what to do."""
    where = error.filename or var
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"No space is left for {where}: free some, or choose another folder with HUB_VAR."
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return f"{where} is not a folder: remove it, or choose another folder with HUB_VAR."
    why = os.strerror(error.errno).lower() if error.errno else "unknown reason"
    return (
        f"{where} cannot be written by this user ({why}):"
        " give the data folder to them, or choose another one with HUB_VAR."
    )


class DataFolder:
    """
    A data folder and the two locks on it.

    ``supervisor.lock`` is held by the hub's own process: it tells whether a hub runs here.
    ``servers.lock`` is inherited by everything the hub starts: the kernel frees it when the last
    of them is gone, so a hub that follows a killed one waits for what is still shutting down
    instead of writing beside it.
    """

    def __init__(self, path: Path, *, room: int = ROOM_NEEDED) -> None:
        self.path = path.resolve()
        self.log = self.path / "log"
        self._room = room
        self._held: list[int] = []

    @property
    def inherited(self) -> tuple[int, ...]:
        """Return the descriptors that started processes keep open: the second lock."""
        return tuple(self._held[1:])

    def take(self) -> None:
        """
        Make the folder and hold it until :meth:`release`, or until this process ends.

        :raises CannotRun: when it cannot be written, is almost full, or another hub uses it
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.log.mkdir(exist_ok=True, mode=0o700)
            self._check_room()
            self._hold(self.path / "supervisor.lock", patience=0.0)
            os.ftruncate(self._held[0], 0)
            os.write(self._held[0], str(os.getpid()).encode())
            self._hold(self.path / "servers.lock", patience=PATIENCE)
        except OSError as error:
            self.release()
            raise CannotRun(explain(error, self.path)) from error
        except CannotRun:
            self.release()
            raise

    def release(self) -> None:
        """Let the next hub take the folder."""
        while self._held:
            os.close(self._held.pop())

    def in_use(self) -> bool:
        """Say whether a hub runs on this folder now."""
        try:
            descriptor = os.open(self.path / "supervisor.lock", os.O_RDWR)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            return False
        finally:
            os.close(descriptor)

    def _check_room(self) -> None:
        free = shutil.disk_usage(self.path).free
        if free < self._room:
            raise CannotRun(
                f"Only {free // 2**20} MB are free in {self.path} and the hub needs"
                f" {self._room // 2**20}: free some, or choose another folder with HUB_VAR."
            )

    def _hold(self, path: Path, *, patience: float) -> None:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._held.append(descriptor)
        until = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise CannotRun(self._taken(descriptor, patience=patience)) from None
                time.sleep(0.05)
            else:
                return

    def _taken(self, descriptor: int, *, patience: float) -> str:
        if patience:
            return (
                f"Processes of a former hub still write in {self.path}:"
                " stop them, or choose another folder with HUB_VAR."
            )
        holder = os.read(descriptor, 20).decode(errors="replace").strip() or "unknown"
        return (
            f"Another hub (process {holder}) already uses the data folder {self.path}:"
            " stop it, or choose another folder with HUB_VAR."
        )
