"""One started process: its log, its end, and what becomes of it when this process is killed."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from hub.embedded.identity import Identity

LARGEST_LOG = 10 * 1024 * 1024
PR_SET_PDEATHSIG = 1
TELLING = ("FATAL", "PANIC", "rror")
# What PostgreSQL tells our own knocking at its door, until it opens.
NOISE = ("the database system is starting up",)
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """
    What to run and how to end it.

    ``log`` is a file that is appended to; without it the process writes where this one does.
    ``endings`` are the signals that ask it to stop, each with the seconds given before the next;
    after the last it is killed. ``orphaned`` is what the kernel sends it when this process dies.
    ``ready`` says whether it answers.
    """

    name: str
    command: tuple[str, ...]
    folder: Path
    log: Path | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    endings: tuple[tuple[signal.Signals, float], ...] = ((signal.SIGTERM, 10.0),)
    orphaned: signal.Signals = signal.SIGKILL
    identity: Identity | None = None
    inherited: tuple[int, ...] = ()
    ready: Callable[[], bool] = lambda: True


class Process:
    """A programme, started and started again."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self._popen: subprocess.Popen[bytes] | None = None
        self._log_began = 0

    @property
    def name(self) -> str:
        """Return the programme's name."""
        return self.programme.name

    @property
    def pid(self) -> int:
        """Return the process id of the last start, 0 before it."""
        return self._popen.pid if self._popen else 0

    def start(self) -> None:
        """
        Start the programme, in a group of its own, out of reach of the terminal's Ctrl-C.

        :raises OSError: when it cannot be run
        """
        programme = self.programme
        identity = programme.identity
        switch = identity if identity and identity.switch else None
        log = _open_log(programme.log)
        self._log_began = 0 if log is None else os.fstat(log).st_size
        try:
            self._popen = subprocess.Popen(
                [*(identity.prefix if identity else ()), *programme.command],
                cwd=programme.folder,
                env=dict(programme.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT if log is not None else None,
                start_new_session=True,
                pass_fds=programme.inherited,
                umask=0o077,
                user=switch.uid if switch else None,
                group=switch.gid if switch else None,
                extra_groups=[] if switch else None,
                # One C call: safe even if another thread held a lock at the fork.
                preexec_fn=_die_with(os.getpid(), programme.orphaned),  # noqa: PLW1509
            )
        finally:
            if log is not None:
                os.close(log)

    def ended(self) -> int | None:
        """Return the exit code (minus the signal's number) once it has ended, else None."""
        return self._popen.poll() if self._popen else None

    def alive(self) -> bool:
        """Say whether it runs."""
        return self._popen is not None and self._popen.poll() is None

    def wait(self) -> int:
        """Wait for the end of a programme that ends by itself, and return its exit code."""
        return self._popen.wait() if self._popen else 0

    def last_words(self) -> str:
        """Return the last telling line that its last start wrote in its log, and where to read more."""
        log = self.programme.log
        if log is None or not log.exists():
            return "it left no word."
        with log.open("rb") as file:
            file.seek(self._log_began)
            lines = file.read().decode(errors="replace").splitlines()
        lines = [line.strip() for line in lines if not any(word in line for word in NOISE)]
        telling = [line for line in lines if any(word in line for word in TELLING)]
        return f"{(telling or lines or ['it left no word'])[-1]} (see {log})"

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it still runs."""
        if self._popen:
            self._popen.send_signal(number)

    def sweep(self) -> None:
        """Kill what is left of its group: children that outlived it."""
        if self._popen:
            # Gone already; or, on macOS, all but gone.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._popen.pid, signal.SIGKILL)
            self._popen.wait()


def stop_together(
    processes: Iterable[Process], *, hurry: Callable[[], bool] = lambda: False
) -> None:
    """
    Ask all to stop at once, insist as each one's endings say, then kill what is left.

    ``hurry`` is asked meanwhile; once it says yes, nobody is waited for.
    """
    began = time.monotonic()
    waiting = {
        process: list(_agenda(process.programme)) for process in processes if process.alive()
    }
    stopped = list(waiting)
    while waiting:
        elapsed = time.monotonic() - began
        for process, agenda in list(waiting.items()):
            while agenda and (agenda[0][0] <= elapsed or hurry()):
                process.send(signal.SIGKILL if hurry() else agenda[0][1])
                agenda.pop(0)
            if not process.alive():
                del waiting[process]
        time.sleep(0.02)
    for process in stopped:
        process.sweep()


def _agenda(programme: Programme) -> Iterable[tuple[float, signal.Signals]]:
    at = 0.0
    for number, patience in programme.endings:
        yield at, number
        at += patience
    yield at, signal.SIGKILL


def _open_log(path: Path | None) -> int | None:
    if path is None:
        return None
    if path.exists() and path.stat().st_size > LARGEST_LOG:
        path.replace(path.with_suffix(".log.1"))
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _die_with(parent: int, number: signal.Signals) -> Callable[[], None]:
    """Return what the child runs before its programme: it comes after the change of user, which would undo it."""

    def before() -> None:  # pragma: no cover - runs in the forked child, where nothing measures
        if LIBC is not None:
            LIBC.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return before
