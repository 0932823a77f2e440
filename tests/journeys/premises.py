"""The premises of a producer: a folder, its data, and a node that is started, killed, started again."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from hub.embedded.setting import REPOSITORY
from tests.factories.whole_hub import PATIENCE, Caller, eventually

QUIET = frozenset({"PATH", "HOME", "LANG", "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG"})


class Premises:
    """
    A producer's server.

    :param hub: the address by which the node reaches the hub
    """

    def __init__(self, folder: Path, *, hub: str, hub_key: str, rows: bytes) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "pupils.csv").write_bytes(rows)
        (folder / "node.toml").write_text(
            f'hub = "{hub}"\nhub_key = "{hub_key}"\nstate = "state"\n'
            '[sources.pupils]\nkind = "csv"\npath = "pupils.csv"\n'
        )

    def enrol(self, signatory: Caller) -> str:
        """Open the node with the key that it prints at its first start; return its identifier."""
        printed = subprocess.run(
            self._command,
            cwd=REPOSITORY,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert printed.returncode == 3, printed.stderr
        [recipient] = re.findall(r"age1\w+", printed.stdout)
        opened = signatory.api("POST", "/nodes", {"name": "Serveur", "recipient": recipient})
        path = self.folder / "state" / "credentials.json"
        path.write_text(json.dumps({"client_id": opened["client_id"], "secret": opened["secret"]}))
        path.chmod(0o600)
        return str(opened["id"])

    def start(self) -> None:
        """Start the node."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=REPOSITORY, env=self._environment, stdout=log, stderr=log
            )

    def kill(self) -> None:
        """Kill the node at once."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(PATIENCE)

    def stop(self) -> int:
        """Stop the node in order, and return its exit code."""
        if self._process is None:
            return 0
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(PATIENCE)

    def await_word(self, event: str) -> None:
        """Wait until the node says something."""
        eventually(lambda: event in self.said, what=f"The node never says {event}: {self.said}")

    @property
    def said(self) -> str:
        """Return all that it logged."""
        return self.log.read_text() if self.log.exists() else ""

    @property
    def _command(self) -> list[str]:
        return [sys.executable, "-m", "access.node", str(self.folder / "node.toml")]

    @property
    def _environment(self) -> dict[str, str]:
        known = {name: text for name, text in os.environ.items() if name in QUIET}
        return {**known, "PYTHONUNBUFFERED": "1"}
