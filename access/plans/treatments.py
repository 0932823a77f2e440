"""
What happens to one field, and why: the rule that the page, the request and the plan share. Pure.

Source of the levels: the confidentiality scale of the hub (``catalog.vocabularies.levels``). A
level never opens more than the one below it; a justification is asked for field by field above
level 1 as soon as a value finer than the default is wanted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field as attribute_field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from access.plans.terms import PERSONS, FieldGrant, FieldSpec, GrantTerms
from access.pseudonymisation.hierarchies import CUSTOM, EXACT, LadderSpec, Step, ladder
from access.pseudonymisation.transforms import SIGNIFICANT
from catalog.vocabularies.levels import Level
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import TRAITS, Hierarchy, SemanticType


class Action(StrEnum):
    """The treatments of a field."""

    DROP = "drop"
    WITHHOLD = "withhold"
    PSEUDONYM = "pseudonym"
    KEEP = "keep"
    GENERALISE = "generalise"
    ROUND = "round"

    @property
    def delivers(self) -> bool:
        """Tell whether something of the field is in the extract."""
        return self not in {Action.DROP, Action.WITHHOLD}


REASONS: Mapping[str, str] = MappingProxyType(
    {
        "unclassified": "its producer has not said how confidential it is",
        "names_a_person": "it names a person, and a name never leaves the hub",
        "identifier": "it identifies a person; a pseudonym of your project takes its place",
        "not_requested": "it is not among the fields asked for",
        "charter_level": "your charter does not reach fields this confidential",
        "very_sensitive": "it is very sensitive and needs an explicit agreement",
        "not_justified": "it is sensitive and the request gives no justification for it",
        "free_text": "a free text may name persons",
        "too_precise": "it identifies by crossing and nothing coarser can take its place",
        "no_risk": "it says nothing about a person",
        "justified": "the request justifies it",
        "wanted": "the request asks for no more",
        "crossing_risk": "with other fields it could tell who a person is",
        "finer_not_justified": "a finer value is asked for without a justification",
        "no_coarser": "it has no coarser form; it counts in the check of small groups",
        "same_person": "the pseudonym of the person is already in the extract, from another dataset",
        "tables_name_nobody": "tables of results name nobody",
        "not_in_a_table": "no table that is asked for is made of it",
        "high_entropy": "exact values could link this extract with another one",
    }
)
"""Code of a reason → English message, the end of a sentence that begins with the treatment."""

WARNINGS: Mapping[str, str] = MappingProxyType(
    {
        "exact_values": "%(field)s is delivered with exact values, which can link two extracts.",
        "filter_finer": "The filter on %(field)s is finer than what is delivered of it.",
    }
)


@dataclass(frozen=True, slots=True)
class Treatment:
    """
    Exactly one treatment of one field, with its reason.

    :param reason: key of :data:`REASONS`
    :param output: name of the column in the extract, empty when nothing is delivered
    :param attribute: of a pseudonym: whom it stands for
    :param ladder: of a generalisation, with ``step``
    :param step: of the ladder, or how to round ("0.5", "significant:2")
    :param quasi: counts for k-anonymity
    :param sensitive: a person's own fact, which no group may tell of its persons
    :param warning: key of :data:`WARNINGS`, or empty
    """

    field: str
    action: Action
    reason: str
    output: str = ""
    attribute: str = ""
    ladder: LadderSpec | None = None
    step: str = ""
    quasi: bool = False
    warning: str = ""
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One fineness that may be asked for a field, with a message for people."""

    name: str
    label: str
    values: Mapping[str, object] = attribute_field(default_factory=dict)


DEFAULT_STEPS: Mapping[str, str] = MappingProxyType(
    {
        Hierarchy.DATE: "month",
        Hierarchy.COMMUNE: "departement",
        Hierarchy.POSTCODE: "departement",
        Hierarchy.UAI: "departement",
        Hierarchy.DEPARTEMENT: EXACT,
        Hierarchy.CLASS_CODE: "first_3",
        Hierarchy.NUMBER: "by_5",
        Hierarchy.CATEGORY: EXACT,
        CUSTOM: "level_1",
    }
)
"""Of a quasi-identifier: the finest step that needs no justification."""

NOTHING_COARSER = frozenset(
    {
        SemanticType.COMMUNE_NAME,
        SemanticType.SCHOOL_NAME,
        SemanticType.SIREN,
        SemanticType.COORDINATE,
        SemanticType.POSTAL_ADDRESS,
        SemanticType.ROW_NUMBER,
        SemanticType.URL,
    }
)
_DATES = frozenset({PlainType.DATE, PlainType.DATETIME})
_NUMBERS = frozenset({PlainType.INTEGER, PlainType.NUMBER})
EXACT_LABEL = "the exact value"
NOTHING_LABEL = "nothing of this field"
HALF_POINT = "0.5"
"""To what marks are rounded."""


def treatment_for(field: FieldSpec, terms: GrantTerms) -> Treatment:
    """
    Decide what an extract under these terms holds of a field.

    The same answer serves the page of a dataset (with the terms of the reader's profile), the
    preview of a request, and the plan of a grant.
    """
    level = field.confidentiality
    if level is Level.IDENTIFIER:
        return _identifier(field, terms)
    wish = terms.wish(field.name)
    if level is None or wish is None:
        return _nothing(field, "unclassified" if level is None else "not_requested")
    closed = _closed(field, level, wish, terms)
    if closed:
        return _nothing(field, closed)
    if level <= Level.AGGREGATED:
        return _as_wished(field, wish, terms.as_of)
    if level is Level.QUASI_IDENTIFIER:
        return _quasi_identifier(field, wish, terms.as_of)
    return _sensitive(field, level, wish, terms.as_of)


def choices_for(field: FieldSpec, as_of: date | None = None) -> tuple[Choice, ...]:
    """Return how fine a field may be asked for, finest first; the rules may still say coarser."""
    steps = [step for spec in ladders_of(field, as_of) for step in ladder(spec).steps]
    same = {"hour", "day"} if field.type is PlainType.DATE else set()
    return (
        Choice(EXACT, EXACT_LABEL),
        *(Choice(each.name, each.label, each.values) for each in steps if each.name not in same),
    )


def ladders_of(field: FieldSpec, as_of: date | None = None) -> tuple[LadderSpec, ...]:
    """Return the ladders that a field can climb, the one of its default first."""
    if field.hierarchy:
        return (field.hierarchy,)
    if field.type in _DATES:
        ages = field.semantic_type is SemanticType.DATE_OF_BIRTH and as_of is not None
        dates = (LadderSpec(Hierarchy.DATE), LadderSpec("school_date"))
        return (*dates, LadderSpec("age", as_of=as_of)) if ages else dates
    if field.type in _NUMBERS:
        return (LadderSpec(Hierarchy.NUMBER),)
    own = TRAITS[field.semantic_type].hierarchy
    if field.type is PlainType.TEXT and own not in {None, Hierarchy.DATE, Hierarchy.NUMBER}:
        return (LadderSpec(str(own)),)
    return ()


def step_label(treatment: Treatment) -> Choice:
    """Return the message that names what a treatment leaves of its field."""
    if treatment.action is Action.GENERALISE and treatment.ladder:
        step = ladder(treatment.ladder).step(treatment.step)
        return Choice(step.name, step.label, step.values)
    if treatment.action is Action.ROUND:
        digits = treatment.step.removeprefix(SIGNIFICANT)
        if digits != treatment.step:
            return Choice(treatment.step, "the value with %(digits)s digits", {"digits": digits})
        return Choice(treatment.step, "the value rounded to the half point")
    return Choice(EXACT, EXACT_LABEL)


def _closed(field: FieldSpec, level: Level, wish: FieldGrant, terms: GrantTerms) -> str:
    """Return the reason for which nothing may be delivered, empty when there is none."""
    personal = level > Level.AGGREGATED
    sensitive = level >= Level.SENSITIVE
    justified = bool(wish.justification.strip())
    if level > terms.highest_level:
        return "charter_level"
    if level is Level.VERY_SENSITIVE and not terms.very_sensitive:
        return "very_sensitive"
    if personal and field.semantic_type is SemanticType.FREE_TEXT:
        return "free_text"
    if sensitive and not justified:
        return "not_justified"
    if personal and not justified and _has_nothing_coarser(field):
        return "too_precise"
    return ""


def _has_nothing_coarser(field: FieldSpec) -> bool:
    """Tell whether a precise value has no ladder: by its meaning, or by how it is stored."""
    if field.semantic_type in NOTHING_COARSER:
        return not field.hierarchy
    meant = TRAITS[field.semantic_type].hierarchy
    return meant is not None and not ladders_of(field)


def _nothing(field: FieldSpec, reason: str) -> Treatment:
    return Treatment(field.name, Action.WITHHOLD, reason)


def _identifier(field: FieldSpec, terms: GrantTerms) -> Treatment:
    if field.attribute not in PERSONS:
        return Treatment(field.name, Action.DROP, "names_a_person")
    if terms.wish(field.name) is None:
        return _nothing(field, "not_requested")
    return Treatment(
        field.name, Action.PSEUDONYM, "identifier", output=field.name, attribute=field.attribute
    )


def _keep(field: FieldSpec, reason: str, *, quasi: bool = False, warning: str = "") -> Treatment:
    return Treatment(
        field.name, Action.KEEP, reason, output=field.name, quasi=quasi, warning=warning
    )


def _climb(
    field: FieldSpec, spec: LadderSpec, step: str, reason: str, *, quasi: bool = False
) -> Treatment:
    return Treatment(
        field.name,
        Action.GENERALISE,
        reason,
        output=field.name,
        ladder=spec,
        step=step,
        quasi=quasi,
    )


def _found(field: FieldSpec, name: str, as_of: date | None) -> tuple[LadderSpec, Step] | None:
    """Return the step of that name among the ladders of a field."""
    for spec in ladders_of(field, as_of):
        for step in ladder(spec).steps:
            if step.name == name:
                return spec, step
    return None


def _as_wished(field: FieldSpec, wish: FieldGrant, as_of: date | None) -> Treatment:
    found = _found(field, wish.wanted, as_of)
    if found:
        return _climb(field, found[0], found[1].name, "wanted")
    return _keep(field, "no_risk")


def _quasi_identifier(field: FieldSpec, wish: FieldGrant, as_of: date | None) -> Treatment:
    specs = ladders_of(field, as_of)
    justified = bool(wish.justification.strip())
    if not specs:
        return _keep(field, "justified" if justified else "no_coarser", quasi=True)
    first = specs[0]
    default = _default_step(field, first)
    wanted = wish.wanted or default
    if wanted == default or (not justified and _is_finer(first, wanted, default)):
        reason = "crossing_risk" if wanted == default else "finer_not_justified"
        if default == EXACT:
            return _keep(field, "no_coarser", quasi=True)
        return _climb(field, first, default, reason, quasi=True)
    found = _found(field, wanted, as_of)
    if found is None:
        return _keep(field, "justified", quasi=True)
    spec, step = found
    coarser = spec == first and not _is_finer(first, wanted, default)
    return _climb(field, spec, step.name, "wanted" if coarser else "justified", quasi=True)


def _default_step(field: FieldSpec, spec: LadderSpec) -> str:
    if field.semantic_type is SemanticType.DATE_OF_BIRTH and spec.name == Hierarchy.DATE:
        return "year"
    return DEFAULT_STEPS[spec.name]


def _is_finer(spec: LadderSpec, wanted: str, default: str) -> bool:
    """Tell whether a step needs a justification: below the default, or of another ladder."""
    names = [EXACT, *(step.name for step in ladder(spec).steps)]
    return wanted not in names or names.index(wanted) < names.index(default)


def _sensitive(field: FieldSpec, level: Level, wish: FieldGrant, as_of: date | None) -> Treatment:
    found = _found(field, wish.wanted, as_of)
    if found:
        return _climb(field, found[0], found[1].name, "wanted")
    exact = wish.wanted == EXACT
    if field.type in _DATES:
        return _sensitive_date(field, level, exact=exact)
    if field.type is PlainType.NUMBER:
        if exact:
            return _keep(field, "justified", warning="exact_values")
        step = HALF_POINT if field.semantic_type is SemanticType.MARK else f"{SIGNIFICANT}2"
        return Treatment(field.name, Action.ROUND, "high_entropy", output=field.name, step=step)
    return _keep(field, "justified")


def _sensitive_date(field: FieldSpec, level: Level, *, exact: bool) -> Treatment:
    """Deliver a day for a moment, and a month where the day itself tells (absences: a religion)."""
    if exact:
        return _keep(field, "justified", warning="exact_values")
    dates = LadderSpec(Hierarchy.DATE)
    if level is Level.VERY_SENSITIVE:
        return _climb(field, dates, "month", "high_entropy")
    if field.type is PlainType.DATETIME:
        return _climb(field, dates, "day", "high_entropy")
    return _keep(field, "justified")
