"""Read words: how many, and whose are in force. Never one person's name: there is none."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import numpy as np
from django.db import connection
from django.db.models import Max, QuerySet

from access.consents.models import BatchState, ConsentBatch, ConsentRecord
from access.consents.rules import (
    AGAINST,
    TAKEN_BACK,
    Decision,
    Meaning,
    Rule,
    meaning_of,
    rule_of,
)
from catalog.datasets.queries import current_release, fields_of, find, prepared_release
from catalog.vocabularies.legal_bases import LegalBasis
from hub.crypto.prf import WIDTH, Bytes
from hub.kernel.periods import day_of
from hub.kernel.refusals import Unknown
from hub.people.permissions import Actor, Permission, Role
from hub.people.queries import is_entitled

_HEADER = 19  # of COPY's binary form: signature, flags, length of the extension
_TRAILER = 2
_ROW = 2 + 4 + WIDTH  # number of fields, length of the field, the key

_IN_FORCE = """
COPY (
    WITH heard AS (
        SELECT subject_key, decided_by, holder, decision, until,
               row_number() OVER (
                   said ORDER BY project IS NOT NULL DESC, purpose <> '' DESC,
                                 decided_at DESC, id DESC
               ) AS by_scope,
               row_number() OVER (said ORDER BY decided_at DESC, id DESC) AS by_time
        FROM access_consentrecord
        WHERE dataset_id = %(dataset)s AND id <= %(watermark)s
          AND (project IS NULL OR project = %(project)s)
          AND purpose IN ('', %(purpose)s)
          AND (until IS NULL OR until >= %(day)s
               OR (%(opt_in)s AND NOT decision = ANY (%(against)s)))
        WINDOW said AS (PARTITION BY subject_key, decided_by, holder)
    ), in_force AS (
        SELECT DISTINCT ON (subject_key, decided_by, holder) subject_key, decision, until
        FROM heard
        WHERE by_scope = 1 OR (by_time = 1 AND decision = ANY (%(taken_back)s))
        ORDER BY subject_key, decided_by, holder,
                 (by_time = 1 AND decision = ANY (%(taken_back)s)) DESC
    )
    SELECT subject_key FROM in_force GROUP BY subject_key
    HAVING CASE WHEN %(opt_in)s
        THEN bool_or(decision = %(given)s AND (until IS NULL OR until >= %(day)s))
             AND NOT bool_or(decision = ANY (%(against)s))
        ELSE bool_or(decision = ANY (%(against)s)) END
    ORDER BY subject_key
) TO STDOUT (FORMAT BINARY)
"""


@dataclass(frozen=True, slots=True)
class KeysInForce:
    """
    Whose rows are in, or out, as of a moment.

    :param keys: subject keys, (n, 16) bytes, sorted, each once
    :param meaning: whether these persons alone are included, or they are excluded
    :param watermark: number of the last word that was read; 0 when there was none
    :param digest: SHA-256 of the meaning and the keys: proves later which list was applied
    """

    keys: Bytes = field(repr=False)
    meaning: Meaning
    watermark: int
    digest: str


def watermark(dataset_id: UUID) -> int:
    """
    Return the number of the last word recorded about a dataset, 0 when there is none.

    Words about one dataset are numbered in the order of their commits (the writers take turns):
    no word numbered below a watermark appears after it was read.
    """
    found = ConsentRecord.objects.filter(dataset_id=dataset_id).aggregate(last=Max("id"))
    return found["last"] or 0


def keys_in_force(
    *,
    dataset_id: UUID,
    project_id: UUID | None,
    basis: Rule | str,
    purpose: str,
    as_of: datetime,
    up_to: int | None = None,
) -> KeysInForce:
    """
    Return the persons whom the words in force include (opt-in) or exclude (opt-out).

    The rule is ``rules.is_listed``, decided here for all persons at once and streamed as bytes.

    :param project_id: the access request of the project; words about other projects do not count
    :param up_to: a watermark, to read what stood then; the present one when it is None
    """
    rule = Rule(basis)
    last = watermark(dataset_id) if up_to is None else up_to
    keys = np.zeros((0, WIDTH), np.uint8)
    if rule is not Rule.NONE:
        values = {
            "dataset": dataset_id,
            "watermark": last,
            "project": project_id,
            "purpose": purpose,
            "day": day_of(as_of),
            "opt_in": rule is Rule.OPT_IN,
            "given": Decision.GIVEN.value,
            "against": sorted(AGAINST),
            "taken_back": sorted(TAKEN_BACK),
        }
        keys = _streamed(values)
    meaning = meaning_of(rule)
    digest = hashlib.sha256(meaning.encode() + b"\0" + keys.tobytes()).hexdigest()
    return KeysInForce(keys, meaning, last, digest)


def _streamed(values: dict[str, object]) -> Bytes:
    content = bytearray()
    with connection.cursor() as cursor, cursor.copy(_IN_FORCE, values) as copy:
        for piece in copy:
            content += piece
    rows = np.frombuffer(content, np.uint8)[_HEADER : len(content) - _TRAILER]
    return np.ascontiguousarray(rows.reshape(-1, _ROW)[:, _ROW - WIDTH :])


def batches(dataset_id: UUID) -> QuerySet[ConsentBatch]:
    """Return the loads of a dataset, newest first."""
    return ConsentBatch.objects.filter(dataset_id=dataset_id).order_by("-id")


def counts(dataset_id: UUID) -> dict[Decision, int]:
    """Return how many words of each kind were loaded about a dataset."""
    total: Counter[str] = Counter()
    loaded = batches(dataset_id).filter(state=BatchState.LOADED)
    for one in loaded.values_list("counts", flat=True):
        total.update(one)
    return {decision: total[decision] for decision in Decision if total[decision]}


# -- who may load ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Loadable:
    """
    A dataset whose words the actor may load.

    :param attribute: whom its identifiers name (``pupil``, ``pupil@<producer>``), empty when it
        has no field that names persons
    """

    id: UUID
    slug: str
    title: str
    attribute: str
    rule: Rule


def loadable(actor: Actor, reference: UUID | str) -> Loadable:
    """
    Return a dataset whose words an actor may load: editors and stewards of it, and the data
    protection officers of its producer.

    :raises Unknown: to everybody else
    """
    dataset = find(actor, reference)
    sides = (Permission.EDIT_DATASET, Permission.STEWARD_DATASET)
    entitled = any(is_entitled(actor, side, dataset, producer=dataset.producer) for side in sides)
    officer = Role.DPO in actor.roles and actor.organisation_id == dataset.producer_id
    if not entitled and not officer:
        raise Unknown
    fields = fields_of(current_release(dataset) or prepared_release(dataset))
    attribute = next((one.attribute for one in fields if one.is_subject), "")
    basis = dataset.collection_basis
    rule = rule_of(LegalBasis(basis)) if basis else Rule.NONE
    return Loadable(dataset.pk, dataset.slug, dataset.title, attribute, rule)
