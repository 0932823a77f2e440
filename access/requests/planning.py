"""From a request to the plan of each dataset: what the applicant sees is what the grant will hold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings

from access.charters.rules import Terms
from access.consents.rules import rule_of
from access.plans.fields import field_spec
from access.plans.plan import Plan, compile_plan
from access.plans.tables import in_a_table
from access.plans.tables_told import explain_tables
from access.plans.telling import Sentence, explain, sentence, warn
from access.plans.terms import (
    DEFAULT_FORMATS,
    BasisRule,
    Disclosure,
    Dominance,
    FieldGrant,
    Format,
    GrantTerms,
    Operator,
    RowFilter,
    SourceSpec,
    TableWish,
)
from access.plans.treatments import Choice, Treatment, choices_for, treatment_for
from catalog.datasets.keeping import Keeping
from catalog.datasets.snapshots import DatasetSnapshot, FieldSnapshot
from catalog.vocabularies.levels import Level, Tier, Unit
from hub.kernel.periods import day_of
from hub.kernel.refusals import Refusal, Refused

FACTS_KNOWN = 3
"""Facts that somebody may know of a person, where the producer says nothing."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked of one dataset."""

    grant_id: UUID
    fields: Sequence[FieldGrant]
    filters: Sequence[Mapping[str, Any]] = ()
    tables: Sequence[Mapping[str, Any]] = ()
    ends_on: date | None = None
    terms: Terms = field(default_factory=Terms)
    crossing: bool = False
    formats: tuple[Format, ...] = DEFAULT_FORMATS


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan of one dataset, or why there is none yet."""

    plan: Plan | None
    refusals: Sequence[Refusal] = ()

    @property
    def sentences(self) -> Sequence[Sentence]:
        """Say, field by field, what will be received and why."""
        return explain(self.plan) if self.plan else ()

    @property
    def tables(self) -> Sequence[Sentence]:
        """Say which tables will be made; nothing when rows are asked for."""
        return explain_tables(self.plan) if self.plan else ()

    @property
    def warnings(self) -> Sequence[Sentence]:
        """Say what the reviewers should look at."""
        return warn(self.plan) if self.plan else ()


def planned(snapshot: DatasetSnapshot, wishes: Wishes) -> Planned:
    """Compile the plan of one dataset."""
    try:
        plan = compile_plan(
            terms=terms_of(snapshot, wishes),
            source=_source(snapshot),
            fields=[field_spec(one) for one in snapshot.fields],
            basis=_basis(snapshot),
            disclosure=_disclosure(snapshot),
            tier=snapshot.tier,
            dominance=_dominance(snapshot),
        )
    except Refused as refused:
        return Planned(None, refused.refusals)
    return Planned(plan)


def terms_of(snapshot: DatasetSnapshot, wishes: Wishes) -> GrantTerms:
    """Return what would be granted."""
    published = snapshot.release.published_at
    return GrantTerms(
        grant=str(wishes.grant_id),
        fields=tuple(wishes.fields),
        filters=tuple(_filter(one) for one in wishes.filters),
        end=wishes.ends_on,
        highest_level=wishes.terms.highest_level,
        # The agreement that level 4 asks for is the approval itself: an opinion, two signatories.
        very_sensitive=wishes.terms.highest_level >= Level.VERY_SENSITIVE,
        crossing=wishes.crossing,
        formats=wishes.formats,
        as_of=day_of(published) if published else None,
        tables=tuple(_table(one) for one in wishes.tables),
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """One field that may be asked for, with what would be received as things are chosen now."""

    field: FieldSnapshot
    choices: Sequence[Choice]
    sentence: Sentence


def offers(snapshot: DatasetSnapshot, wishes: Wishes) -> list[Offer]:
    """Return every field of a dataset with the detail that may be asked for."""
    terms = terms_of(snapshot, wishes)
    tabled = snapshot.tier is Tier.RESULTS or bool(wishes.tables)
    return [
        Offer(
            field=one,
            choices=choices_for(field_spec(one), terms.as_of),
            sentence=_offered(treatment_for(field_spec(one), terms), tabled=tabled),
        )
        for one in snapshot.fields
    ]


def _offered(treatment: Treatment, *, tabled: bool) -> Sentence:
    return sentence(in_a_table(treatment) if tabled else treatment, in_a_table=tabled)


def wrong_filters(filters: Iterable[Mapping[str, Any]]) -> list[Refusal]:
    """List the row filters that nobody can read."""
    known = set(Operator)
    return [
        Refusal(
            "bad-filter",
            "The row filter on “%(field)s” is not readable.",
            "Give a field, a comparison and a list of values.",
            values={"field": str(one.get("field", ""))},
            about="row_filters",
        )
        for one in filters
        if one.get("operator") not in known
        or not isinstance(one.get("field"), str)
        or not isinstance(one.get("values", []), list)
    ]


def wrong_tables(tables: Iterable[Mapping[str, Any]]) -> list[Refusal]:
    """List the tables that nobody can read."""
    return [
        Refusal(
            "bad-table",
            "Table %(table)s is not readable.",
            "Give the fields to cross as a list, and the field to add up or nothing.",
            values={"table": number},
            about="tables",
        )
        for number, one in enumerate(tables, 1)
        if not isinstance(one.get("sum_of", ""), str)
        or not isinstance(one.get("dimensions"), list)
        or not all(isinstance(name, str) for name in one["dimensions"])
    ]


def _table(one: Mapping[str, Any]) -> TableWish:
    return TableWish(tuple(one["dimensions"]), one.get("sum_of", ""))


def _filter(one: Mapping[str, Any]) -> RowFilter:
    values = tuple(str(value) for value in one.get("values", ()))
    return RowFilter(str(one["field"]), Operator(one["operator"]), values)


def _source(snapshot: DatasetSnapshot) -> SourceSpec:
    return SourceSpec(
        dataset=str(snapshot.id),
        release=str(snapshot.release.id),
        unit=_unit(snapshot),
        columns=tuple(one.name for one in snapshot.fields if one.keeping is not Keeping.NEVER),
        rows=snapshot.release.row_count,
        subject=snapshot.subject.name if snapshot.subject else "",
    )


def _unit(snapshot: DatasetSnapshot) -> Unit:
    # Rows of which nobody said what they speak of may speak of persons.
    return snapshot.unit or Unit.PUPIL


def _basis(snapshot: DatasetSnapshot) -> BasisRule:
    if not _unit(snapshot).is_person:
        return BasisRule.NONE
    if snapshot.collection_basis is None:
        return BasisRule.OPT_IN
    return BasisRule(rule_of(snapshot.collection_basis).value)


def _disclosure(snapshot: DatasetSnapshot) -> Disclosure:
    cap = snapshot.suppression_cap
    return Disclosure(
        k=snapshot.k or settings.HUB_SMALLEST_K,
        cap=settings.HUB_LARGEST_SUPPRESSION if cap is None else cap,
        l=snapshot.l_diversity,
        t=snapshot.t_closeness,
        unique=snapshot.uniqueness,
        known=snapshot.facts_known or FACTS_KNOWN,
    )


def _dominance(snapshot: DatasetSnapshot) -> Dominance:
    n, k = snapshot.dominance_n, snapshot.dominance_k
    return Dominance(
        n=settings.HUB_DOMINANCE_N if n is None else n,
        k=settings.HUB_DOMINANCE_K if k is None else k,
    )
