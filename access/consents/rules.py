"""
Whose rows may be used: the word in force of each person, and what a legal basis makes of it. Pure.

The database decides the same for millions of persons at once (``queries.keys_in_force``); the
tests hold the two together. Sources: GDPR, articles 4(11), 7(3) and 21(1).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from catalog.vocabularies.labelled import Labelled
from catalog.vocabularies.legal_bases import LegalBasis


class Decision(Labelled):
    """What was said."""

    GIVEN = "given", "Consent given"
    REFUSED = "refused", "Consent refused"
    WITHDRAWN = "withdrawn", "Consent withdrawn"
    OBJECTED = "objected", "Objection"
    OBJECTION_LIFTED = "objection_lifted", "Objection lifted"


AGAINST = frozenset({Decision.REFUSED, Decision.WITHDRAWN, Decision.OBJECTED})
"""Words that keep a person's rows out."""

TAKEN_BACK = frozenset({Decision.WITHDRAWN, Decision.OBJECTED})
"""Words that end what was allowed before, whatever its scope."""


class DecidedBy(Labelled):
    """Whose word it is."""

    SELF = "self", "The person"
    GUARDIAN = "guardian", "A guardian"


class Rule(StrEnum):
    """Whose rows a legal basis lets use."""

    OPT_IN = "opt_in"
    OPT_OUT = "opt_out"
    NONE = "none"


class Meaning(StrEnum):
    """What a list of subject keys says."""

    INCLUDED = "included"
    EXCLUDED = "excluded"


def rule_of(basis: LegalBasis) -> Rule:
    """Return whose rows may be used when data were collected on a legal basis."""
    if basis.needs_consent:
        return Rule.OPT_IN
    return Rule.OPT_OUT if basis.can_be_objected else Rule.NONE


def meaning_of(rule: Rule) -> Meaning:
    """Return what the list of keys says: who alone is in, or who is out."""
    return Meaning.INCLUDED if rule is Rule.OPT_IN else Meaning.EXCLUDED


@dataclass(frozen=True, slots=True)
class Word:
    """
    One word of one holder about one person.

    :param number: order of recording, which settles two words of the same moment
    :param holder: who spoke: oneself, or one of the guardians (opaque)
    :param project: the project it is about, None for any
    :param purpose: the purpose it is about, empty for any
    :param until: last day on which it counts
    """

    number: int
    decision: Decision
    decided_at: datetime
    holder: bytes = b""
    by: DecidedBy = DecidedBy.SELF
    project: UUID | None = None
    purpose: str = ""
    until: date | None = None


def is_listed(
    words: Iterable[Word], *, rule: Rule, project: UUID | None, purpose: str, day: date
) -> bool:
    """
    Tell whether a person stands on the list: of the included (opt-in) or of the excluded (opt-out).

    Each holder speaks for themself: their word in force is the latest of the most specific scope
    (the project before the purpose before the whole dataset), unless they took their consent back
    or objected since, in any scope. Then one word against keeps the person out: holders who
    disagree count as a refusal, and any holder's withdrawal wins. A consent that ran out is no
    consent; what an objection forbade stays forbidden when the word that lifted it runs out.
    """
    heard: dict[tuple[DecidedBy, bytes], list[Word]] = {}
    for word in words:
        if _concerns(word, project=project, purpose=purpose) and _counts(word, rule, day):
            heard.setdefault((word.by, word.holder), []).append(word)
    in_force = [_in_force(said) for said in heard.values()]
    against = any(word.decision in AGAINST for word in in_force)
    if rule is Rule.OPT_OUT:
        return against
    if rule is Rule.NONE or against:
        return False
    return any(
        word.decision is Decision.GIVEN and (word.until is None or word.until >= day)
        for word in in_force
    )


def _concerns(word: Word, *, project: UUID | None, purpose: str) -> bool:
    return word.project in {None, project} and word.purpose in {"", purpose}


def _counts(word: Word, rule: Rule, day: date) -> bool:
    """Set aside what ran out; for opt-in a consent that ran out still hides an older one."""
    over = word.until is not None and word.until < day
    return not over or (rule is Rule.OPT_IN and word.decision not in AGAINST)


def _in_force(said: list[Word]) -> Word:
    """Choose among the words of one holder."""
    specific = max(said, key=lambda word: (*_scope(word), *_order(word)))
    latest = max(said, key=_order)
    return latest if latest.decision in TAKEN_BACK else specific


def _scope(word: Word) -> tuple[bool, bool]:
    return word.project is not None, bool(word.purpose)


def _order(word: Word) -> tuple[datetime, int]:
    return word.decided_at, word.number
