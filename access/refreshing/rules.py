"""
When a grant may move to a newer release without a new request. Pure.

Nothing may change but the release: the same fields, made coarser in the same way, of the same
persons, under a check that is no weaker. Where an opinion or a second signatory was asked for, a
new request asks for them again.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from access.plans.plan import Plan
from access.plans.terms import Disclosure
from access.plans.treatments import Treatment
from access.tiers.rules import needs_dpo, signatories
from catalog.vocabularies.labelled import Labelled
from catalog.vocabularies.levels import Level, Tier
from hub.kernel.refusals import Refusal


class State(Labelled):
    """Where a change of release stands."""

    ASKED = "asked", "asked for"
    FOLLOWED = "followed", "the grant follows it"
    DECLINED = "declined", "declined"


_NEW_REQUEST = "Make a new request for this release."
NOTHING_NEWER = Refusal(
    "nothing-newer", "There is no newer release of this dataset.", about="dataset"
)
WAITS = Refusal(
    "waits-already", "A newer release was asked for already.", "Wait for its decision."
)
NOTHING_ASKED = Refusal(
    "nothing-asked",
    "No newer release waits for a decision.",
    "Look at the grant again: somebody may have acted meanwhile.",
)
CHANGED = Refusal(
    "plan-changed",
    "The data changed in the catalogue: the plan is not the one that was asked for any more.",
    "Decline, and let the holder ask again.",
)
_ELSEWHERE = Refusal(
    "kept-elsewhere",
    "The rows of the newer release are kept at another place than those of the former one.",
    _NEW_REQUEST,
)
_OF_THE_RELEASE = frozenset({"dataset-withdrawn", "retention-over"})
"""A dataset that is withdrawn as a whole has no newer release: that is said instead."""
SAY_WHY = Refusal(
    "reason-missing", "Say why.", "A reason is written in the trail.", about="reason"
)


@dataclass(frozen=True, slots=True)
class Move:
    """
    A granted dataset, and the newer release to which its grant may move.

    :param after: what would be executed, None when the catalogue refuses to plan it
    :param levels: of the fields that were granted, in the newer release
    :param elsewhere: whether its rows are kept at another place than the former ones: another
        node, or the hub
    """

    before: Plan
    after: Plan | None
    levels: Sequence[Level]
    tier: Tier
    crossing: bool
    elsewhere: bool = False
    planned: Sequence[Refusal] = ()


def refusals(move: Move) -> list[Refusal]:
    """List why a grant may not move; empty when it may."""
    found = [*_opinion(move), *([_ELSEWHERE] if move.elsewhere else [])]
    if move.after is None:
        return [*found, *move.planned]
    return [*found, *_fields(move.before, move.after), *_rest(move.before, move.after)]


def still(closed: Iterable[Refusal]) -> list[Refusal]:
    """Return what a grant refuses whichever the release."""
    return [one for one in closed if one.code not in _OF_THE_RELEASE]


def _opinion(move: Move) -> Iterator[Refusal]:
    if (
        needs_dpo(levels=move.levels, tier=move.tier, crossing=move.crossing)
        or signatories(move.levels) > 1
    ):
        yield Refusal(
            "opinion-again",
            "These data are granted with an opinion of the data protection officer, which stands for"
            " one release.",
            _NEW_REQUEST,
        )


def _fields(before: Plan, after: Plan) -> Iterator[Refusal]:
    kinds = dict(after.types)
    new = {each.field: each for each in after.treatments}
    used = {each.field for each in before.delivered} | {name for name, _ in before.types}
    for old in before.treatments:
        if old.field not in used:
            continue
        found = new.get(old.field)
        if (
            found is None
            or _same(found) != _same(old)
            or kinds.get(old.field) != dict(before.types)[old.field]
        ):
            yield _changed(old.field)
    if {each.field for each in after.delivered} - {each.field for each in before.delivered}:
        yield _differs()


def _same(treatment: Treatment) -> Treatment:
    """Return a treatment without the day on which ages are counted, which is the release's own."""
    ladder = treatment.ladder and replace(treatment.ladder, as_of=None)
    # Whether its values are looked at is a demand, and demands may grow.
    return replace(treatment, ladder=ladder, sensitive=False)


def _rest(before: Plan, after: Plan) -> Iterator[Refusal]:
    if before.basis is not after.basis:
        yield Refusal(
            "basis-changed",
            "The legal basis of the collection changed: so does what persons may say of it.",
            _NEW_REQUEST,
        )
    weaker = _is_weaker(before.disclosure, after.disclosure)
    kept = (
        "grant",
        "tables",
        "filters",
        "domains",
        "crossing",
        "formats",
        "subject",
        "attribute",
        "algorithm",
    )
    if weaker or any(getattr(before, name) != getattr(after, name) for name in kept):
        yield _differs()


def _is_weaker(before: Disclosure, after: Disclosure) -> bool:
    """Tell whether anything that was demanded is demanded less."""
    shares = [(before.t, after.t), (before.unique, after.unique)]
    return (
        after.k < before.k
        or after.cap > before.cap
        or (after.l or 0) < (before.l or 0)
        or any(old is not None and (new is None or new > old) for old, new in shares)
        or (before.unique is not None and after.known < before.known)
    )


def _changed(field: str) -> Refusal:
    return Refusal(
        "field-changed",
        "“%(field)s” is not the same in the newer release: it is gone, or its type, its meaning or"
        " its level changed.",
        _NEW_REQUEST,
        values={"field": field},
        about=field,
    )


def _differs() -> Refusal:
    return Refusal(
        "plan-differs",
        "The newer release would not be delivered as what was approved.",
        _NEW_REQUEST,
    )
