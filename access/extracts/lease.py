"""
A worker's hold on an extract: renewed while it lives, let go when it dies.

The number of the attempt tells a worker that comes back from the dead that the extract is not its
own any more.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Thread
from uuid import UUID

import structlog
from django.db import DatabaseError, connection

from access.extracts.models import Extract
from access.extracts.ports import Meter
from access.extracts.workflow import HELD_BY_A_WORKER

logger = structlog.get_logger(__name__)
LEASE = timedelta(seconds=30)
BEAT_SECONDS = 0.5
Clock = Callable[[], datetime]


class LeaseLost(Exception):
    """The extract was cancelled, or another worker took it: this one leaves it as it is."""


@dataclass(slots=True)
class Pulse:
    """
    How far the work is, and whether it still is this worker's.

    :param meter: of the sources; what it counts is written once it knows of how much
    """

    extract_id: UUID
    attempt: int
    stage: str = ""
    done: int = 0
    total: int = 0
    meter: Meter = field(default_factory=Meter)
    lost: Event = field(default_factory=Event)

    def progress(self, stage: str, done: int, total: int) -> None:
        """Note how far the work is; the beat writes it."""
        self.stage, self.done, self.total = stage, done, total

    @property
    def bytes(self) -> dict[str, int]:
        """Return what an extract keeps of the bytes that were read, nothing until it is known."""
        if not self.meter.total:
            return {}
        return {"bytes_done": self.meter.done, "bytes_total": self.meter.total}

    def beat(self, at: datetime) -> bool:
        """Renew the lease and write how far the work is; tell whether it still is ours."""
        ours = Extract.objects.filter(
            pk=self.extract_id, attempt=self.attempt, state__in=sorted(HELD_BY_A_WORKER)
        )
        known = {"stage": self.stage, "rows_done": self.done, "rows_total": self.total}
        changed = known if self.stage else {}
        if not ours.update(lease_until=at + LEASE, **changed, **self.bytes):
            self.lost.set()
        return not self.lost.is_set()


@contextmanager
def kept(extract: Extract, clock: Clock) -> Iterator[Pulse]:
    """Renew the lease of an extract from another thread, as long as the work lasts."""
    pulse = Pulse(extract.pk, extract.attempt)
    over = Event()
    thread = Thread(target=_beat, args=(pulse, over, clock), name="lease", daemon=True)
    thread.start()
    try:
        yield pulse
    finally:
        over.set()
        thread.join()


def _beat(pulse: Pulse, over: Event, clock: Clock) -> None:
    try:
        while not over.wait(BEAT_SECONDS):
            try:
                if not pulse.beat(clock()):
                    return
            except DatabaseError:
                # The database is away: the lease lapses by itself if it stays so.
                logger.warning("extract.beat_missed", extract=str(pulse.extract_id))
                connection.close()
    finally:
        connection.close()
