"""Which charter a person has to sign, until when an older signature still counts. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from access.tiers.rules import LEVELS, TIERS
from catalog.vocabularies.levels import Level, Tier
from catalog.vocabularies.purposes import Purpose
from hub.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Terms:
    """What a charter allows, in a form that programs read. Duties are words of ``DUTIES``."""

    max_tier: Tier = Tier.EXTRACT
    purposes: frozenset[Purpose] = frozenset(Purpose)
    highest_level: Level = Level.SENSITIVE
    longest_days: int = 730
    duties: tuple[str, ...] = ()


DUTIES: Mapping[str, str] = {
    "citation": "Cite the producer and the release in every publication.",
    "no_reidentification": "Never try to learn who a person of the data is.",
    "no_sharing": "Give the data to nobody outside the team of the grant.",
    "destruction": "Destroy the data at the end of the grant, and attest it.",
    "publication": "Publish the results, and tell the hub where.",
    "breach": "Tell the hub of a leak within 24 hours.",
    "quality": "Describe the data truly, and correct what is found wrong.",
    "answer": "Answer requests within the time that the charter gives.",
}
"""Duties that a charter may set, in words."""


@dataclass(frozen=True, slots=True)
class Version:
    """One published text of a charter; ``number`` grows by one."""

    number: int
    published_at: datetime
    material: bool
    grace: timedelta = timedelta()

    @property
    def binding_at(self) -> datetime:
        """Return when a signature of an older text stops being enough, for a material version."""
        return self.published_at + self.grace


@dataclass(frozen=True, slots=True)
class Signed:
    """That a person signed one version, at a moment."""

    number: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """All that decides whether a person is bound by a charter now: texts and signatures."""

    versions: Sequence[Version] = ()
    signatures: Sequence[Signed] = field(default_factory=tuple)


NO_CHARTER = Refusal(
    "no-charter",
    "This hub has no charter for your profile yet.",
    "Ask the administrators of the hub to publish one.",
)
NOT_SIGNED = Refusal(
    "charter-not-signed",
    "The charter of your profile is not signed.",
    "Read and sign it in “My charters”.",
)
RESTS = Refusal(
    "charter-rests",
    "The charter changed and the time to sign the new version is over: access rests.",
    "Read and sign the new version in “My charters”: access comes back at once.",
)


def current(versions: Iterable[Version], at: datetime) -> Version | None:
    """Return the newest version published at a moment, None before the first."""
    published = [version for version in versions if version.published_at <= at]
    return max(published, key=lambda version: version.number, default=None)


def in_force(standing: Standing, at: datetime) -> list[Refusal]:
    """List why a person is not bound by the charter at a moment; empty when they are."""
    if current(standing.versions, at) is None:
        return [NO_CHARTER]
    if not any(signed.at <= at for signed in standing.signatures):
        return [NOT_SIGNED]
    rests = rests_at(standing, at)
    return [RESTS] if rests is not None and rests <= at else []


def rests_at(standing: Standing, at: datetime) -> datetime | None:
    """
    Return when the signatures that a person had given at a moment stop being enough.

    It is the first moment at which a material version above the newest one that they had signed
    becomes binding; None when nothing announces it.
    """
    signed = max((s.number for s in standing.signatures if s.at <= at), default=0)
    binding = [v.binding_at for v in standing.versions if v.material and v.number > signed]
    return min(binding, default=None)


def parse_terms(raw: Mapping[str, Any]) -> tuple[Terms, list[Refusal]]:
    """Read machine-readable terms; what is wrong comes back as refusals, field by field."""
    terms: dict[str, Any] = {}
    wrong: list[Refusal] = []
    for name, read in _READERS.items():
        if name not in raw:
            continue
        try:
            terms[name] = read(raw[name])
        except (ValueError, TypeError, KeyError):
            wrong.append(
                Refusal(
                    "bad-term",
                    "The term “%(term)s” is not readable.",
                    values={"term": name},
                    about=f"terms.{name}",
                )
            )
    wrong += [
        Refusal(
            "unknown-term",
            "There is no term “%(term)s”.",
            values={"term": name},
            about=f"terms.{name}",
        )
        for name in sorted(set(raw) - set(_READERS))
    ]
    return Terms(**terms), wrong


def write_terms(terms: Terms) -> dict[str, Any]:
    """Return terms as JSON."""
    return {
        "max_tier": terms.max_tier.value,
        "purposes": sorted(purpose.value for purpose in terms.purposes),
        "highest_level": int(terms.highest_level),
        "longest_days": terms.longest_days,
        "duties": list(terms.duties),
    }


def _days(value: Any) -> int:
    days = int(value)
    if not 1 <= days <= 3660:
        raise ValueError
    return days


def _duties(value: Any) -> tuple[str, ...]:
    if unknown := set(value) - set(DUTIES):
        raise ValueError(sorted(unknown))
    return tuple(value)


_READERS: Mapping[str, Any] = {
    "max_tier": Tier,
    "purposes": lambda value: frozenset(Purpose(purpose) for purpose in value),
    "highest_level": lambda value: Level(int(value)),
    "longest_days": _days,
    "duties": _duties,
}


def in_words(terms: Terms) -> list[tuple[str, dict[str, object]]]:
    """Say what a charter allows: messages with the values of their places, for a page."""
    return [
        ("Deliveries: up to “%(tier)s”.", {"tier": TIERS[terms.max_tier].name}),
        (
            "Fields: up to level %(level)s, “%(name)s”.",
            {
                "level": int(terms.highest_level),
                "name": LEVELS[terms.highest_level].name,
            },
        ),
        ("Duration: %(days)s days at most for one grant.", {"days": terms.longest_days}),
    ]
