"""
Tables of results: which may be asked for, and what a plan says of each. Pure.

Where only results leave, a plan holds tables and no row is delivered. Two tables that measure the
same thing share no field: what one publishes could otherwise tell what the other hides, and nobody
here works out what both tell together. They share the grand total, which is always published.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from access.plans.conditions import ROWS_NEVER_LEAVE, Case
from access.plans.terms import Disclosure, Dominance, TableWish
from access.plans.treatments import Action, Treatment
from catalog.vocabularies.levels import Tier
from catalog.vocabularies.plain_types import PlainType
from hub.kernel.refusals import Refusal

MOST_DIMENSIONS = 2
MOST_TABLES = 20
VALUE, HIDDEN = "value", "suppressed"
TOTAL = "_T"
"""What stands for every value of a field; the code for it in SDMX."""
OF_A_TABLE = frozenset({Action.KEEP, Action.GENERALISE, Action.ROUND})
NUMBERS = frozenset({PlainType.INTEGER, PlainType.NUMBER})


@dataclass(frozen=True, slots=True)
class TableSpec:
    """
    One table of a plan, with the rules that say which of its cells are hidden.

    :param name: of its files, without ending
    :param dimensions: the fields that are crossed, at their granted level, in the release's order
    :param sum_of: the field that is added up; empty: persons are counted, or rows that are about
        nobody
    :param least: persons that a cell that is shown must have
    :param dominance_n: of a sum: so many of its largest contributors may not make more than
    :param dominance_k: so many percent of it
    """

    name: str
    dimensions: tuple[str, ...]
    sum_of: str
    least: int
    dominance_n: int
    dominance_k: float

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns of its files: a name for each dimension, the value, whether hidden."""
        taken, found = set(self.dimensions), []
        for name in (VALUE, HIDDEN):
            while name in taken:
                name += "_"  # noqa: PLW2901 - until nobody has it
            taken.add(name)
            found.append(name)
        return (*self.dimensions, *found)


def specs(
    wishes: Sequence[TableWish],
    order: Sequence[str],
    disclosure: Disclosure,
    dominance: Dominance,
) -> tuple[TableSpec, ...]:
    """
    Return the tables of a plan.

    :param order: names of the release's fields, in order
    """
    return tuple(
        TableSpec(
            name=f"table_{number}",
            dimensions=tuple(name for name in order if name in wish.dimensions),
            sum_of=wish.sum_of,
            least=disclosure.k,
            dominance_n=dominance.n if wish.sum_of else 0,
            dominance_k=dominance.k if wish.sum_of else 0.0,
        )
        for number, wish in enumerate(wishes, 1)
    )


def narrowed(
    treatments: Mapping[str, Treatment], wishes: Sequence[TableWish]
) -> dict[str, Treatment]:
    """Leave of each field only what a table is made of; pseudonyms never are."""
    used = {name for wish in wishes for name in (*wish.dimensions, wish.sum_of)}
    return {
        name: _unused(each) if name not in used and each.action in OF_A_TABLE else in_a_table(each)
        for name, each in treatments.items()
    }


def in_a_table(treatment: Treatment) -> Treatment:
    """Return what a table may be made of: no pseudonym."""
    if treatment.action is Action.PSEUDONYM:
        return Treatment(treatment.field, Action.WITHHOLD, "tables_name_nobody")
    # Exact values link rows; there is none here.
    return replace(treatment, warning="")


def _unused(treatment: Treatment) -> Treatment:
    return Treatment(treatment.field, Action.WITHHOLD, "not_in_a_table")


def refusals(case: Case) -> Iterator[Refusal]:
    """
    List what is wrong with the tables asked for, or that none is where only results leave.

    :param case: with the treatments before they are narrowed
    """
    wishes = case.terms.tables
    if not wishes:
        if case.tier is Tier.RESULTS:
            yield ROWS_NEVER_LEAVE
        return
    if len(wishes) > MOST_TABLES:
        yield Refusal(
            "tables_too_many",
            "A request may ask for %(most)s tables of a dataset.",
            "Ask for fewer.",
            {"most": MOST_TABLES},
            about="tables",
        )
    if case.terms.crossing:
        yield Refusal(
            "tables_crossed",
            "Tables of results cannot be made of crossed datasets.",
            "Give the crossing up, or ask for the datasets in another request.",
            about="tables",
        )
    for number, wish in enumerate(wishes, 1):
        yield from _of_one(case, number, wish)
    yield from _linked(wishes)


def _of_one(case: Case, number: int, wish: TableWish) -> Iterator[Refusal]:
    count = len(wish.dimensions)
    if not 1 <= count <= MOST_DIMENSIONS or len(set(wish.dimensions)) < count:
        yield _about_one(
            "table_dimensions",
            "Table %(table)s must cross one or two different fields.",
            "Choose one field, or two.",
            number,
        )
    for name in wish.dimensions:
        treatment = case.treatments.get(name)
        if treatment is None or not treatment.action.delivers or treatment.attribute:
            yield _about_one(
                "table_field",
                "Table %(table)s cannot be made by “%(field)s”: nothing of it would be delivered.",
                "Choose a field that you ask for, that you justify where it must be, and that"
                " names nobody.",
                number,
                name,
            )
    if wish.sum_of and not _is_number(case, wish.sum_of):
        yield _about_one(
            "table_sum",
            "Table %(table)s cannot add “%(field)s” up: it is not delivered as a number.",
            "Choose a field of numbers that you ask for, without a coarser detail.",
            number,
            wish.sum_of,
        )
    if wish.sum_of in wish.dimensions:
        yield _about_one(
            "table_sum_by_itself",
            "Table %(table)s adds “%(field)s” up by itself.",
            "Choose another field.",
            number,
            wish.sum_of,
        )


def _is_number(case: Case, name: str) -> bool:
    field, treatment = case.fields.get(name), case.treatments.get(name)
    return (
        field is not None
        and treatment is not None
        and field.type in NUMBERS
        and treatment.action in {Action.KEEP, Action.ROUND}
    )


def _linked(wishes: Sequence[TableWish]) -> Iterator[Refusal]:
    numbered = list(enumerate(wishes, 1))
    for (first, one), (second, other) in combinations(numbered, 2):
        shared = sorted(set(one.dimensions) & set(other.dimensions))
        if shared and one.sum_of == other.sum_of:
            yield Refusal(
                "tables_linked",
                "Tables %(first)s and %(second)s measure the same thing and share “%(field)s”: what"
                " one shows could tell what the other hides.",
                "Keep one of them: a table that crosses two fields holds the totals by each.",
                {"first": first, "second": second, "field": shared[0]},
                about="tables",
            )


def _about_one(code: str, explanation: str, remedy: str, number: int, field: str = "") -> Refusal:
    values = {"table": number} | ({"field": field} if field else {})
    return Refusal(code, explanation, remedy, values, about="tables")
