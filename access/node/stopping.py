"""How a node is asked to stop: at once while it waits, in order while it works."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType


class Interrupted(BaseException):
    """The node was asked to stop while it waited for the hub: nothing is lost."""


class Stopping(Event):
    """Set when the node is asked to stop."""

    def __init__(self) -> None:
        super().__init__()
        self._at_leisure = False

    def listen(self) -> None:
        """Let SIGTERM and SIGINT ask."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    @contextmanager
    def at_leisure(self) -> Iterator[None]:
        """
        Mark that nothing is under way: a request to stop need not wait.

        :raises Interrupted: from wherever the waiting is
        """
        self._at_leisure = True
        try:
            yield
        finally:
            self._at_leisure = False

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.set()
        if self._at_leisure:
            raise Interrupted
