"""What a node says of an errand: how far it is, and why it makes nothing. Counts and codes."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from access.errands import answers
from access.errands.orders import Kind, Order, OrderRefused
from access.extracts.ports import Cancelled, EngineError, Meter, Suggestion, TellsTooMuch
from access.node.link import Hub, LinkCut, NotHeld
from catalog.connectors.errors import ConnectorError
from catalog.vault.intake import RowsRefused
from hub.kernel.refusals import Refusal

logger = structlog.get_logger(__name__)
SAY_SECONDS = 2.0
LONGEST_TEXT = 300
FOR_NOW = frozenset({"source-unreadable"})
"""What may be over when the node is asked again."""


class Stopped(Exception):
    """Somebody asked the node to stop."""


class Saying:
    """What a node says of one errand while it works, and when it does not."""

    def __init__(self, hub: Hub, order: Order) -> None:
        self.order = order
        self.lost = False
        self.meter = Meter()
        self._hub = hub
        self._again = 0.0

    def progress(self, stage: str, done: int, total: int) -> None:
        """Say how far the work is, every few seconds; the work goes on when the link is cut."""
        now = time.monotonic()
        if now < self._again:
            return
        self._again = now + SAY_SECONDS
        counted: dict[str, Any] = {"stage": stage, "done": done, "total": total}
        if self.order.kind is Kind.INTAKE:
            counted = {"rows": done}
        elif self.meter.total:
            counted |= {"bytes_done": self.meter.done, "bytes_total": self.meter.total}
        try:
            self._say("progress", counted)
        except LinkCut:
            self._again = now + 15 * SAY_SECONDS
        except NotHeld:
            self.lost = True

    def refuse(self, told: "Told") -> None:
        """Say why nothing was made."""
        if self.order.kind is Kind.INTAKE:
            reasons = [_plain(one) for one in told.refusals]
            self._say("refusal", {"permanent": told.permanent, "reasons": reasons})
            return
        first = told.refusals[0]
        self._say(
            "refusal",
            {
                "code": first.code if first.code in answers.CODES else "node-failed",
                "values": _short(first.values),
                "permanent": told.permanent,
                "suggestions": [
                    {"field": one.field, "step": one.step} for one in told.suggestions
                ],
            },
        )

    def _say(self, what: str, message: Mapping[str, Any]) -> None:
        told = {"attempt": self.order.attempt, **message}
        self._hub.report(self.order.kind, self.order.job, what, told)


@dataclass(frozen=True, slots=True)
class Told:
    """An error, as the hub is told of it."""

    refusals: tuple[Refusal, ...]
    permanent: bool
    suggestions: tuple[Suggestion, ...] = ()


def told_of(error: Exception, *, stopping: bool) -> Told:
    """
    Return what the hub is told of an error: codes and counts, never its text.

    :param stopping: whether the node was asked to stop
    """
    match error:
        case OrderRefused():
            said = answers.refusal(error.code, error.values, "")
            return Told((said,), permanent=error.code not in FOR_NOW)
        case EngineError() if not (stopping and isinstance(error, Cancelled)):
            said = Refusal(error.code, error.message, values=error.values)
            coarser = error.suggestions if isinstance(error, TellsTooMuch) else ()
            return Told((said,), error.permanent, coarser)
        case RowsRefused():
            return Told(error.refusals, permanent=True)
        case ConnectorError():
            return Told((error.as_refusal(about="source"),), error.permanent)
    if isinstance(error, Cancelled | Stopped | LinkCut):
        return Told((answers.REFUSALS["interrupted"],), permanent=False)
    logger.error("node.failed", kind=type(error).__name__)
    return Told((answers.REFUSALS["node-failed"],), permanent=False)


def _plain(one: Refusal) -> dict[str, Any]:
    return {
        "code": one.code,
        "explanation": one.explanation,
        "remedy": one.remedy,
        "values": _short(one.values),
        "about": one.about,
    }


def _short(values: Mapping[str, object]) -> dict[str, object]:
    """Return values as a message carries them."""
    return {
        name: value
        if value is None or isinstance(value, bool | int | float)
        else str(value)[:LONGEST_TEXT]
        for name, value in values.items()
    }
