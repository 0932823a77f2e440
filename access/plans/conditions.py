"""What a grant and a release must fulfil before a plan can be made of them. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from access.plans.terms import PERSONS, BasisRule, Disclosure, FieldSpec, GrantTerms, SourceSpec
from access.plans.treatments import Treatment, choices_for
from catalog.vocabularies.levels import Tier
from hub.kernel.refusals import Refusal

UNSAFE = tuple("=+-@\t\r\n")
"""First characters of a name that a spreadsheet would run as a formula."""


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known when a plan is compiled."""

    terms: GrantTerms
    source: SourceSpec
    fields: Mapping[str, FieldSpec]
    treatments: Mapping[str, Treatment]
    subject: str
    basis: BasisRule
    disclosure: Disclosure
    tier: Tier = Tier.EXTRACT


ROWS_NEVER_LEAVE = Refusal(
    "rows_never_leave",
    "Of this dataset only results leave, never rows.",
    "Ask for tables of results instead of rows.",
    about="tables",
)


def refusals(case: Case) -> Iterator[Refusal]:
    """List every reason for which no plan can be made."""
    yield from _of_the_release(case)
    yield from _of_the_wishes(case)
    yield from _of_the_persons(case)
    yield from _of_the_settings(case)


def _of_the_release(case: Case) -> Iterator[Refusal]:
    columns, fields = set(case.source.columns), case.fields
    unclassified = [name for name, field in fields.items() if field.level is None]
    yield from _named(
        sorted(columns - set(fields)),
        "column_undeclared",
        "The release holds columns that its producer has not declared: %(fields)s.",
        "The producer must declare them or remove them.",
    )
    yield from _named(
        unclassified,
        "field_unclassified",
        "Nobody has said how confidential these fields are: %(fields)s.",
        "The producer must give each a confidentiality level.",
    )
    yield from _named(
        [name for name in fields if name.startswith(UNSAFE) or not name.isprintable()],
        "field_unsafe_name",
        "These names would run as formulas in a spreadsheet: %(fields)s.",
        "The producer must rename them.",
    )
    needed = {each.field for each in case.treatments.values() if each.action.delivers}
    needed |= {each.field for each in case.terms.filters if each.field in fields}
    needed |= {case.subject} if case.subject else set()
    yield from _named(
        sorted(needed - columns),
        "column_missing",
        "The release lacks columns that the extract needs: %(fields)s.",
        "Choose another release, or remove these fields from the request.",
    )


def _of_the_wishes(case: Case) -> Iterator[Refusal]:
    names = [wish.name for wish in case.terms.fields]
    yield from _named(
        [name for name in names if name not in case.fields],
        "field_unknown",
        "These fields are not in the release: %(fields)s.",
        "Choose among its declared fields.",
    )
    yield from _named(
        [wish.name for wish in case.terms.fields if not _is_offered(case, wish.name, wish.wanted)],
        "fineness_unknown",
        "The fineness asked for does not exist for these fields: %(fields)s.",
        "Choose one of those offered.",
    )
    if not any(treatment.action.delivers for treatment in case.treatments.values()):
        yield Refusal(
            "nothing_delivered",
            "Nothing would be delivered under these terms.",
            "Ask for other fields, or justify the sensitive ones.",
        )


def _is_offered(case: Case, name: str, wanted: str) -> bool:
    field = case.fields.get(name)
    if field is None or not wanted:
        return True
    return wanted in {choice.name for choice in choices_for(field, case.terms.as_of)}


def _of_the_persons(case: Case) -> Iterator[Refusal]:
    named = case.fields.get(case.subject)
    if case.subject and (named is None or named.attribute not in PERSONS):
        yield Refusal(
            "subject_unknown",
            "%(fields)s is said to name persons, and is not declared so.",
            "The producer must declare it as an identifier.",
            {"fields": case.subject},
        )
    about_persons = any(treatment.quasi for treatment in case.treatments.values())
    about_persons |= bool(case.terms.tables)
    if case.subject or not case.source.unit.is_person:
        about_persons = False
    if not case.subject and (about_persons or case.basis is not BasisRule.NONE):
        yield Refusal(
            "no_subject",
            "Nothing in the release tells one person from another: oppositions cannot be respected"
            " nor small groups found.",
            "The producer must add the identifier of the persons.",
        )


def _of_the_settings(case: Case) -> Iterator[Refusal]:
    if case.terms.end is None:
        yield Refusal("no_end", "An extract needs an end.", "Give the last day of its use.")
    if not case.terms.formats:
        yield Refusal("no_format", "An extract needs a format.", "Choose Parquet or CSV.")
    if case.disclosure.k < 1 or not 0 <= case.disclosure.cap <= 1:
        yield Refusal(
            "disclosure_settings",
            "The smallest group or the suppressed share of this dataset makes no sense.",
            "Give a group of at least one person and a share between 0 and 1.",
        )


def _named(names: Iterable[str], code: str, explanation: str, remedy: str) -> Iterator[Refusal]:
    """Refuse once for all the names, if there are any."""
    listed = list(dict.fromkeys(names))
    if listed:
        yield Refusal(code, explanation, remedy, {"fields": ", ".join(listed)}, about=listed[0])
