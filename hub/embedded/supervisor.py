"""Keeps processes alive: starts again what died, with patience, and gives up with a reason."""

import signal
import time
from collections.abc import Callable, Iterable

from hub.embedded.processes import Process, stop_together
from hub.embedded.refusals import CannotRun

WINDOW = 120.0
MOST_DEATHS = 6


def pause_before_restart(deaths: int) -> float:
    """Return the seconds to wait before starting again after the n-th death of the window."""
    return 0.0 if deaths <= 1 else min(2.0 ** (deaths - 2), 8.0)


class Supervisor:
    """
    Watches started processes. Call :meth:`tend` a few times a second.

    ``say`` receives one line per death and per new start.
    """

    def __init__(
        self, *, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._say = say
        self._clock = clock
        self._deaths: dict[Process, list[float]] = {}
        self._due: dict[Process, float] = {}

    def watch(self, process: Process) -> None:
        """Start again this process whenever it ends."""
        self._deaths[process] = []

    def tend(self) -> None:
        """
        Start again what ended, once its pause is over.

        :raises CannotRun: when a process ends again and again
        """
        now = self._clock()
        for process, deaths in self._deaths.items():
            if process not in self._due and process.ended() is not None:
                deaths[:] = [at for at in deaths if now - at < WINDOW] + [now]
                self._bury(process, deaths=len(deaths))
                self._due[process] = now + pause_before_restart(len(deaths))
            if self._due.get(process, now + 1) <= now:
                del self._due[process]
                process.start()

    def stop(self, processes: Iterable[Process], *, hurry: Callable[[], bool]) -> None:
        """Stop these together and watch them no more."""
        leaving = list(processes)
        for process in leaving:
            self._deaths.pop(process, None)
            self._due.pop(process, None)
        stop_together(leaving, hurry=hurry)

    def _bury(self, process: Process, *, deaths: int) -> None:
        how = end_in_words(process.ended() or 0)
        # A child left by a killed worker would go on beside the next one.
        process.sweep()
        if deaths >= MOST_DEATHS:
            raise CannotRun(
                f"{process.name} {how}, {deaths} times within two minutes: {process.last_words()}"
            )
        self._say(f"{process.name} {how}: it is started again.")


def end_in_words(code: int) -> str:
    """Return how a process ended, from its exit code (minus the signal's number)."""
    if code >= 0:
        return f"ended with code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
