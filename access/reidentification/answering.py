"""Tell which candidates are the persons of an approved demand: once, with both keys."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from access.reidentification import queries, rules, sealing
from access.reidentification.actions import locked, move, secret_of
from access.reidentification.matching import Match, matches
from access.reidentification.models import Reidentification
from access.reidentification.sealing import Keys, Typed
from access.reidentification.states import MOST_TRIES, Step
from catalog.datasets.at_node import staying
from catalog.datasets.house_keys import identifier_key
from hub.audit.actions import record
from hub.crypto.keys import Secret
from hub.kernel.refusals import Refusal, Refused
from hub.people.permissions import HUB, Actor

WRONG_KEYS = Refusal(
    "wrong-keys",
    "At least one of the two keys is not the one of this demand. Tries left: %(left)s.",
    "Type each key as it was shown to the person who holds it.",
    about="keys",
)
LOCKED = Refusal(
    "locked",
    "At least one of the two keys is not the one of this demand: it is closed after %(tries)s"
    " wrong tries.",
    "If the need remains, file another demand.",
    values={"tries": MOST_TRIES},
    about="keys",
)


@dataclass(frozen=True, slots=True)
class Answered:
    """A demand, and who the persons are: in this answer and nowhere else."""

    demand: Reidentification
    matches: Sequence[Match] = field(repr=False)


def answer(
    *, demand_id: UUID, keys: Keys, candidates: Sequence[str], by: Actor, at: datetime
) -> Answered:
    """
    Tell which candidates are the persons designated, once: nothing of the answer is kept.

    Wrong keys are counted, whatever becomes of the caller's answer.

    :param candidates: from ``reading``, which checks them
    :raises Unknown: to whoever may not know the demand
    :raises Invalid: when a key is not written as one
    :raises Refused: when the rules refuse the step, the keys are wrong, or that of the grant is gone
    """
    typed = sealing.typed(keys)
    with transaction.atomic():
        demand = locked(demand_id, Step.ANSWER, by, at)
        _require_here(demand)
        secret = secret_of(demand.granted.grant_id)
        if _are_right(typed, demand):
            found = _matches(demand, typed, secret, candidates)
            return _answered(demand, found, len(candidates), by, at)
        refusal = _count(demand, by, at)
    # Outside of the transaction: a refusal inside would take the count back.
    raise Refused([refusal])


def _are_right(keys: Typed, demand: Reidentification) -> bool:
    return sealing.are_right(
        keys,
        demand.pk,
        filing=bytes(demand.filing_digest or b""),
        approval=bytes(demand.approval_digest or b""),
    )


def _count(demand: Reidentification, by: Actor, at: datetime) -> Refusal:
    """Count a wrong try; the last one closes the demand."""
    demand.tries += 1
    demand.save(update_fields=["tries"])
    record(
        kind="reidentification.wrong_keys",
        by=by,
        subject=f"reidentification:{demand.pk}",
        at=at,
        details={"tries": demand.tries},
    )
    left = MOST_TRIES - demand.tries
    if left:
        return replace(WRONG_KEYS, values={"left": left})
    move(demand, Step.LOCK, by=HUB, at=at)
    return LOCKED


def _require_here(demand: Reidentification) -> None:
    if staying(demand.granted.release_id) is not None:
        raise Refused([rules.AT_A_NODE])


def _matches(
    demand: Reidentification, typed: Typed, secret: Secret, candidates: Sequence[str]
) -> list[Match]:
    row, stored = demand.granted, bytes(demand.sealed or b"")
    return matches(
        sealing.opened(stored, demand.pk, keys=typed, secret=secret),
        candidates,
        plan=queries.plan_for(row),
        columns=queries.columns_for(row),
        grant_secret=secret,
        identifier_key=identifier_key,
    )


def _answered(
    demand: Reidentification, found: list[Match], candidates: int, by: Actor, at: datetime
) -> Answered:
    demand.found = sum(one.candidate is not None for one in found)
    demand.candidates = candidates
    counts: dict[str, object] = {
        "persons": demand.persons,
        "found": demand.found,
        "candidates": demand.candidates,
    }
    move(demand, Step.ANSWER, by=by, at=at, details=counts)
    # On the grant's own page, for its team: that it was done, and nothing of whom.
    record(
        kind="grant.reidentified",
        by=by,
        subject=f"grant:{demand.granted.grant_id}",
        at=at,
        details={"demand": str(demand.pk)},
    )
    return Answered(demand, found)
