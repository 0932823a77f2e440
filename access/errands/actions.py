"""Give a node its next errand: signed, sealed, with the list of persons beside it."""

import os
from datetime import datetime
from typing import Any
from uuid import UUID

from access.errands import declared
from access.errands.orders import (
    LIFE,
    Envelope,
    ExtractLetter,
    IntakeLetter,
    Kind,
    Order,
    digest,
    signed,
)
from access.extracts import incoming, remote
from access.extracts.remote import Errand
from catalog.datasets.at_node import staying
from catalog.datasets.house_keys import identifier_key, signer
from catalog.datasets.keeping import Keeping
from catalog.datasets.snapshots import Intake
from catalog.nodes.queries import NodeSnapshot, snapshot
from catalog.vault import remote as taking_in
from hub.crypto.keys import new_secret
from hub.crypto.letters import seal


def next_for(node_id: UUID, *, at: datetime) -> Envelope | None:
    """Claim the next errand of a node; None when there is nothing to do."""
    node = snapshot(node_id, at)
    taken = taking_in.claim(node_id=node_id, at=at)
    if taken is not None:
        job, intake = taken
        return _intake(node, intake, at, job=str(job.pk), attempt=job.attempt)
    errand = remote.claim(node_id=node_id, at=at)
    return None if errand is None else _extract(node, errand, at)


def _intake(node: NodeSnapshot, intake: Intake, at: datetime, **about: Any) -> Envelope:
    named = {one.attribute for one in intake.fields if one.keeping is Keeping.PSEUDONYM}
    letter = IntakeLetter({name: identifier_key(name) for name in sorted(named)})
    place = staying(intake.release_id)
    return _sealed(
        node,
        declared.written(intake),
        letter.to_json(),
        at,
        kind=Kind.INTAKE,
        source=place.source if place else "",
        **about,
    )


def _extract(node: NodeSnapshot, errand: Errand, at: datetime) -> Envelope:
    extract, consent = errand.extract, errand.consent
    key = new_secret() if consent is not None else None
    if consent is not None and key is not None:
        incoming.keep_consents(extract.pk, extract.attempt, consent, key)
    letter = ExtractLetter(errand.keys, errand.key, key, errand.left_out)
    return _sealed(
        node,
        errand.plan.to_json(),
        letter.to_json(),
        at,
        kind=Kind.EXTRACT,
        job=str(extract.pk),
        attempt=extract.attempt,
        source=errand.place.source,
        content_digest=errand.place.digest,
        rows=errand.place.rows,
        consent_digest=consent.digest if consent is not None else "",
    )


def _sealed(node: NodeSnapshot, body: str, content: bytes, at: datetime, **about: Any) -> Envelope:
    letter = seal(content, to=node.recipient)
    order = Order(
        node=str(node.id),
        issued_at=at,
        expires_at=at + LIFE,
        nonce=os.urandom(16).hex(),
        body_digest=digest(body.encode()),
        keys_digest=digest(letter),
        **about,
    )
    return Envelope(order.to_json(), signer().sign(signed(order)), body, letter)
