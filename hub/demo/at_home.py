"""
The node of the demo's publisher: its folder, its data and its configuration, as if it were elsewhere.

Everything under this folder is the producer's and not the hub's. `make demo` runs the node beside
the hub; here, while no server answers yet, it takes its rows in by calls within this process.
"""

import json
import os
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
from django.conf import settings
from django.utils import timezone

from access.node import config as configuration
from access.node.link import Hub
from access.node.premises import Premises, identity
from access.node.sources import Sources
from access.node.stopping import Stopping
from access.node.working import Self, Worker
from catalog.datasets.house_keys import signer
from catalog.nodes import actions, queries
from hub.crypto.letters import recipient_of
from hub.demo.in_process import InProcess
from hub.people.permissions import Actor

NAME = "Salle serveur de Lecturia"
CONFIG = "node.toml"


def folder() -> Path:
    """Return the publisher's own folder."""
    return Path(settings.VAR_DIR) / "node"


def settle(source: str, rows: pa.Table, *, by: Actor, at: datetime) -> Worker:
    """Install the node with one source, open it in the hub, and return it ready to work."""
    here = folder()
    here.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(here / CONFIG, _configuration(source))
    data = here / f"{source}.csv"
    options = pa.csv.WriteOptions(delimiter=";", quoting_style="needed")
    descriptor = os.open(data, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        pa.csv.write_csv(rows, file, options)
    config = configuration.read(here / CONFIG)
    private = identity(config.identity)
    if not config.credentials.exists():
        node_id, secret = _opened(recipient_of(private), by=by, at=at)
        told = {"client_id": node_id, "secret": secret}
        _write(config.credentials, json.dumps(told))
    credentials = configuration.credentials(config.credentials)
    stopping = Stopping()
    me = Self(
        client_id=credentials.client_id,
        hub_key=config.hub_key,
        identity=private,
        policy=config.policy,
        link_seconds=config.link_seconds,
    )
    link = Hub(InProcess(), credentials, stopping.wait)
    sources = Sources(config.sources)
    worker = Worker(
        me, Premises(config.state), sources, link, clock=timezone.now, stopping=stopping
    )
    worker.offer()
    return worker


def _opened(recipient: str, *, by: Actor, at: datetime) -> tuple[str, str]:
    """Open the node, or give a new secret to one whose first was lost when this was cut short."""
    found = queries.of_mine(by).filter(recipient=recipient).first()
    if found is None:
        node, secret = actions.open_node(name=NAME, recipient=recipient, by=by, at=at)
    else:
        node, secret = actions.renew_secret(node_id=found.pk, by=by, at=at)
    return str(node.pk), secret


def _configuration(source: str) -> str:
    return "\n".join(
        [
            "# The node of the demo's publisher. docs/guides/node.md explains every line.",
            f"hub = {json.dumps(settings.HUB_BASE_URL)}",
            f"hub_key = {json.dumps(signer().public)}",
            'state = "state"',
            "",
            "[policy]",
            'never = ["courriel"]',
            "smallest_k = 5",
            "",
            f"[sources.{source}]",
            'kind = "csv"',
            f'path = "{source}.csv"',
            "",
        ]
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
