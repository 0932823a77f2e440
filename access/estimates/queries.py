"""Read what was counted, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from access.estimates.counting import Level, Moved
from access.estimates.models import Estimate, State
from access.plans.plan import Plan

REASONS: Mapping[str, str] = {
    "nothing": "Nothing of this plan identifies persons by crossing: there is nothing to count.",
    "tables": "Only tables leave: no row is left out, and the extract itself hides small cells.",
    "no-rows": "No row is left once the filters are applied.",
    "too-fine": "The fields that identify by crossing have too many levels to search.",
    "not-keyed": "The identifiers were not replaced when the data came in.",
    "unreadable": "The data of the release cannot be opened with their key.",
    "elsewhere": "The rows are at the producer's node: the extract itself will count them there.",
    "too-large": "The release is too large to be counted beforehand: the extract itself will.",
}
"""Why nothing could be counted → English message."""


@dataclass(frozen=True, slots=True)
class Told:
    """
    What was counted, for a page or a program.

    :param holds: whether the plan keeps within the share of rows that may be left out
    :param proposal: of each field, the least coarse level that holds; empty when none does
    """

    state: str
    reason: str = ""
    rows: int = 0
    share: float = 0.0
    cap: float = 0.0
    k: int = 0
    moved: tuple[Moved, ...] = ()
    proposal: tuple[Level, ...] = ()
    proposed_share: float = 0.0

    @property
    def holds(self) -> bool:
        """Tell whether the plan suppresses no more than it may."""
        return self.share <= self.cap


NOT_ASKED = Told("not_asked")


def of(digests: Iterable[str]) -> dict[str, Told]:
    """Return what was counted, or is to be, by digest of plan."""
    found = Estimate.objects.filter(plan_digest__in=list(digests))
    return {one.plan_digest: told(one) for one in found}


def told(estimate: Estimate) -> Told:
    """Say what one count gave."""
    state = State(estimate.state)
    if state is not State.DONE:
        return Told(state, REASONS.get(estimate.reason, ""))
    plan, result = Plan.from_json(estimate.plan), estimate.result
    return Told(
        state=state,
        rows=result["rows"],
        share=result["share"],
        cap=plan.disclosure.cap,
        k=plan.disclosure.k,
        moved=tuple(Moved(Level(**one["level"]), one["share"]) for one in result["moved"]),
        proposal=tuple(Level(**one) for one in result["proposal"]),
        proposed_share=result["proposed_share"],
    )
