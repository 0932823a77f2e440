"""The tables of a plan in words: what they show, and what is hidden in them. Pure."""

from collections.abc import Iterator

from access.plans.plan import Plan
from access.plans.tables import TableSpec
from access.plans.telling import Sentence

SUMMED = "Table %(table)s: sum of %(field)s by %(by)s."
OF_PERSONS = "Table %(table)s: number of persons by %(by)s."
OF_ROWS = "Table %(table)s: number of rows by %(by)s."
FEW_PERSONS = (
    "A cell of fewer than %(least)s persons is hidden, and others with it, so that it cannot be"
    " worked out from the totals."
)
FEW_ROWS = (
    "A cell of fewer than %(least)s rows is hidden, and others with it, so that it cannot be"
    " worked out from the totals."
)
DOMINATED = (
    "A sum of which the largest contributors (%(n)s) make more than %(k)s %% is hidden too."
)


def explain_table(number: int, table: TableSpec, plan: Plan) -> Sentence:
    """Say what one table of a plan shows."""
    values = {"table": number, "by": " × ".join(table.dimensions), "field": table.sum_of}
    message = SUMMED if table.sum_of else OF_PERSONS if plan.subject else OF_ROWS
    return Sentence("", message, values)


def explain_tables(plan: Plan) -> tuple[Sentence, ...]:
    """Say which tables are made, and what is hidden in them; nothing of a plan of rows."""
    return tuple(_told(plan))


def _told(plan: Plan) -> Iterator[Sentence]:
    for number, each in enumerate(plan.tables, 1):
        yield explain_table(number, each, plan)
    if plan.tables:
        least = {"least": plan.disclosure.k}
        yield Sentence("", FEW_PERSONS if plan.subject else FEW_ROWS, least)
    for n, k in {(each.dominance_n, each.dominance_k) for each in plan.tables if each.sum_of}:
        yield Sentence("", DOMINATED, {"n": n, "k": f"{k:g}"})
