"""A wire between a node and a hub, that can be cut in the middle of what goes through it."""

import socket
import threading
from contextlib import suppress

from hub.embedded.setting import HOST


class Wire:
    """
    Carries bytes from its own port to another.

    :param to: the port of the hub
    """

    def __init__(self, to: int) -> None:
        self._to = to
        self._ends: list[socket.socket] = []
        self._lock = threading.Lock()
        self._cut_after: int | None = None
        self.carried = 0
        self.cuts = 0
        self.is_cut = threading.Event()
        self._listener = socket.create_server((HOST, 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_after(self, size: int) -> None:
        """Cut the wire once so many more bytes went towards the hub; it stays cut until mended."""
        self._cut_after = self.carried + size

    def mend(self) -> None:
        """Let calls through again."""
        self._cut_after = None
        self.is_cut.clear()

    def close(self) -> None:
        """End."""
        self._listener.close()
        self._drop()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                end, _address = self._listener.accept()
                if self.is_cut.is_set():
                    end.close()
                    continue
                other = socket.create_connection((HOST, self._to))
                with self._lock:
                    self._ends += [end, other]
                for one, two, counted in ((end, other, True), (other, end, False)):
                    carrier = threading.Thread(
                        target=self._carry, args=(one, two, counted), daemon=True
                    )
                    carrier.start()

    def _carry(self, one: socket.socket, two: socket.socket, counted: bool) -> None:
        with suppress(OSError):
            while piece := one.recv(1 << 16):
                two.sendall(piece)
                if counted:
                    self._count(len(piece))
        for end in (one, two):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _count(self, size: int) -> None:
        self.carried += size
        if self._cut_after is not None and self.carried >= self._cut_after:
            self._cut_after = None
            self.cuts += 1
            self.is_cut.set()
            self._drop()

    def _drop(self) -> None:
        with self._lock:
            ends, self._ends = self._ends, []
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
