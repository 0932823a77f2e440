"""A producer's node at work beside a hub: the real one, its calls carried without a network."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from access.errands.orders import Envelope
from access.node.config import Credentials
from access.node.link import Hub, Reply, Transport
from access.node.policy import Policy
from access.node.premises import Premises
from access.node.sources import Sources
from access.node.stopping import Stopping
from access.node.working import Self, Worker
from catalog.datasets import at_node, dictionary, queries
from catalog.datasets.actions import register
from catalog.datasets.house_keys import signer
from catalog.datasets.models import Dataset
from catalog.nodes.actions import open_node
from catalog.vault.actions import publish, start_ingestion
from hub.crypto.letters import new_identity, recipient_of
from hub.demo.in_process import InProcess
from tests.factories import vault
from tests.integration.catalog.files import PERSONAL
from tests.people import Person, grace

SOURCE = "pupils"


def write(path: Path, rows: Mapping[str, Sequence[Any]]) -> None:
    """Write rows as a producer's export."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(rows)
        writer.writerows(zip(*rows.values(), strict=True))


@dataclass
class Recorder:
    """A transport that remembers what went by, and can be told to fail or to change it."""

    inner: Transport = field(default_factory=InProcess)
    calls: list[tuple[str, str, bytes]] = field(default_factory=list)
    change: Any = None
    """Called with each call before it is carried; may raise LinkCut, or return a Reply."""

    def call(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, *, seconds: float
    ) -> Reply:
        """Carry a call."""
        self.calls.append((method, path, body))
        if self.change is not None and (reply := self.change(method, path, body)) is not None:
            return reply  # type: ignore[no-any-return]
        return self.inner.call(method, path, headers, body, seconds=seconds)


class AtWork:
    """A node on a folder, with one source of pupils."""

    def __init__(
        self,
        folder: Path,
        *,
        number: int = 2_000,
        keeper: Person | None = None,
        policy: Policy | None = None,
    ) -> None:
        self.folder = folder / "producer"
        self.folder.mkdir(parents=True)
        self.file = self.folder / "pupils.csv"
        write(self.file, vault.pupils(number))
        self.keeper = keeper or grace()
        self.identity = new_identity()
        self.node, self.secret = open_node(
            name="Server room",
            recipient=recipient_of(self.identity),
            by=self.keeper.actor,
            at=timezone.now(),
        )
        self.policy = policy or Policy()
        self.link = Recorder()
        self.late = timedelta(0)
        self.stopping = Stopping()
        self.worker = self.started()

    def started(self, **changed: Any) -> Worker:
        """Return the node's worker, as it is after a start."""
        said = {
            "client_id": str(self.node.pk),
            "hub_key": signer().public,
            "identity": self.identity,
            "policy": self.policy,
            "link_seconds": 0.0,
        }
        premises = Premises(self.folder / "state")
        premises.tidy()
        self.stopping.clear()
        credentials = Credentials(str(self.node.pk), self.secret)
        return Worker(
            Self(**{**said, **changed}),
            premises,
            Sources({SOURCE: {"kind": "csv", "path": str(self.file)}}),
            Hub(self.link, credentials, lambda _seconds: None),
            clock=self.now,
            stopping=self.stopping,
        )

    def now(self) -> datetime:
        """Return the moment by the node's clock."""
        return timezone.now() + self.late

    def step(self) -> bool:
        """Let the node do its next errand."""
        return self.worker.step(0)

    def next(self) -> Envelope | None:
        """Claim the next errand as the node would, and do nothing of it."""
        return Hub(
            InProcess(), Credentials(str(self.node.pk), self.secret), lambda _seconds: None
        ).next(0)


def described(node: AtWork, slug: str = "at-home", **about: Any) -> Dataset:
    """Return a draft whose rows stay at a node, its fields confirmed."""
    by, at = node.keeper.actor, timezone.now()
    node.worker.offer()
    dataset = register(by=by, at=at, title=slug, slug=slug, **{**PERSONAL, **about})
    at_node.leave(dataset_id=dataset.pk, node_id=node.node.pk, name=SOURCE, by=by, at=at)
    fields = dictionary.change_fields(
        dataset_id=dataset.pk, changes={}, confirm_all=True, by=by, at=at
    )
    words = {
        one.name: {"label": one.name, "definition": "As named."}
        | ({"semantic_type": "mark", "level": 3} if one.name == "note" else {})
        | ({"semantic_type": "special_category", "level": 4} if one.name == "handicap" else {})
        for one in fields
    }
    dictionary.change_fields(dataset_id=dataset.pk, changes=words, by=by, at=at)
    return dataset


def published(node: AtWork, slug: str = "at-home", **about: Any) -> Dataset:
    """Return a published dataset whose rows stay at a node, which took them in."""
    dataset = described(node, slug, **about)
    start_ingestion(dataset_id=dataset.pk, by=node.keeper.actor, at=timezone.now())
    assert node.step()
    publish(dataset_id=dataset.pk, by=node.keeper.actor, at=timezone.now())
    return queries.find(None, slug)
