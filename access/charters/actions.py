"""Publish the text of a charter; sign it."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from access.charters import queries
from access.charters.models import Charter, CharterVersion, Signature
from access.charters.rules import parse_terms, write_terms
from hub.audit.actions import record
from hub.kernel.refusals import Forbidden, Invalid, Refusal, Stale, require
from hub.outbox.actions import owe
from hub.people.permissions import Actor, Profile, Role

LONGEST_GRACE = 365


@dataclass(frozen=True, slots=True)
class NewText:
    """What a new version says."""

    title_fr: str
    title_en: str
    text_fr: str
    text_en: str
    terms: dict[str, Any]
    material: bool = True
    grace_days: int = 30


@transaction.atomic
def publish(*, profile: Profile, text: NewText, by: Actor, at: datetime) -> CharterVersion:
    """
    Publish a new version of a profile's charter.

    :raises Forbidden: when the actor does not configure the hub
    :raises Invalid: when a text is empty or a term is not readable
    """
    if by.user_id is not None and Role.HUB_ADMIN not in by.roles:
        raise Forbidden([Refusal("not-yours", "Only the administrators of the hub do this.")])
    terms, wrong = parse_terms(text.terms)
    wrong += _wrong_texts(text)
    if wrong:
        raise Invalid(wrong)
    Charter.objects.get_or_create(profile=profile)
    charter = Charter.objects.select_for_update(of=("self",)).get(profile=profile)
    last = charter.versions.aggregate(last=Max("number"))["last"] or 0
    content = {**asdict(text), "terms": write_terms(terms), "grace_days": text.grace_days}
    version = CharterVersion.objects.create(
        charter=charter,
        number=last + 1,
        published_at=at,
        digest=digest_of(content),
        **content,
    )
    details = {"number": version.number, "material": version.material, "digest": version.digest}
    record(kind="charter.publish", by=by, subject=f"charter:{profile}", at=at, details=details)
    if last:
        owe(event="charter.published", payload={"version_id": str(version.pk)}, at=at)
    return version


def digest_of(content: dict[str, Any]) -> str:
    """Return the SHA-256 of a text and its terms, in hexadecimal."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _wrong_texts(text: NewText) -> list[Refusal]:
    wrong = [
        Refusal("empty", "This text is empty.", "Write it in both languages.", about=name)
        for name in ("title_fr", "title_en", "text_fr", "text_en")
        if not str(getattr(text, name)).strip()
    ]
    if not 0 <= text.grace_days <= LONGEST_GRACE:
        wrong.append(
            Refusal(
                "grace",
                "The grace lasts from 0 to %(days)s days.",
                values={"days": LONGEST_GRACE},
                about="grace_days",
            )
        )
    return wrong


@transaction.atomic
def sign(*, profile: Profile, number: int, agreed: bool, by: Actor, at: datetime) -> Signature:
    """
    Sign the current version of the charter of the capacity in which one acts. Twice is once.

    :param number: of the version that the person read
    :raises Invalid: without the explicit tick
    :raises Refused: in another capacity, or when there is no charter
    :raises Stale: when a newer version was published meanwhile
    """
    if not agreed:
        raise Invalid(
            [Refusal("not-agreed", "Tick the box to say that you commit to it.", about="agreed")]
        )
    version = queries.current_version(profile, at)
    require(_refusals_to_sign(profile, version, by))
    assert version is not None  # noqa: S101 - refused above
    if version.number != number:
        raise Stale(
            [
                Refusal(
                    "version-changed",
                    "A newer version was published meanwhile.",
                    "Read it, then sign it.",
                )
            ]
        )
    signature, created = Signature.objects.get_or_create(
        version=version,
        signer=by.name,
        defaults={
            "user_id": by.user_id,
            "membership_id": by.membership_id,
            "digest": version.digest,
            "signed_at": at,
        },
    )
    if created:
        record(
            kind="charter.sign",
            by=by,
            subject=f"charter:{profile}",
            at=at,
            details={"number": version.number, "digest": version.digest},
        )
    return signature


def _refusals_to_sign(
    profile: Profile, version: CharterVersion | None, by: Actor
) -> list[Refusal]:
    if by.user_id is None or by.profile != profile:
        return [
            Refusal(
                "other-profile",
                "You do not act in the capacity of this charter.",
                "Choose as whom you act in “My account”.",
            )
        ]
    if version is None:
        return [
            Refusal(
                "no-charter",
                "This hub has no charter for your profile yet.",
                "Ask the administrators of the hub to publish one.",
            )
        ]
    return []
