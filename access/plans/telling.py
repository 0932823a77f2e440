"""A plan in sentences: for the page, the request, the account. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field as attribute_field

from access.plans.plan import Plan
from access.plans.treatments import REASONS, WARNINGS, Action, Treatment, step_label


@dataclass(frozen=True, slots=True)
class Sentence:
    """
    What a field becomes, for a page.

    :param message: English message with places
    :param messages: values that are messages themselves, to translate before they fill a place,
        each with the values of its own places
    """

    field: str
    message: str
    values: Mapping[str, object] = attribute_field(default_factory=dict)
    messages: Mapping[str, tuple[str, Mapping[str, object]]] = attribute_field(
        default_factory=dict
    )

    def say(self, translate: Callable[[str], str]) -> str:
        """Return the sentence in the language of ``translate`` (gettext)."""
        inner = {name: translate(text) % values for name, (text, values) in self.messages.items()}
        return translate(self.message) % {**self.values, **inner}


IN_A_TABLE = "The tables are made of %(level)s of %(field)s: %(reason)s."
SENTENCES: Mapping[Action, str] = {
    Action.DROP: "You will receive nothing of %(field)s: %(reason)s.",
    Action.WITHHOLD: "You will receive nothing of %(field)s: %(reason)s.",
    Action.PSEUDONYM: "For %(field)s you will receive a pseudonym: %(reason)s.",
    Action.KEEP: "For %(field)s you will receive %(level)s: %(reason)s.",
    Action.GENERALISE: "For %(field)s you will receive %(level)s: %(reason)s.",
    Action.ROUND: "For %(field)s you will receive %(level)s: %(reason)s.",
}


def sentence(treatment: Treatment, *, in_a_table: bool = False) -> Sentence:
    """Say what one treatment gives, and why."""
    label = step_label(treatment)
    shown = in_a_table and treatment.action.delivers
    return Sentence(
        treatment.field,
        IN_A_TABLE if shown else SENTENCES[treatment.action],
        {"field": treatment.field},
        {"level": (label.label, label.values), "reason": (REASONS[treatment.reason], {})},
    )


def explain(plan: Plan) -> tuple[Sentence, ...]:
    """Say, field by field, what the holder of the grant will receive and why."""
    return tuple(sentence(each, in_a_table=bool(plan.tables)) for each in plan.treatments)


def warn(plan: Plan) -> tuple[Sentence, ...]:
    """Say what the reviewers should look at before they approve."""
    return tuple(
        Sentence(each.field, WARNINGS[each.code], {"field": each.field}) for each in plan.warnings
    )
