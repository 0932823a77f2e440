"""Read which newer releases there are for a grant, and whether it may move to them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from access.charters.queries import current_terms
from access.grants import queries as grants
from access.grants.queries import Opening, Seen
from access.plans.plan import Plan
from access.refreshing import rules
from access.refreshing.models import ReleaseChange
from access.refreshing.rules import Move, State
from access.requests.planning import Planned, planned
from access.requests.queries import requests, wishes_of
from catalog.datasets.at_node import staying
from catalog.datasets.queries import snapshot
from catalog.datasets.snapshots import DatasetSnapshot
from hub.kernel.refusals import Refusal, Unknown
from hub.people.permissions import Actor, Profile


@dataclass(frozen=True, slots=True)
class Offer:
    """
    One granted dataset, with the newer release of it if there is one.

    :param newer: the dataset with that release, None when there is none
    :param refusals: why the grant may not move to it
    :param waiting: the change that waits for a decision
    """

    opening: Opening
    newer: DatasetSnapshot | None
    planned: Planned
    refusals: list[Refusal]
    waiting: ReleaseChange | None
    past: list[ReleaseChange]

    @property
    def plan(self) -> Plan | None:
        """Return what would be executed."""
        return self.planned.plan


def offers(*, actor: Actor, grant_id: UUID, at: datetime) -> tuple[Seen, list[Offer]]:
    """
    Return the datasets of a grant with what is newer of each.

    :raises Unknown: to whoever may not know the grant
    """
    seen = grants.one_for(actor=actor, grant_id=grant_id, at=at)
    return seen, [_offer(seen, opening, at) for opening in seen.openings]


def offer(*, actor: Actor, grant_id: UUID, dataset_id: UUID, at: datetime) -> tuple[Seen, Offer]:
    """
    Return one dataset of a grant with what is newer of it.

    :raises Unknown: to whoever may not know the grant, and when it does not hold the dataset
    """
    seen = grants.one_for(actor=actor, grant_id=grant_id, at=at)
    for opening in seen.openings:
        if opening.granted.dataset_id == dataset_id:
            return seen, _offer(seen, opening, at)
    raise Unknown


def _offer(seen: Seen, opening: Opening, at: datetime) -> Offer:
    row = opening.granted
    changes = list(ReleaseChange.objects.filter(granted_id=row.pk).select_related("release"))
    waiting = next((one for one in changes if one.state == State.ASKED), None)
    past = [one for one in changes if one.state != State.ASKED]
    newer = _newer(row.dataset_id, row.release.published_at)
    if newer is None:
        return Offer(opening, None, Planned(None), [rules.NOTHING_NEWER], waiting, past)
    made = _planned(seen, row.dataset_id, newer, at)
    levels = {one.name: one.confidentiality for one in newer.fields}
    move = Move(
        before=Plan.from_json(row.plan),
        after=made.plan,
        levels=[levels[one["name"]] for one in row.fields if one["name"] in levels],
        tier=newer.tier,
        crossing=seen.grant.crossing,
        elsewhere=_place(row.release_id) != _place(newer.release.id),
        planned=made.refusals,
    )
    return Offer(opening, newer, made, rules.refusals(move), waiting, past)


def _place(release_id: UUID) -> UUID | None:
    """Return the node at which the rows of a release stay, None for the hub."""
    found = staying(release_id)
    return found.node_id if found else None


def _newer(dataset_id: UUID, published_at: datetime | None) -> DatasetSnapshot | None:
    try:
        known = snapshot(dataset_id)
    except Unknown:
        return None
    when = known.release.published_at
    return known if when and published_at and when > published_at else None


def _planned(seen: Seen, dataset_id: UUID, newer: DatasetSnapshot, at: datetime) -> Planned:
    """Plan the newer release as the request asked for the former one."""
    request = requests().get(pk=seen.grant.pk)
    row = next(one for one in request.datasets.all() if one.dataset_id == dataset_id)
    terms = current_terms(Profile(request.profile), at)
    return planned(newer, wishes_of(row, request, terms))
