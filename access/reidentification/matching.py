"""
Which candidates are the persons that pseudonyms designate. Pure: keys and texts in, answers out.

A candidate is written as identifiers are at ingestion, becomes p0 under the key of stage 1 and the
pseudonym of the grant under the key of stage 2: the same two steps as an extract, in memory.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from access.plans.plan import Plan
from access.plans.treatments import Action
from hub.crypto.keys import Secret, stage_two_key
from hub.crypto.prf import matrix_of, prf, pseudonyms
from hub.crypto.subjects import subject_keys


@dataclass(frozen=True, slots=True)
class Column:
    """
    A kind of pseudonym that a plan delivers.

    :param attribute: whom it stands for, in the plan: ``pupil``
    :param identifier: whom the identifiers of its field name, at stage 1: ``pupil@<producer>``
    """

    attribute: str
    identifier: str


@dataclass(frozen=True, slots=True)
class Match:
    """
    Who one pseudonym is.

    :param candidate: as it was given; None when no candidate is the person
    """

    pid: bytes
    candidate: str | None = field(repr=False)


def columns_of(plan: Plan, identifiers: Mapping[str, str]) -> list[Column]:
    """
    Return the kinds of pseudonyms that a plan delivers, each once, the subject's first.

    :param identifiers: of each field of the release, whom it names at stage 1
    """
    delivered = [each for each in plan.treatments if each.action is Action.PSEUDONYM]
    found = (
        Column(each.attribute, identifiers.get(each.field, ""))
        for each in sorted(delivered, key=lambda each: each.field != plan.subject)
    )
    return list(dict.fromkeys(one for one in found if one.identifier))


def matches(
    pids: Sequence[bytes],
    candidates: Sequence[str],
    *,
    plan: Plan,
    columns: Sequence[Column],
    grant_secret: Secret,
    identifier_key: Callable[[str], Secret],
) -> list[Match]:
    """
    Tell for each pseudonym which candidate is the person, the first given when several are.

    :param pids: 16 bytes each
    :param identifier_key: returns the key of stage 1 of whom identifiers name
    """
    given = pa.array(candidates, pa.string())
    labels = {domain.attribute: domain.labels for domain in plan.domains}
    found: dict[bytes, str] = {}
    for column in columns:
        p0 = subject_keys(given, identifier_key(column.identifier))
        key = stage_two_key(grant_secret, *labels[column.attribute])
        made = pseudonyms(p0, prf(key, plan.algorithm))
        found |= _among(set(pids), made, candidates)
    return [Match(pid, found.get(pid)) for pid in pids]


def _among(
    wanted: set[bytes], made: pa.FixedSizeBinaryArray, candidates: Sequence[str]
) -> dict[bytes, str]:
    present = made.is_valid().to_pylist()
    rows = matrix_of(made)
    found: dict[bytes, str] = {}
    for row, is_there, candidate in zip(rows, present, candidates, strict=True):
        pid = row.tobytes()
        if is_there and pid in wanted:
            found.setdefault(pid, candidate)
    return found
