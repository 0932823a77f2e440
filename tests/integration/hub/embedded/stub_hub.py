"""A hub whose web server and worker are a few lines: what is tried is the supervisor, on real servers."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from hub.embedded.processes import Programme
from hub.embedded.programmes import Parts
from hub.embedded.refusals import CannotRun
from hub.embedded.run import Hub, Stop
from hub.embedded.setting import REPOSITORY, Setting, python, read_setting

WEB = """
import http.server, os
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(os.environ.get("STUB_ANSWER", "200")) if self.path == "/" else 200)
        self.end_headers()
    def log_message(self, *words): pass
http.server.HTTPServer(("127.0.0.1", int(os.environ["HUB_PORT"])), Page).serve_forever()
"""
WORKER = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(300)'])"


def light(
    setting: Setting, *, environment: Mapping[str, str], log: Path, inherited: tuple[int, ...]
) -> list[Programme]:
    """Return a web server and a worker with a child."""
    return [
        Programme(
            name=name,
            command=python("-S", "-c", code),
            folder=REPOSITORY,
            log=log / f"{name}.log",
            environment=environment,
            inherited=inherited,
        )
        for name, code in (("web", WEB), ("worker", WORKER))
    ]


def main() -> int:
    """Run it as ``python -m hub.embedded demo`` would."""
    with Stop() as stop:
        try:
            Hub(
                read_setting(os.environ),
                say=lambda line: print(line, flush=True),  # noqa: T201 - read by the test
                stop=stop,
                parts=Parts(preparations=(), long_running=light, welcome="no such command"),
            ).run()
        except CannotRun as reason:
            sys.stderr.write(f"{reason}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
