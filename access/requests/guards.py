"""Why a step may not be taken now: each guard looks at one thing and lists its refusals. Pure."""

from collections.abc import Callable, Iterable, Iterator

from access.requests.crossing import may_be_crossed
from access.requests.facts import (
    IDLE,
    LONGEST_TEXT,
    AskedDataset,
    Facts,
    Taking,
    on_the_side_of,
)
from access.requests.states import Adviser, Part
from access.tiers.rules import LEVELS, TIERS
from catalog.vocabularies.levels import Level
from hub.kernel.refusals import Refusal

Guard = Callable[[Facts, Taking], Iterable[Refusal]]

MISSING = {
    "title": "The title of the project is missing.",
    "context": "The context is missing.",
    "question": "The question to answer is missing.",
    "outputs": "The expected results are missing.",
    "purpose": "The purpose is missing.",
    "legal_basis": "The legal basis is missing.",
    "hosting": "Where the data will be kept is missing.",
    "security": "The security measures are missing.",
}
ADVISERS = {
    Part.DPO: Adviser.DPO,
    Part.COMMITTEE: Adviser.COMMITTEE,
    Part.STEWARD: Adviser.STEWARD,
}
OWN_SIDE = Refusal(
    "own-side",
    "Nobody examines, advises on or decides a request of their own side: their own, their"
    " team's or their organisation's.",
    "Leave it to somebody of another organisation.",
)


def is_complete(facts: Facts, _taking: Taking) -> Iterator[Refusal]:
    """Ask for every text, a dataset, and at least one field of each."""
    for name, explanation in MISSING.items():
        if not facts.texts.get(name, "").strip():
            yield Refusal(f"missing-{name}", explanation, "Complete the request.", about=name)
    if not facts.datasets:
        yield Refusal(
            "no-dataset",
            "The request names no dataset.",
            "Choose one in the catalogue, and ask for it.",
            about="datasets",
        )
    for asked in facts.datasets:
        if not asked.fields:
            yield Refusal(
                "no-field",
                "No field of “%(dataset)s” is asked for.",
                "Choose the fields that the project needs.",
                values={"dataset": asked.title},
                about="fields",
            )


def is_asked_in_time(facts: Facts, _taking: Taking) -> Iterator[Refusal]:
    """Ask for an end that is still to come."""
    if facts.ends_on is None:
        yield Refusal(
            "no-end", "The last day of use is missing.", "Complete the request.", about="ends_on"
        )
        return
    if facts.ends_on < facts.today:
        yield Refusal(
            "end-past",
            "The last day of use is in the past.",
            "Choose a day to come.",
            about="ends_on",
        )


def ends_before_the_data(facts: Facts, _taking: Taking) -> Iterator[Refusal]:
    """Hold the end within the producers' retention."""
    for asked in facts.datasets:
        kept = asked.kept_until
        if kept is not None and facts.ends_on is not None and facts.ends_on > kept:
            yield Refusal(
                "end-after-retention",
                "“%(dataset)s” may be kept until %(day)s only.",
                "Choose an earlier last day of use.",
                values={"dataset": asked.title, "day": kept.isoformat()},
                about="ends_on",
            )


def is_bound_by_a_charter(facts: Facts, _taking: Taking) -> Iterator[Refusal]:
    """Ask for the charter of the profile, and keep the request within its terms."""
    yield from facts.charter
    if facts.charter:
        return
    if facts.purpose and facts.purpose not in facts.terms.purposes:
        yield Refusal(
            "purpose-outside-charter",
            "The charter of your profile does not accept this purpose.",
            "Choose another purpose, or another capacity in which to act.",
            about="purpose",
        )
    longest = facts.terms.longest_days
    if facts.ends_on is not None and (facts.ends_on - facts.today).days > longest:
        yield Refusal(
            "end-too-far",
            "The charter of your profile allows %(days)s days at most.",
            "Choose an earlier last day: a grant can be renewed.",
            values={"days": longest},
            about="ends_on",
        )
    for asked in facts.datasets:
        if asked.tier.rank > facts.terms.max_tier.rank:
            yield Refusal(
                "tier-outside-charter",
                "“%(dataset)s” is delivered as “%(tier)s”, which the charter of your profile"
                " does not allow.",
                values={"dataset": asked.title, "tier": TIERS[asked.tier].name},
                about="datasets",
            )
        yield from _levels_outside_charter(asked, facts.terms.highest_level)


def _levels_outside_charter(asked: AskedDataset, highest: Level) -> Iterator[Refusal]:
    for wish in asked.fields:
        # Identifiers come as pseudonyms: their level is not what is delivered.
        if wish.level is None or wish.level == Level.IDENTIFIER or wish.level <= highest:
            continue
        yield Refusal(
            "level-outside-charter",
            "The charter of your profile does not reach “%(field)s” (level %(level)s).",
            "Take the field out of the request.",
            values={"field": wish.name, "level": int(wish.level)},
            about=wish.name,
        )


def is_published(facts: Facts, _taking: Taking) -> Iterator[Refusal]:
    """Ask only for what is published, on terms that the producers accept."""
    for asked in facts.datasets:
        if not asked.published:
            yield Refusal(
                "dataset-not-published",
                "“%(dataset)s” is not published any more.",
                "Take it out of the request, or choose another release.",
                values={"dataset": asked.title},
                about="datasets",
            )
        for wish in asked.fields:
            if wish.level is None:
                yield Refusal(
                    "field-not-published",
                    "“%(dataset)s” has no published field “%(field)s”.",
                    "Choose among the published fields.",
                    values={"dataset": asked.title, "field": wish.name},
                    about=wish.name,
                )
        yield from _not_accepted(facts, asked)


def _not_accepted(facts: Facts, asked: AskedDataset) -> Iterator[Refusal]:
    unaccepted = facts.purpose not in asked.accepted_purposes
    if facts.purpose and asked.accepted_purposes and unaccepted:
        yield Refusal(
            "purpose-not-accepted",
            "The producer of “%(dataset)s” does not accept this purpose.",
            "Look at its conditions in the catalogue, or write to its contact.",
            values={"dataset": asked.title},
            about="purpose",
        )
    if asked.accepted_profiles and facts.profile not in asked.accepted_profiles:
        yield Refusal(
            "profile-not-accepted",
            "The producer of “%(dataset)s” does not accept requests from your profile.",
            "Look at its conditions in the catalogue, or write to its contact.",
            values={"dataset": asked.title},
            about="datasets",
        )


def is_justified(facts: Facts, _taking: Taking) -> Iterator[Refusal]:
    """Ask why, field by field, above level 1; and filter only by what may choose rows."""
    for asked in facts.datasets:
        for wish in asked.fields:
            if wish.level is None or not LEVELS[wish.level].justified:
                continue
            if not wish.justification.strip():
                yield Refusal(
                    "not-justified",
                    "The request does not say why “%(field)s” is needed.",
                    "Fields above level 1 are justified one by one.",
                    values={"field": wish.name},
                    about=wish.name,
                )
        names = {wish.name for wish in asked.fields}
        for row_filter in asked.filters:
            if row_filter.field not in names or not may_choose_rows(row_filter.level):
                yield filter_not_allowed(row_filter.field)


def may_choose_rows(level: Level | None) -> bool:
    """Tell whether rows may be chosen by a field: the value asked for would reveal a sensitive one."""
    return level is not None and LEVELS[level].may_filter


def filter_not_allowed(field: str) -> Refusal:
    """Refuse to choose rows by a field."""
    return Refusal(
        "filter-not-allowed",
        "Rows cannot be chosen by “%(field)s”.",
        "Choose rows by a field of level 0, 1 or 2 that you also ask for.",
        values={"field": field},
        about=field,
    )


def can_be_planned(facts: Facts, _taking: Taking) -> Iterator[Refusal]:
    """Ask for a request that can be turned into a plan of delivery."""
    known: set[tuple[str, str]] = set()
    for asked in facts.datasets:
        for refusal in asked.plan_refusals:
            if (refusal.code, refusal.about) not in known:
                known.add((refusal.code, refusal.about))
                yield refusal


def has_no_twin(facts: Facts, _taking: Taking) -> Iterator[Refusal]:
    """Refuse the same request twice."""
    if facts.has_twin:
        yield Refusal(
            "identical-open",
            "The same request is open already.",
            "Wait for its decision, or withdraw it.",
        )


def says_why(_facts: Facts, taking: Taking) -> Iterator[Refusal]:
    """Ask for a reason."""
    if not taking.reason.strip():
        yield Refusal(
            "reason-missing",
            "Say why.",
            "The reason is sent and kept in the trail.",
            about="reason",
        )
    elif len(taking.reason) > LONGEST_TEXT:
        yield Refusal(
            "reason-too-long",
            "The text is longer than %(limit)s characters.",
            values={"limit": LONGEST_TEXT},
            about="reason",
        )


def is_not_on_their_own_side(facts: Facts, taking: Taking) -> Iterator[Refusal]:
    """Refuse whoever stands on the side of the applicant."""
    if on_the_side_of(facts.team, taking.actor, taking.email):
        yield OWN_SIDE


def advises_once(facts: Facts, taking: Taking) -> Iterator[Refusal]:
    """Ask for one opinion, in a role that the person holds, once per role and revision."""
    if taking.adviser is None or taking.adviser not in {
        ADVISERS[part] for part in taking.parts if part in ADVISERS
    }:
        yield Refusal(
            "not-your-role",
            "You do not hold the role in which this opinion would be given.",
            "Choose one of your roles.",
            about="role",
        )
    elif facts.opinion(taking.adviser) is not None:
        yield Refusal(
            "opinion-given",
            "The opinion of this role on this revision is given already.",
            "An opinion does not change; a new revision asks for a new one.",
            about="role",
        )
    if taking.favourable is None:
        yield Refusal(
            "opinion-undecided",
            "Say whether the opinion is favourable.",
            about="favourable",
        )


def signs_for_the_dataset(facts: Facts, taking: Taking) -> Iterator[Refusal]:
    """Let only signatories of that dataset's producer approve it, each once."""
    if facts.asked(taking.dataset_id) is None:
        yield Refusal(
            "dataset-not-asked",
            "The request does not ask for this dataset.",
            "Name one of the datasets of the request.",
            about="dataset",
        )
    elif taking.dataset_id not in taking.signs:
        yield Refusal(
            "not-your-dataset",
            "Only a signatory of its producer approves a dataset.",
            about="dataset",
        )
    elif taking.actor.user_id in facts.approved_by(taking.dataset_id):
        yield Refusal(
            "approved-already",
            "You have approved this dataset already.",
            "When a field is of level 4, a second signatory must approve too.",
            about="dataset",
        )


def has_required_opinions(facts: Facts, taking: Taking) -> Iterator[Refusal]:
    """Ask for the opinions that the rules require, on this revision, followed or overridden."""
    opinion = facts.opinion(Adviser.DPO)
    if opinion is None and facts.needs_dpo:
        yield Refusal(
            "opinion-missing",
            "The opinion of the data protection officer on this revision is missing.",
            "A field of level 4, results-only data or a crossing need it first.",
        )
    if opinion is not None and not opinion.favourable and not taking.override.strip():
        yield Refusal(
            "opinion-unfavourable",
            "The data protection officer's opinion is unfavourable.",
            "Going against it is done in writing by the controller, and is public.",
            about="override",
        )


def is_idle(facts: Facts, _taking: Taking) -> Iterator[Refusal]:
    """Let a draft lapse only when nobody touched it for long."""
    if facts.idle < IDLE:
        yield Refusal(
            "not-idle",
            "A draft lapses after %(days)s days without a change.",
            values={"days": IDLE.days},
        )


ASKING: tuple[Guard, ...] = (
    is_complete,
    is_asked_in_time,
    ends_before_the_data,
    is_bound_by_a_charter,
    is_published,
    is_justified,
    can_be_planned,
    may_be_crossed,
)
"""What a request must fulfil to be submitted, and again when it is approved."""
