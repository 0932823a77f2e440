"""Read extracts: how far they are, what is in them, and whether somebody may have it now."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from access.extracts import bundle, places
from access.extracts.models import Extract, ExtractFile
from access.extracts.workflow import HELD_BY_A_WORKER, UNFINISHED, WITH_FILES, State
from access.grants import queries as grants
from access.grants.queries import Opening, Seen
from access.grants.rules import Bound
from access.pseudonymisation.queries import open_secret
from catalog.nodes import queries as nodes
from catalog.nodes.queries import NodeSnapshot
from hub.crypto.files import SealedReader
from hub.crypto.prf import WIDTH
from hub.kernel.refusals import Refusal, Unknown, require
from hub.people.permissions import Actor

RECALLED = Refusal(
    "recalled",
    "Persons spoke up after this extract was made: its files are served no more.",
    "Erase the rows of the recall list, attest it, and start another extract.",
)
NOT_READY = Refusal(
    "not-ready",
    "The files of this extract are not there: %(state)s.",
    "Look at its page: it says how far it is, and how to start another.",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """
    An extract in the eyes of one person now.

    :param refusals: why they may not have its files; empty when they may
    """

    extract: Extract
    seen: Seen
    opening: Opening
    refusals: list[Refusal]
    at: datetime
    former: list[Bound] = field(default_factory=list)
    """What ends the use of its release, when the grant moved to a newer one since."""

    @property
    def openings(self) -> list[Opening]:
        """Return the granted datasets whose rows it holds: one, or all of a crossing."""
        return self.seen.openings if self.seen.grant.crossing else [self.opening]

    @property
    def title(self) -> str:
        """Return what its datasets are called together."""
        return " × ".join(one.granted.dataset.title for one in self.openings)

    @property
    def unfinished(self) -> bool:
        """Tell whether something may still move."""
        return self.extract.state in UNFINISHED

    @property
    def has_files(self) -> bool:
        """Tell whether it has files that this person may fetch."""
        return self.extract.state in WITH_FILES and not self.refusals

    @property
    def node(self) -> NodeSnapshot | None:
        """Return the node that makes it, None when a worker of the hub does."""
        node_id = self.extract.node_id
        return nodes.snapshot(node_id, self.at) if node_id else None

    @property
    def percent(self) -> int:
        """Return how far the present stage is, from 0 to 100."""
        total = self.extract.rows_total
        return min(100 * self.extract.rows_done // total, 100) if total else 0


def of_grant(*, actor: Actor, grant_id: UUID, at: datetime) -> tuple[Seen, list[Shown]]:
    """
    Return a grant and its extracts, newest first, in the eyes of one person.

    :raises Unknown: to whoever may not know the grant
    """
    seen = grants.one_for(actor=actor, grant_id=grant_id, at=at)
    found = _extracts().filter(granted__grant_id=grant_id).order_by("-id")
    return seen, [_shown(extract, seen, at) for extract in found]


def one_for(*, actor: Actor, extract_id: UUID, at: datetime) -> Shown:
    """
    Return an extract in the eyes of one person.

    :raises Unknown: to whoever may not know its grant
    """
    extract = _extracts().filter(pk=extract_id).first()
    if extract is None:
        raise Unknown
    seen = grants.one_for(actor=actor, grant_id=extract.granted.grant_id, at=at)
    return _shown(extract, seen, at)


def _extracts() -> QuerySet[Extract]:
    return Extract.objects.select_related("granted", "release").prefetch_related(
        "files", "recalls"
    )


def _shown(extract: Extract, seen: Seen, at: datetime) -> Shown:
    opening = next(one for one in seen.openings if one.granted.pk == extract.granted_id)
    recalled = [RECALLED] if extract.recalls.all() else []
    former: list[Bound] = []
    if extract.release_id != opening.granted.release_id:
        former = grants.ends_of_release(opening.granted, seen.grant, extract.release)
    over = [end.refusal for end in former if end.at <= at]
    return Shown(extract, seen, opening, [*opening.refusals, *over, *recalled], at, former)


def file_for(
    *, actor: Actor, extract_id: UUID, name: str, at: datetime
) -> tuple[ExtractFile, datetime]:
    """
    Return a file that a person may have now, and the moment from which they may not any more.

    :raises Unknown: when there is none, or they may not know of it
    :raises Refused: with every reason why they may not have it
    """
    shown = one_for(actor=actor, extract_id=extract_id, at=at)
    found = next((one for one in shown.extract.files.all() if one.name == name), None)
    if found is None and shown.extract.state in WITH_FILES:
        raise Unknown
    require(shown.opening.refusals)
    require(_not_there(shown.extract, at))
    require(shown.refusals)
    if found is None:
        raise Unknown
    assert shown.extract.purge_at is not None  # noqa: S101 - a constraint of the database
    ends = [shown.opening.end.at, *(end.at for end in shown.former)]
    return found, min(*ends, shown.extract.purge_at)


def _not_there(extract: Extract, at: datetime) -> list[Refusal]:
    over = extract.purge_at is not None and extract.purge_at <= at
    if extract.state in WITH_FILES and not over:
        return []
    state = State.PURGED if over else State(extract.state)
    return [Refusal(NOT_READY.code, NOT_READY.explanation, NOT_READY.remedy, {"state": state})]


def left_out(granted_id: UUID) -> frozenset[bytes]:
    """Return the names of the cells that earlier extracts of a granted dataset left out."""
    found = Extract.objects.filter(granted_id=granted_id).values_list(
        "suppressed_cells", flat=True
    )
    return frozenset(
        bytes(cells[start : start + WIDTH])
        for cells in found
        for start in range(0, len(cells), WIDTH)
    )


def opened(file: ExtractFile) -> SealedReader:
    """
    Open a file for reading in clear, from any position. Ask :func:`file_for` first.

    :raises SecretGone: when the grant's secret was destroyed
    """
    extract = file.extract
    key = places.file_key(open_secret(extract.granted.grant_id), extract.pk)
    return bundle.open_file(places.bundle_of(extract.pk), file.name, key)


def text_of(shown: Shown, name: str) -> str:
    """Return a small text file of an extract, empty when this person may not have it."""
    found = next((one for one in shown.extract.files.all() if one.name == name), None)
    if found is None or not shown.has_files:
        return ""
    reader: IO[bytes] = opened(found)  # type: ignore[assignment]
    with reader:
        return reader.read().decode()


def downloads_of(extract: Extract) -> dict[str, int]:
    """Return how often each file was fetched from its start."""
    counted = extract.files.annotate(times=Count("downloads", filter=Q(downloads__start=0)))
    return dict(counted.values_list("name", "times"))


def abandoned(at: datetime) -> QuerySet[Extract]:
    """
    Return the extracts that no worker of the hub works on and one should: queued, or their lease
    lapsed. Those of a node are the node's, whatever becomes of it.
    """
    return Extract.objects.filter(_lapsed(at), node=None, state__in=sorted(UNFINISHED))


def delivered_by_nodes(at: datetime) -> QuerySet[Extract]:
    """Return the extracts that a node has delivered and that no worker looks at."""
    return Extract.objects.filter(_lapsed(at), state=State.CHECKING).exclude(node=None)


def of_node(node_id: UUID) -> QuerySet[Extract]:
    """Return the extracts that a node makes or made."""
    return Extract.objects.filter(node_id=node_id)


def _lapsed(at: datetime) -> Q:
    return Q(lease_until=None) | Q(lease_until__lt=at)


def with_bytes() -> dict[UUID, int]:
    """Return the extracts that may have bytes on disk, with the number of their attempt."""
    may = HELD_BY_A_WORKER | WITH_FILES
    return dict(Extract.objects.filter(state__in=sorted(may)).values_list("pk", "attempt"))


def to_purge(*, at: datetime, ended: Collection[UUID]) -> list[UUID]:
    """Return the extracts whose bytes must go: their own time is over, or their grant's."""
    over = Q(purge_at__lte=at) | Q(granted__grant_id__in=ended)
    found = Extract.objects.filter(over, state__in=sorted(WITH_FILES), held_at=None)
    return list(found.order_by("id").values_list("pk", flat=True))
