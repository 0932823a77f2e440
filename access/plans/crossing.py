"""
Several plans of one grant whose rows are joined, person by person. Pure.

Each plan stays the one that its producer's signatory approved, digest included; what is added is
that they are executed together: a row of the extract is a row of each source about one person.
The strictest demands of the sources hold for the whole.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field as attribute_field, replace
from datetime import date
from itertools import chain

from access.plans.plan import KeyDomain, Plan, Warned
from access.plans.tables import TableSpec
from access.plans.terms import Disclosure, Format, RowFilter
from access.plans.treatments import Action, Treatment
from hub.crypto.prf import Algorithm
from hub.kernel.refusals import Refusal, require

VERSION = 1


@dataclass(frozen=True, slots=True)
class Crossed:
    """
    What will be done to several releases for one grant. Built by :func:`cross` only.

    :param plans: as approved, one a dataset
    :param parts: the same, with names of columns that are not taken twice
    """

    plans: tuple[Plan, ...]
    parts: tuple[Plan, ...] = attribute_field(repr=False)

    @property
    def grant(self) -> str:
        """Return the grant of them all."""
        return self.plans[0].grant

    @property
    def treatments(self) -> tuple[Treatment, ...]:
        """Return the treatments of all the fields of all the sources."""
        return tuple(chain.from_iterable(part.treatments for part in self.parts))

    @property
    def delivered(self) -> tuple[Treatment, ...]:
        """Return the treatments that give a column, in the order of the columns."""
        return tuple(chain.from_iterable(part.delivered for part in self.parts))

    @property
    def quasi_identifiers(self) -> tuple[str, ...]:
        """Return the columns that k-anonymity counts together."""
        return tuple(each.output for each in self.delivered if each.quasi)

    @property
    def filters(self) -> tuple[RowFilter, ...]:
        """Return the row filters of all the sources."""
        return tuple(chain.from_iterable(plan.filters for plan in self.plans))

    @property
    def tables(self) -> tuple[TableSpec, ...]:
        """Return nothing: crossed datasets make no table."""
        return ()

    @property
    def warnings(self) -> tuple[Warned, ...]:
        """Return what the reviewers should look at."""
        return tuple(chain.from_iterable(plan.warnings for plan in self.plans))

    @property
    def domains(self) -> tuple[KeyDomain, ...]:
        """Return the key domains, those that are shared once."""
        every = chain.from_iterable(plan.domains for plan in self.plans)
        return tuple({each.attribute: each for each in every}.values())

    @property
    def disclosure(self) -> Disclosure:
        """Return the strictest demands of the sources."""
        every = [plan.disclosure for plan in self.plans]
        return Disclosure(
            k=max(each.k for each in every),
            cap=min(each.cap for each in every),
            l=max((each.l for each in every if each.l is not None), default=None),
            t=min((each.t for each in every if each.t is not None), default=None),
            unique=min((each.unique for each in every if each.unique is not None), default=None),
            known=max(each.known for each in every),
        )

    @property
    def subject(self) -> str:
        """Return the column that names the persons of the first source."""
        return self.plans[0].subject

    @property
    def attribute(self) -> str:
        """Return whom the rows are about."""
        return self.plans[0].attribute

    @property
    def crossing(self) -> bool:
        """Tell that pseudonyms are shared by the datasets of the grant."""
        return True

    @property
    def end(self) -> date:
        """Return the last day of all."""
        return min(plan.end for plan in self.plans)

    @property
    def formats(self) -> tuple[Format, ...]:
        """Return the formats of the first plan."""
        return self.plans[0].formats

    @property
    def algorithm(self) -> Algorithm:
        """Return the function that makes the pseudonyms of all."""
        return self.plans[0].algorithm

    @property
    def rows(self) -> int | None:
        """Return how many rows there are to read, None when it is not known."""
        found = [plan.rows for plan in self.plans]
        return None if None in found else sum(each or 0 for each in found)

    @property
    def name(self) -> str:
        """Return a name that no other plan has."""
        return "+".join(plan.source.dataset for plan in self.plans)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the canonical JSON, in hexadecimal."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """Return the canonical JSON: that of the plans, to the letter, one after the other."""
        plans = ",".join(plan.to_json() for plan in self.plans)
        return f'{{"plans":[{plans}],"version":{VERSION}}}'


Recipe = Plan | Crossed
"""What the engine executes: one plan, or several together."""


def recipe(text: str) -> Recipe:
    """
    Read back what ``to_json`` wrote, of one plan or of several.

    :raises ValueError: when it is neither
    """
    read = json.loads(text)
    if not isinstance(read, dict) or "plans" not in read:
        return Plan.from_json(text)
    if read.get("version") != VERSION or not isinstance(read["plans"], list):
        raise ValueError("These are not plans of this version.")
    return _crossed([Plan.from_json(json.dumps(each)) for each in read["plans"]])


def cross(plans: Sequence[Plan]) -> Crossed:
    """
    Put plans together, in the order of their datasets' identifiers.

    :raises Refused: when they cannot be executed together, with every reason
    """
    require(refusals(plans))
    return _crossed(sorted(plans, key=lambda plan: plan.source.dataset))


def refusals(plans: Sequence[Plan]) -> list[Refusal]:
    """List why plans cannot be executed together; empty when they can."""
    return list(_refusals(plans))


def _refusals(plans: Sequence[Plan]) -> Iterator[Refusal]:
    if len({plan.source.dataset for plan in plans}) < max(len(plans), 2):
        yield Refusal(
            "crossing_alone",
            "Crossing joins at least two different datasets.",
            "Add a dataset to the request, or give the crossing up.",
        )
    if any(not plan.subject for plan in plans) or len({plan.attribute for plan in plans}) > 1:
        yield Refusal(
            "crossing_persons",
            "The datasets do not name the same kind of persons: nothing links their rows.",
            "Choose datasets whose rows name persons by the same national identifier.",
        )
    if any(plan.tables for plan in plans):
        yield Refusal(
            "tables_crossed",
            "Tables of results cannot be made of crossed datasets.",
            "Give the crossing up, or ask for the datasets in another request.",
            about="tables",
        )
    if any(plan.tables for plan in plans):
        yield Refusal(
            "crossing_results",
            "Of one of the datasets only results leave: its rows are crossed with none.",
            "Take it out of the request, or give the crossing up.",
        )
    same = {(plan.grant, plan.crossing, plan.formats, plan.algorithm) for plan in plans}
    if len(same) > 1 or not all(plan.crossing for plan in plans):
        yield Refusal(
            "crossing_apart",
            "These plans were not made to be executed together.",
            "Submit the request again.",
        )


def _crossed(plans: Sequence[Plan]) -> Crossed:
    taken: set[str] = set()
    parts = []
    for plan in plans:
        treatments = tuple(_named(each, plan, taken) for each in plan.treatments)
        taken |= {each.output for each in treatments if each.output}
        parts.append(replace(plan, treatments=treatments))
    return Crossed(tuple(plans), tuple(parts))


def _named(treatment: Treatment, plan: Plan, taken: set[str]) -> Treatment:
    """Give a column a name of its own; the pseudonym of the persons is delivered once."""
    if treatment.output not in taken:
        return treatment
    if treatment.field == plan.subject:
        return replace(treatment, action=Action.DROP, reason="same_person", output="", quasi=False)
    number = 2
    while f"{treatment.output}_{number}" in taken:
        number += 1
    return replace(treatment, output=f"{treatment.output}_{number}")
