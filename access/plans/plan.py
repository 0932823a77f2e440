"""
The plan: the one object that says what an extract holds. Pure.

The applicant previews it, the reviewers approve it, the worker or a producer's node executes it,
the bundle carries it. Its digest is that of its canonical JSON: a change of code cannot alter what
was approved without another digest.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from access.plans import filters, tables
from access.plans.conditions import Case, refusals
from access.plans.tables import TableSpec
from access.plans.terms import (
    DEFAULT_FORMATS,
    PERSONS,
    STATISTICAL,
    BasisRule,
    Disclosure,
    Dominance,
    FieldSpec,
    Format,
    GrantTerms,
    Operator,
    RowFilter,
    SourceSpec,
)
from access.plans.treatments import (
    Action,
    Treatment,
    treatment_for,
)
from access.pseudonymisation.hierarchies import LadderSpec
from catalog.vocabularies.levels import Level, Tier, Unit
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType
from hub.crypto.prf import Algorithm
from hub.kernel.refusals import require

VERSION = 1
PID = "pid"
DOMINANCE = Dominance()


@dataclass(frozen=True, slots=True)
class KeyDomain:
    """The labels under which one attribute's stage-2 key hangs below the secret of the grant."""

    attribute: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning for the reviewers: key of ``treatments.WARNINGS`` and the field it is about."""

    code: str
    field: str


@dataclass(frozen=True, slots=True)
class Described:
    """What a field is called and what its codes mean, as they were when the plan was made."""

    field: str
    label: str = ""
    codes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What will be done to one release for one grant. Built by :func:`compile_plan` only.

    :param subject: the column that names the person of a row (consent, k, order), or empty
    :param attribute: whom that column names
    :param types: plain type of each column that is read
    :param described: of the fields that are delivered, when a format carries labels
    :param tables: when there are any, they are all that is delivered: no row is
    """

    grant: str
    source: SourceSpec
    treatments: tuple[Treatment, ...]
    types: tuple[tuple[str, PlainType], ...]
    filters: tuple[RowFilter, ...]
    basis: BasisRule
    disclosure: Disclosure
    domains: tuple[KeyDomain, ...]
    crossing: bool
    end: date
    formats: tuple[Format, ...]
    subject: str = ""
    attribute: str = ""
    warnings: tuple[Warned, ...] = ()
    algorithm: Algorithm = Algorithm.AES_CMAC
    described: tuple[Described, ...] = ()
    version: int = VERSION
    tables: tuple[TableSpec, ...] = ()

    @property
    def delivered(self) -> tuple[Treatment, ...]:
        """Return the treatments that give something, in the order of the columns."""
        return tuple(each for each in self.treatments if each.action.delivers)

    @property
    def quasi_identifiers(self) -> tuple[str, ...]:
        """Return the fields that k-anonymity counts."""
        return tuple(each.field for each in self.treatments if each.quasi)

    @property
    def parts(self) -> tuple["Plan", ...]:
        """Return the plans of the sources that are executed together: this one alone."""
        return (self,)

    @property
    def rows(self) -> int | None:
        """Return how many rows there are to read, None when it is not known."""
        return self.source.rows

    @property
    def name(self) -> str:
        """Return a name that no other plan of the grant has."""
        return self.source.dataset

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the canonical JSON, in hexadecimal."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """Return the canonical JSON: sorted keys, no blanks, UTF-8."""
        return json.dumps(
            _told(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str
        )

    @classmethod
    def from_json(cls, text: str) -> "Plan":
        """
        Read back what :meth:`to_json` wrote.

        :raises ValueError: when it is not a plan of this version
        """
        try:
            return _plan(json.loads(text))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("This is not a plan.") from error


def compile_plan(
    *,
    terms: GrantTerms,
    source: SourceSpec,
    fields: Sequence[FieldSpec],
    basis: BasisRule,
    disclosure: Disclosure,
    tier: Tier = Tier.EXTRACT,
    dominance: Dominance = DOMINANCE,
    algorithm: Algorithm = Algorithm.AES_CMAC,
) -> Plan:
    """
    Turn a grant into a plan.

    :param fields: of the release's schema, in order
    :param tier: how the release is delivered: of results only, never a plan of rows
    :param dominance: of the sums of tables
    :raises Refused: with every reason: unclassified or undeclared columns (named), a granted field
        that the source lacks, wrong filters, no end, nothing to deliver, no way to tell persons
    """
    by_name = {field.name: field for field in fields}
    treatments = {field.name: treatment_for(field, terms) for field in fields}
    subject = _subject(source, fields)
    case = Case(terms, source, by_name, treatments, subject, basis, disclosure, tier)
    wrong = list(tables.refusals(case))
    if terms.tables:
        treatments = tables.narrowed(treatments, terms.tables)
        case = replace(case, treatments=treatments)
    require([*wrong, *refusals(case), *filters.refusals(terms.filters, by_name, treatments)])
    # What another source of a crossing demands of values, it demands of those of this one too.
    if disclosure.looks_at_values or terms.crossing:
        treatments = {name: _marked(each, by_name[name]) for name, each in treatments.items()}
    named = _named(treatments, subject)
    read = {each.field for each in named if each.action.delivers}
    read |= {each.field for each in terms.filters} | ({subject} if subject else set())
    own = by_name[subject].attribute if subject else None
    attributes = {each.attribute for each in named if each.attribute} | ({own} if own else set())
    assert terms.end is not None  # noqa: S101  # refused above
    return Plan(
        grant=terms.grant,
        source=replace(source, columns=tuple(sorted(source.columns)), subject=subject),
        treatments=named,
        types=tuple((field.name, field.type) for field in fields if field.name in read),
        filters=terms.filters,
        basis=basis,
        disclosure=disclosure,
        domains=tuple(_domain(attribute, terms, source) for attribute in sorted(attributes)),
        crossing=terms.crossing,
        end=terms.end,
        formats=_formats(terms),
        subject=subject,
        attribute=str(own or ""),
        warnings=tuple(_warnings(terms, treatments)),
        algorithm=algorithm,
        described=tuple(_described(terms, fields, named)),
        tables=tables.specs(terms.tables, list(by_name), disclosure, dominance),
    )


# Compiling ----------------------------------------------------------------------------------


def _subject(source: SourceSpec, fields: Sequence[FieldSpec]) -> str:
    """Find the column that names the person of a row: the INE before any other."""
    if source.subject or not source.unit.is_person:
        return source.subject
    unit = source.unit.value
    candidates = [field for field in fields if _is_person(field)]
    candidates.sort(
        key=lambda field: (field.attribute != unit, field.semantic_type is not SemanticType.INE)
    )
    return candidates[0].name if candidates else ""


def _is_person(field: FieldSpec) -> bool:
    level = field.confidentiality
    return level is not None and level == 5 and field.attribute in PERSONS


def _named(treatments: Mapping[str, Treatment], subject: str) -> tuple[Treatment, ...]:
    """Name the columns of the pseudonyms, and put the person's first."""
    taken = set(treatments)
    found = []
    for name in sorted(treatments, key=lambda name: name != subject):
        treatment = treatments[name]
        if treatment.action is Action.PSEUDONYM:
            first = PID if name == subject else f"{PID}_{treatment.attribute}"
            output = next(
                each
                for each in (first, f"{PID}_{name}", f"{PID}__{name}", name)
                if each not in taken or each == name
            )
            taken.add(output)
            treatment = replace(treatment, output=output)
        found.append(treatment)
    return tuple(found)


def _formats(terms: GrantTerms) -> tuple[Format, ...]:
    """Return the formats of what is delivered: tables come in none of SPSS or Stata."""
    if not terms.tables:
        return terms.formats
    return tuple(each for each in terms.formats if each not in STATISTICAL) or DEFAULT_FORMATS


def _marked(treatment: Treatment, field: FieldSpec) -> Treatment:
    """Say of a treatment that what it delivers is a person's own fact, where it is."""
    level = field.confidentiality
    own = level is not None and Level.SENSITIVE <= level < Level.IDENTIFIER
    return replace(treatment, sensitive=own and treatment.action.delivers)


def _domain(attribute: str, terms: GrantTerms, source: SourceSpec) -> KeyDomain:
    """Share pseudonyms between datasets only where crossing was granted."""
    where = ("crossing",) if terms.crossing else ("dataset", source.dataset)
    return KeyDomain(attribute, ("grant", terms.grant, *where, attribute))


def _described(
    terms: GrantTerms, fields: Sequence[FieldSpec], treatments: Sequence[Treatment]
) -> Iterator[Described]:
    if not STATISTICAL & set(terms.formats):
        return
    delivered = {each.field for each in treatments if each.action.delivers}
    for field in fields:
        if field.name in delivered:
            yield Described(field.name, field.label, field.code_list)


def _warnings(terms: GrantTerms, treatments: Mapping[str, Treatment]) -> Iterator[Warned]:
    for treatment in treatments.values():
        if treatment.warning:
            yield Warned(treatment.warning, treatment.field)
    for row_filter in terms.filters:
        if filters.is_finer(row_filter, treatments[row_filter.field]):
            yield Warned("filter_finer", row_filter.field)


LATER = frozenset({"names", "described", "tables", "sensitive", "l", "t", "unique"})
"""What plans of before do not say: left out as long as it says nothing, so that they keep their
digests."""


def _told(plan: Plan) -> dict[str, Any]:
    """Return a plan as plain values."""
    told: dict[str, Any] = asdict(plan, dict_factory=_said)
    if plan.disclosure.unique is None:
        del told["disclosure"]["known"]
    return told


def _said(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {
        name: value
        for name, value in pairs
        if name not in LATER or (value is not None and value is not False and value != ())
    }


# Reading back -------------------------------------------------------------------------------


_PLAIN = {kind.value: kind for kind in PlainType}


def _plan(data: dict[str, Any]) -> Plan:
    if data["version"] != VERSION:
        raise ValueError(f"This is a plan of version {data['version']}.")
    return Plan(
        grant=data["grant"],
        source=_source(data["source"]),
        treatments=tuple(_treatment(each) for each in data["treatments"]),
        types=tuple((name, _PLAIN[kind]) for name, kind in data["types"]),
        filters=tuple(
            RowFilter(each["field"], Operator(each["operator"]), tuple(each["values"]))
            for each in data["filters"]
        ),
        basis=BasisRule(data["basis"]),
        disclosure=Disclosure(**data["disclosure"]),
        domains=tuple(
            KeyDomain(each["attribute"], tuple(each["labels"])) for each in data["domains"]
        ),
        crossing=data["crossing"],
        end=date.fromisoformat(data["end"]),
        formats=tuple(Format(each) for each in data["formats"]),
        subject=data["subject"],
        attribute=data["attribute"],
        warnings=tuple(Warned(**each) for each in data["warnings"]),
        algorithm=Algorithm(data["algorithm"]),
        tables=tuple(
            TableSpec(**{**each, "dimensions": tuple(each["dimensions"])})
            for each in data.get("tables", ())
        ),
        described=tuple(
            Described(each["field"], each["label"], tuple((c, m) for c, m in each["codes"]))
            for each in data.get("described", ())
        ),
    )


def _source(data: dict[str, Any]) -> SourceSpec:
    return SourceSpec(**{**data, "unit": Unit(data["unit"]), "columns": tuple(data["columns"])})


def _treatment(data: dict[str, Any]) -> Treatment:
    given = data["ladder"]
    spec = given and LadderSpec(
        name=given["name"],
        widths=tuple(given["widths"]),
        as_of=date.fromisoformat(given["as_of"]) if given["as_of"] else None,
        table=tuple(tuple(row) for row in given["table"]),
        names=tuple(given.get("names", ())),
    )
    return Treatment(**{**data, "action": Action(data["action"]), "ladder": spec})
