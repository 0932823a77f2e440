"""
What was done to the data, in the words of people: the account that goes with every extract. Pure.

Messages are English identifiers; whoever calls gives the translation, so that the account and the
pages say the same.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date

from access.extracts.outcomes import Outcome
from access.extracts.ports import percent
from access.plans.crossing import Recipe
from access.plans.plan import Plan
from access.plans.tables import TOTAL
from access.plans.tables_told import explain_tables
from access.plans.telling import Sentence, explain
from access.plans.terms import STATISTICAL, BasisRule, Format

Translate = Callable[[str], str]
FEW = 10
"""A smaller number of rows left out is not told: it could tell of one person's choice."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from, by titles and not by identifiers."""

    dataset: str
    release: str
    producer: str


@dataclass(frozen=True, slots=True)
class Titles:
    """
    How the things of the account are called.

    :param origins: one for each part of the recipe
    """

    project: str
    origins: tuple[Origin, ...]

    @property
    def datasets(self) -> str:
        """Return the titles of the datasets in one."""
        return " × ".join(one.dataset for one in self.origins)

    @property
    def producers(self) -> tuple[str, ...]:
        """Return the producers, each once."""
        return tuple(dict.fromkeys(one.producer for one in self.origins))


def account(
    plan: Recipe, outcome: Outcome, titles: Titles, *, language: str, translate: Translate
) -> str:
    """
    Write the account as Markdown.

    :param language: "fr" or another, for numbers and dates
    :param translate: gettext of that language
    """
    lines = [f"# {titles.datasets}", ""]
    lines += [
        f"- {each.say(translate)}"
        for each in _done(plan, outcome, titles, _Writer(language, translate))
    ]
    lines += ["", f"## {translate('Field by field')}", ""]
    for part, origin in zip(plan.parts, titles.origins, strict=True):
        lines += [f"**{origin.dataset}**", ""] if len(plan.parts) > 1 else []
        lines += [f"- {each.say(translate)}" for each in explain(part)] + [""]
    lines += [f"## {translate('To check the files')}", ""]
    lines += ["```", "sha256sum -c SHA256SUMS", "```", ""]
    lines += [f"{translate('Plan')}: `{plan.digest}`", ""]
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class _Writer:
    """How a language writes numbers and days."""

    language: str
    translate: Translate

    def number(self, count: int) -> str:
        """Write 12345 as 12 345 or 12,345."""
        return f"{count:,}".replace(",", "\u202f") if self.language == "fr" else f"{count:,}"

    def share(self, share: float) -> str:
        """Write a share as a percentage."""
        text = percent(share)
        return text.replace(".", ",") if self.language == "fr" else text

    def day(self, day: date) -> str:
        """Write a day."""
        return day.strftime("%d/%m/%Y") if self.language == "fr" else day.isoformat()

    def left_out(self, count: int) -> str:
        """Write how many rows were left out, without telling of one person."""
        if 0 < count < FEW:
            return self.translate("fewer than %(few)s") % {"few": FEW}
        return self.number(count)


def _done(plan: Recipe, outcome: Outcome, titles: Titles, writer: _Writer) -> Iterator[Sentence]:
    for each in titles.origins:
        yield Sentence(
            "",
            "Made for the project “%(project)s” from “%(dataset)s” of %(producer)s, %(release)s.",
            {**asdict(each), "project": titles.project},
        )
    if len(plan.parts) > 1:
        yield Sentence(
            "",
            "The rows of these datasets are joined person by person: a row of the extract is one"
            " row of each.",
        )
    yield from _delivered(plan, outcome, writer)
    yield from _left_out(plan, outcome, writer)
    yield from _checked(plan, outcome, writer)
    yield from _measured(outcome, writer)
    yield from _arranged(plan, outcome, writer)


def _delivered(plan: Recipe, outcome: Outcome, writer: _Writer) -> Iterator[Sentence]:
    rows = {"rows": writer.number(outcome.rows_delivered)}
    if isinstance(plan, Plan) and plan.tables:
        yield Sentence("", "Only tables of results are delivered, and no row.")
        yield from explain_tables(plan)
        yield from _tables(plan, outcome, writer)
    elif outcome.persons is None:
        yield Sentence("", "The extract holds %(rows)s rows.", rows)
    else:
        persons = {"persons": writer.number(outcome.persons)}
        yield Sentence(
            "", "The extract holds %(rows)s rows about %(persons)s persons.", {**rows, **persons}
        )


def _tables(plan: Plan, outcome: Outcome, writer: _Writer) -> Iterator[Sentence]:
    for number, one in enumerate(outcome.tables, 1):
        told = {"cells": writer.number(one.lines), "hidden": writer.number(one.hidden)}
        yield Sentence(
            "",
            "Table %(table)s has %(cells)s cells, totals included; hidden: %(hidden)s.",
            {"table": number, **told},
        )
    if plan.subject:
        yield Sentence(
            "",
            "A person who is in several cells of a table counts in each, and as often in the"
            " totals.",
        )
    yield Sentence(
        "",
        "“%(total)s” stands for all the values of a field; a value that looks like it is written"
        " with one more underscore.",
        {"total": TOTAL},
    )


def _left_out(plan: Recipe, outcome: Outcome, writer: _Writer) -> Iterator[Sentence]:
    if plan.filters:
        count = {"count": writer.number(outcome.rows_filtered)}
        yield Sentence("", "Rows left out by the filters of the request: %(count)s.", count)
    opposed = {"count": writer.left_out(outcome.rows_opposed)}
    bases = {part.basis for part in plan.parts} - {BasisRule.NONE}
    message = _BASES[bases.pop()] if len(bases) == 1 else _BOTH_BASES if bases else ""
    if message:
        yield Sentence("", message, opposed)
    if outcome.rows_unidentified:
        yield Sentence(
            "",
            "Rows left out because they name nobody, so that no word of a person could be looked"
            " up: %(count)s.",
            {"count": writer.left_out(outcome.rows_unidentified)},
        )
    if len(plan.parts) > 1:
        yield Sentence(
            "",
            "Rows left out because their person is not in all the datasets: %(count)s.",
            {"count": writer.left_out(outcome.rows_alone)},
        )


_BASES: Mapping[BasisRule, str] = {
    BasisRule.OPT_IN: "Only persons who consented are in the extract. Rows left out: %(count)s.",
    BasisRule.OPT_OUT: "Persons who objected are not in the extract. Rows left out: %(count)s.",
}
_BOTH_BASES = (
    "Persons who objected to one of the datasets, or did not consent where it is asked, are not in"
    " the extract. Rows left out: %(count)s."
)


def _checked(plan: Recipe, outcome: Outcome, writer: _Writer) -> Iterator[Sentence]:
    if outcome.verdict is None:
        return
    yield Sentence(
        "",
        "Every combination of %(fields)s stands for at least %(k)s persons. Rows of smaller groups"
        " left out: %(count)s (%(share)s %%).",
        {
            "fields": ", ".join(plan.quasi_identifiers),
            "k": plan.disclosure.k,
            "count": writer.left_out(outcome.rows_suppressed),
            "share": writer.share(outcome.verdict.share),
        },
    )


def _measured(outcome: Outcome, writer: _Writer) -> Iterator[Sentence]:
    found = outcome.measured
    if found is None:
        return
    if found.l is not None:
        values = {"values": writer.number(found.l)}
        yield Sentence(
            "", "Every group has at least %(values)s values of each sensitive field.", values
        )
    if found.t is not None:
        share = {"share": writer.share(found.t)}
        message = "The sensitive values of a group are at most %(share)s %% away from everybody's."
        yield Sentence("", message, share)
    if found.unique is not None:
        told = {"share": writer.share(found.unique), "known": writer.number(found.known)}
        message = "%(known)s facts known of a person single out %(share)s %% of the persons drawn."
        yield Sentence("", message, told)


def _arranged(plan: Recipe, outcome: Outcome, writer: _Writer) -> Iterator[Sentence]:
    if not plan.tables:
        yield from _pseudonymised(plan)
    if Format.CSV in plan.formats:
        yield Sentence(
            "",
            "In the CSV file, a text that a spreadsheet would run as a formula (it begins with"
            " = + - @, a tab or a line break) is preceded by an apostrophe.",
        )
    yield from _for_programs(plan, outcome)
    yield Sentence(
        "",
        "The right to use it ends on %(end)s; every copy must then be destroyed.",
        {"end": writer.day(plan.end)},
    )


def _pseudonymised(plan: Recipe) -> Iterator[Sentence]:
    yield Sentence("", "The order of the rows has nothing to do with that of the source.")
    if plan.crossing:
        yield Sentence(
            "", "Pseudonyms are those of the project: the same in all the datasets it may cross."
        )
    elif plan.domains:
        yield Sentence(
            "",
            "Pseudonyms are those of the project on this dataset: they join with no other extract.",
        )


def _for_programs(plan: Recipe, outcome: Outcome) -> Iterator[Sentence]:
    for each in plan.formats:
        if each in STATISTICAL and each.file_name not in outcome.files:
            yield Sentence(
                "",
                "%(file)s was left out: a file of this kind cannot be as large as this extract."
                " The other files hold all of it.",
                {"file": each.file_name},
            )
    if any(each.file_name in outcome.files for each in STATISTICAL):
        yield Sentence(
            "",
            "In the files of SPSS and Stata, columns have short names, which the dictionary gives;"
            " a missing text is an empty one, and what is no finite number is missing. Stata labels"
            " numbers only: a code that is a text has its meaning in the dictionary of the source.",
        )
