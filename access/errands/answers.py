"""
Why a node makes nothing: codes that travel, sentences that stay here. Pure.

A node says a code and a few values; the sentence is the hub's, so that no node writes in its pages.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from access.extracts.ports import MESSAGES, Suggestion
from access.plans.plan import Plan
from access.pseudonymisation.hierarchies import ladder
from hub.kernel.refusals import Refusal

LONGEST_VALUE = 300
NOTHING = "nothing of this field"
_PLACE = re.compile(r"%\((\w+)\)s")
_NOT_THE_HUBS = "The node did not take this order for one of the hub's: nothing was read."
_START_AGAIN = "Start another extract; if it fails again, tell the operator of the hub."
_PRODUCER = "Write to the producer's contact: the node holds to its own rules."
_CHANGED = "Write to the producer's contact: a new release must be published and asked for."

REFUSALS: Mapping[str, Refusal] = MappingProxyType(
    {
        one.code: one
        for one in (
            Refusal(
                "signature-invalid",
                "The order that reached the node is not signed by the hub.",
                _START_AGAIN,
            ),
            Refusal("order-unreadable", _NOT_THE_HUBS, _START_AGAIN),
            Refusal(
                "protocol-unknown",
                "The node speaks version %(known)s of the protocol, the hub version %(found)s.",
                "Tell the producer's contact: the node must be brought up to date.",
            ),
            Refusal(
                "other-node", "The order that reached the node was for another.", _START_AGAIN
            ),
            Refusal(
                "order-expired",
                "The order was too old when it reached the node: it was signed at %(issued)s.",
                "Start another extract; if it fails again, the clock of the node is wrong.",
            ),
            Refusal(
                "order-replayed", "The node had received this very order before.", _START_AGAIN
            ),
            Refusal(
                "body-altered",
                "The plan that reached the node is not the one that the hub signed.",
                _START_AGAIN,
            ),
            Refusal(
                "keys-altered",
                "The keys that reached the node are not those that the hub sealed.",
                _START_AGAIN,
            ),
            Refusal(
                "consents-altered",
                "The list of persons that reached the node is not the one that the hub signed.",
                _START_AGAIN,
            ),
            Refusal(
                "field-withheld",
                "The producer's node never gives these fields: %(fields)s.",
                _PRODUCER,
            ),
            Refusal(
                "k-too-small",
                "The producer's node shows no group under %(smallest)s persons; the plan shows"
                " groups of %(k)s.",
                _PRODUCER,
            ),
            Refusal(
                "closed-hours",
                "The producer's node works only in its hours: %(hours)s.",
                "Start another extract within these hours.",
            ),
            Refusal("source-unknown", "The producer's node offers these data no more.", _PRODUCER),
            Refusal(
                "not-taken-in", "The producer's node holds no rows of this release.", _CHANGED
            ),
            Refusal(
                "source-columns",
                "The columns of the source changed since they were approved: %(fields)s.",
                _CHANGED,
            ),
            Refusal(
                "source-rows",
                "The source has %(found)s rows, %(approved)s were approved.",
                _CHANGED,
            ),
            Refusal(
                "source-content",
                "The values of the source changed since they were approved.",
                _CHANGED,
            ),
            Refusal(
                "source-unreadable", "The producer's node cannot read the source now.", _PRODUCER
            ),
            Refusal("interrupted", "The producer's node was stopped.", _START_AGAIN),
            Refusal("node-failed", "The producer's node failed: it says no more.", _PRODUCER),
        )
    }
)
OF_THE_ENGINE = frozenset(MESSAGES) - {"cancelled"}
CODES = tuple(sorted({*REFUSALS, *OF_THE_ENGINE}))


def refusal(code: str, values: Mapping[str, object], remedy: str) -> Refusal:
    """
    Return what a node says in the hub's own words.

    :param values: those that the sentence has no place for are dropped, the others shortened
    :param remedy: for what the engine says, which has none of its own
    """
    known = REFUSALS.get(code) or (
        Refusal(code, MESSAGES[code], remedy) if code in OF_THE_ENGINE else REFUSALS["node-failed"]
    )
    places = _PLACE.findall(known.explanation)
    told = {name: str(values.get(name, "?"))[:LONGEST_VALUE] for name in places}
    return Refusal(known.code, known.explanation, known.remedy, told)


def coarser(plan: Plan, said: Iterable[Mapping[str, str]]) -> Iterator[Suggestion]:
    """
    Yield the fields that a node says could be coarser, in the words of their own ladders.

    :param said: ``field`` and ``step`` of each; a step that the ladder has not is dropped
    """
    ladders = {each.field: each.ladder for each in plan.treatments if each.quasi}
    for one in said:
        if one["field"] not in ladders:
            continue
        spec = ladders[one["field"]]
        steps = {step.name: step for step in ladder(spec).steps} if spec else {}
        if not one["step"]:
            yield Suggestion(one["field"], "", NOTHING)
        elif one["step"] in steps:
            step = steps[one["step"]]
            yield Suggestion(one["field"], step.name, step.label, step.values)
