"""A real HTTP server on a free port of this machine, that answers what a test wants."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Page:
    """One answer."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    write: Callable[[Any, threading.Event], None] | None = None
    """Writes the body by itself; stops when the event is set."""


@dataclass(slots=True)
class WebServer:
    """Where it is, and what was asked of it."""

    port: int
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def host(self) -> str:
        """Return host and port, as an operator would name them."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://{self.host}"


class Handler(BaseHTTPRequestHandler):
    """Answers with the pages of the test."""

    here: WebServer
    over: threading.Event

    def do_GET(self) -> None:
        """Answer."""
        self.here.asked.append((self.path, dict(self.headers)))
        page = self.here.pages.get(self.path, Page(status=404))
        self.send_response(page.status)
        if page.write is None and "Content-Length" not in page.headers:
            self.send_header("Content-Length", str(len(page.body)))
        for name, value in page.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if page.write is None:
            self.wfile.write(page.body)
        else:
            page.write(self.wfile, self.over)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's
        """Say nothing."""

    def handle(self) -> None:
        """Forget a client that hangs up: some tests are such clients."""
        try:
            super().handle()
        except OSError:
            self.close_connection = True


@contextmanager
def serving(secured: ssl.SSLContext | None = None) -> Iterator[WebServer]:
    """Serve until the end of the block, over TLS when a context is given."""

    class OneHandler(Handler):
        over = threading.Event()

    server = ThreadingHTTPServer(("127.0.0.1", 0), OneHandler)
    OneHandler.here = WebServer(server.server_address[1])
    if secured is not None:
        server.socket = secured.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield OneHandler.here
    finally:
        OneHandler.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
