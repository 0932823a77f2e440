"""Load words about the use of data: by the million from a file, or one by one."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import IO, Any
from uuid import UUID

import pyarrow as pa
from django.conf import settings
from django.db import connection, transaction

from access.consents.models import BatchState, ConsentBatch
from access.consents.queries import Loadable, batches, watermark
from access.consents.reading import Defaults, Faults, Lines, read, read_one
from access.consents.rules import AGAINST
from catalog.datasets.house_keys import identifier_key
from hub.audit.actions import record
from hub.crypto.keys import Secret
from hub.crypto.subjects import subject_keys
from hub.kernel.identifiers import new_id
from hub.kernel.refusals import Invalid, Refusal
from hub.outbox.actions import owe
from hub.people.permissions import Actor
from hub.web.uploads import too_large

COLUMNS = (
    "subject_key, holder, decision, decided_by, decided_at, until, project, purpose, notice,"
    " evidence"
)
_STAGE = "access_consent_stage"
_NEW_STAGE = f"""
CREATE TEMPORARY TABLE {_STAGE} (
    line bigint GENERATED ALWAYS AS IDENTITY, subject_key bytea, holder bytea, decision text,
    decided_by text, decided_at timestamptz, until date, project uuid, purpose text, notice text,
    evidence text
) ON COMMIT DROP
"""
_KEEP = f"""
INSERT INTO access_consentrecord (batch_id, dataset_id, {COLUMNS})
SELECT %s, %s, {COLUMNS} FROM {_STAGE} ORDER BY line
"""  # noqa: S608 - names of ours only

NO_PERSON = Refusal(
    "no-person",
    "This dataset has no field that names persons.",
    "Confirm its fields first: the one that identifies persons says how to read the file.",
)
NO_LINES = Refusal(
    "no-lines",
    "The file has column names and no line.",
    "Check the export.",
    about="file",
)

Source = Callable[[Faults], Iterator[tuple[int, Lines]]]


class Metered:
    """
    A stream that is counted and digested while it is read, and never kept.

    :raises Invalid: above the limit of uploads
    """

    def __init__(self, stream: IO[bytes], key: Secret, about: str) -> None:
        self._stream = stream
        self._hmac = hmac.new(key.reveal(), about.encode(), hashlib.sha256)
        self._length = 0

    def read(self, size: int = -1) -> bytes:
        """Read some bytes."""
        piece = self._stream.read(size)
        self._length += len(piece)
        if self._length > settings.HUB_UPLOAD_LIMIT:
            raise too_large()
        self._hmac.update(piece)
        return piece

    def digest(self) -> bytes:
        """Return the keyed digest of what was read."""
        return self._hmac.digest()


def load_file(
    *,
    dataset: Loadable,
    stream: IO[bytes],
    defaults: Defaults,
    keep_good: bool = False,
    by: Actor,
    at: datetime,
) -> ConsentBatch:
    """
    Load a file of words; the identifiers in it become subject keys and are not kept.

    The same file twice in a row is one load. A wrong line refuses the whole file, unless
    ``keep_good`` asks for the others.

    :param dataset: from ``queries.loadable``, which says who may
    :raises Invalid: with the numbers of the wrong lines; the attempt is kept, no word is
    """
    about = [defaults.decision, defaults.by, defaults.purpose, defaults.project, defaults.notice]
    metered = Metered(stream, _file_key(dataset), f"{about}{keep_good}")
    return _load(
        dataset=dataset,
        source=lambda faults: read(metered, defaults, faults),  # type: ignore[arg-type]
        digest=metered.digest,
        keep_good=keep_good,
        by=by,
        at=at,
    )


def record_one(
    *, dataset: Loadable, word: Mapping[str, str], defaults: Defaults, by: Actor, at: datetime
) -> ConsentBatch:
    """
    Record one word about one person.

    :param word: ``identifier``, ``decision`` and what else a file may say
    :raises Invalid: when something in it is wrong
    """
    text = "\0".join(f"{name}={value}" for name, value in sorted(word.items()))
    digest = hmac.digest(_file_key(dataset).reveal(), f"{text}\0{at}".encode(), "sha256")
    return _load(
        dataset=dataset,
        source=lambda faults: iter([(1, read_one(word, defaults, faults))]),
        digest=lambda: digest,
        keep_good=False,
        by=by,
        at=at,
    )


def _file_key(dataset: Loadable) -> Secret:
    return identifier_key(f"file of {dataset.id}")


def _load(
    *,
    dataset: Loadable,
    source: Source,
    digest: Callable[[], bytes],
    keep_good: bool,
    by: Actor,
    at: datetime,
) -> ConsentBatch:
    if not dataset.attribute:
        raise Invalid([NO_PERSON])
    faults = Faults()
    batch = ConsentBatch(
        id=new_id(),
        dataset_id=dataset.id,
        state=BatchState.LOADED,
        by=by.name,
        acting_as=by.acting_as,
        loaded_at=at,
        attribute=dataset.attribute,
        lines=0,
        loaded=0,
    )
    try:
        with transaction.atomic():
            _stage(source(faults), batch)
            batch.digest = digest()
            batch.refusals = [asdict(one) for one in faults.refusals()]
            _refuse(batch, faults, keep_good=keep_good)
            kept = _keep(batch, dataset.id, by=by, at=at)
            _drop_stage()
            return kept
    except Invalid as refused:
        _remember(batch, refused, digest(), by=by, at=at)
        raise


def _refuse(batch: ConsentBatch, faults: Faults, *, keep_good: bool) -> None:
    if not batch.lines:
        raise Invalid([NO_LINES])
    if faults and not (keep_good and batch.loaded):
        raise Invalid(faults.refusals())


def _stage(pieces: Iterator[tuple[int, Lines]], batch: ConsentBatch) -> None:
    """Copy the lines that are right, keyed, into a table of this transaction only."""
    key, holder_key = identifier_key(batch.attribute), identifier_key("guardian")
    counts: Counter[str] = Counter()
    tails: dict[tuple[Any, ...], str] = {}
    with connection.cursor() as cursor:
        cursor.execute(_NEW_STAGE)
        with cursor.copy(f"COPY {_STAGE} ({COLUMNS}) FROM STDIN") as copy:
            for read_lines, lines in pieces:
                batch.lines += read_lines
                batch.loaded += len(lines.numbers)
                counts.update(word[0].value for word in lines.words)
                copy.write(_copied(lines, key, holder_key, tails))
                if len(tails) > 200_000:
                    tails.clear()
    batch.counts = dict(counts)


def _drop_stage() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {_STAGE}")


def _copied(
    lines: Lines, key: Secret, holder_key: Secret, tails: dict[tuple[Any, ...], str]
) -> str:
    """Write lines in COPY's text form. No cell needs escapes: each was read into a closed form."""
    subjects = _hex(lines.identifiers, key)
    holders = _hex(lines.holders, holder_key) if any(lines.holders) else lines.holders
    for word in set(lines.words) - tails.keys():
        tails[word] = "\t" + "\t".join(_cell(value) for value in word) + "\n"
    return "".join(
        f"\\\\x{subject}\t\\\\x{holder}{tails[word]}"
        for subject, holder, word in zip(subjects, holders, lines.words, strict=True)
    )


def _hex(texts: list[str], key: Secret) -> list[str]:
    keys = subject_keys(pa.array(texts, pa.string()), key)
    return ["" if one is None else one.hex() for one in keys.to_pylist()]


def _cell(value: object) -> str:
    if value is None:
        return "\\N"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _keep(batch: ConsentBatch, dataset_id: UUID, *, by: Actor, at: datetime) -> ConsentBatch:
    """
    Move the staged words to the table.

    Writers about one dataset take turns: numbers follow commits, which makes the watermark true.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"consents:{dataset_id}"]
        )
        last = batches(dataset_id).filter(state=BatchState.LOADED).first()
        if last and bytes(last.digest) == batch.digest:
            return last
        batch.watermark = 0
        batch.save(force_insert=True)
        cursor.execute(_KEEP, [batch.pk, dataset_id])
    batch.watermark = watermark(dataset_id)
    batch.save(update_fields=["watermark"])
    against = sum(batch.counts.get(decision, 0) for decision in AGAINST)
    owe(
        event="consent.recorded",
        payload={
            "dataset": str(dataset_id),
            "batch": str(batch.pk),
            "watermark": batch.watermark,
            "against": against,
        },
        at=at,
        key=f"consent.recorded:{batch.pk}",
    )
    _in_the_trail("consents.loaded", batch, by=by, at=at)
    return batch


def _remember(
    batch: ConsentBatch, refused: Invalid, digest: bytes, *, by: Actor, at: datetime
) -> None:
    """Keep that a load was tried, and what was wrong."""
    batch.state, batch.loaded, batch.counts, batch.watermark = BatchState.REFUSED, 0, {}, None
    batch.refusals = [asdict(one) for one in refused.refusals]
    batch.digest = digest
    with transaction.atomic():
        batch.save(force_insert=True)
        _in_the_trail("consents.refused", batch, by=by, at=at)


def _in_the_trail(kind: str, batch: ConsentBatch, *, by: Actor, at: datetime) -> None:
    record(
        kind=kind,
        by=by,
        subject=f"dataset:{batch.dataset_id}",
        at=at,
        details={"batch": batch.pk, "lines": batch.lines, "loaded": batch.loaded, **batch.counts},
    )
