"""What the tests of demands share: a real extract, whom it is about, and the steps of two people."""

from datetime import datetime
from uuid import UUID

import pyarrow as pa
from django.utils import timezone

from access.extracts.models import Extract
from access.plans.plan import Plan
from access.pseudonymisation.queries import open_secret
from access.reidentification import actions
from access.reidentification.actions import Issued
from access.reidentification.models import Reidentification
from access.reidentification.rules import Filing
from access.reidentification.sealing import Keys
from catalog.datasets.house_keys import identifier_key
from catalog.datasets.models import Source
from catalog.datasets.states import SourceKind
from catalog.nodes.actions import open_node
from hub.crypto.keys import stage_two_key
from hub.crypto.letters import new_identity, recipient_of
from hub.crypto.prf import matrix_of, prf, pseudonyms, uuid_texts
from hub.crypto.subjects import subject_keys
from tests import people
from tests.integration.access.extracts.making import PUPILS, granted, made, rows
from tests.people import Person

NEED = "Réquisition du procureur : un élève en danger."
REFERENCE = "Article 77-1-1 du code de procédure pénale, dossier 26/00123"
RECIPIENT = "Brigade de protection des mineurs"


def extracted() -> tuple[UUID, dict[str, str]]:
    """Return a grant whose extract was made, and the pseudonym of each pupil that it holds."""
    grant = granted()
    return grant, pids_in(made(grant))


def pids_in(extract: Extract) -> dict[str, str]:
    """Return the pseudonym of each pupil that is in an extract, computed apart."""
    delivered = {str(one) for one in rows(extract).column("pid").to_pylist()}
    plan = Plan.from_json(extract.granted.plan)
    [domain] = [one for one in plan.domains if one.attribute == "pupil"]
    key = stage_two_key(open_secret(extract.granted.grant_id), *domain.labels)
    p0 = subject_keys(pa.array(PUPILS, pa.string()), identifier_key("pupil"))
    texts = uuid_texts(matrix_of(pseudonyms(p0, prf(key)))).to_pylist()
    return {ine: pid for ine, pid in zip(PUPILS, texts, strict=True) if pid in delivered}


def asking(*pids: str, need: str = NEED) -> Filing:
    """Return what somebody asks."""
    return Filing(pids, need, REFERENCE, RECIPIENT)


def filed(grant: UUID, *pids: str, by: Person | None = None, at: datetime | None = None) -> Issued:
    """Return a demand that Grace filed, unless somebody else is named."""
    return actions.file(
        grant_id=grant,
        filing=asking(*pids),
        by=(by or people.grace()).actor,
        at=at or timezone.now(),
    )


def approved(
    demand: Reidentification, *, by: Person | None = None, at: datetime | None = None
) -> Issued:
    """Return a demand that Noor approved, unless somebody else is named."""
    actor = (by or people.noor()).actor
    return actions.approve(demand_id=demand.pk, by=actor, at=at or timezone.now())


def both(grant: UUID, *pids: str) -> tuple[Reidentification, Keys]:
    """Return an approved demand, with both its keys."""
    first = filed(grant, *pids)
    second = approved(first.demand)
    return second.demand, Keys(first.key, second.key)


def leave_at_a_node(release_id: UUID) -> None:
    """Say that the rows of a release are at a node of Grace's organisation."""
    node, _secret = open_node(
        name="Room",
        recipient=recipient_of(new_identity()),
        by=people.grace().actor,
        at=timezone.now(),
    )
    Source.objects.create(
        release_id=release_id,
        kind=SourceKind.NODE,
        node=node,
        table_name="pupils",
        attached_at=timezone.now(),
    )
