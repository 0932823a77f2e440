"""What the engine is given, what it gives back, and how it says that it cannot. Pure."""

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field as attribute_field
from pathlib import Path
from types import MappingProxyType
from typing import IO, Protocol

import numpy as np

from access.plans.crossing import Recipe
from access.pseudonymisation.disclosure import Verdict
from hub.crypto.keys import Secret, derive, stage_two_key
from hub.crypto.prf import WIDTH, Bytes

MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        "cancelled": "The extract was cancelled.",
        "columns_changed": "The columns of the source are not those that were approved: %(fields)s.",
        "rows_changed": "The source has %(found)s rows, %(approved)s were approved.",
        "not_keyed": "The identifiers of %(field)s were not replaced when the data came in.",
        "bad_value": "A value of %(field)s is not of the declared type.",
        "unreadable": "The data of the release cannot be opened with their key.",
        "storage": "The extract could not be written: %(reason)s.",
        "disk_limit": "The extract needs more temporary space than it may use.",
        "no_consent_list": "The extract needs the list of consents or oppositions and has none.",
        "no_key": "A pseudonym key of the extract is missing.",
        "crossing_wide": "The rows of one person in the crossed datasets multiply beyond measure.",
        "no_rows": "No row is left once the filters, oppositions and consents are applied.",
        "too_fine": "The fields that identify by crossing are far too fine to check small groups.",
        "table_wide": "The table by %(fields)s has more than %(most)s cells.",
        "table_below_nought": "%(field)s cannot be added up: a value is below 0, or has no end.",
        "table_unprotected": "The table by %(fields)s cannot be protected: too few persons stand"
        " behind its cells, or too few bring the most of it. Fewer than %(k)s is too few.",
        "table_few_changed": "Too few persons spoke up since the last table by %(fields)s was made:"
        " another one beside it would tell of them.",
        "disclosure": "%(share)s %% of the rows stand for fewer than %(k)s persons, more than the"
        " %(cap)s %% that may be left out.",
        "alike": "%(share)s %% of the rows are in groups of fewer than %(k)s persons, or whose values are"
        " too much alike, more than the %(cap)s %% that may be left out.",
        "unique": "%(known)s facts would single out %(share)s %% of the persons, more than the %(most)s"
        " %% that the producer lets be.",
        "many_values": "%(field)s has too many different values for its groups to be compared.",
        "no_writer": "The files asked for in %(formats)s cannot be written here: a package is"
        " missing.",
        "internal": "The extract failed for a reason of its own (%(kind)s).",
    }
)
"""Code of an error → English message. No message ever holds a value of the data."""


class EngineError(Exception):
    """
    The extract cannot be made; nothing was published.

    :param permanent: trying again changes nothing: somebody has to change the request or the data
    :param values: what fills the places of the message; never a value of the data
    """

    def __init__(self, code: str, *, permanent: bool, **values: object) -> None:
        self.code = code
        self.permanent = permanent
        self.values = values
        super().__init__(MESSAGES[code] % values)

    @property
    def message(self) -> str:
        """Return the message identifier, to translate before its places are filled."""
        return MESSAGES[self.code]


class Cancelled(EngineError):
    """Somebody asked the run to stop."""

    def __init__(self) -> None:
        super().__init__("cancelled", permanent=True)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A field that could be delivered coarser: its next step, or nothing of it when ``step`` is ""."""

    field: str
    step: str
    label: str
    values: Mapping[str, object] = attribute_field(default_factory=dict)


class TellsTooMuch(EngineError):
    """What would leave tells too much; the suggestions would make it tell less."""

    def __init__(self, code: str, suggestions: tuple[Suggestion, ...], **values: object) -> None:
        self.suggestions = suggestions
        super().__init__(code, permanent=True, **values)


class DisclosureExceeded(TellsTooMuch):
    """Too many rows stand for too few persons, or their values for those of their group."""

    def __init__(
        self,
        verdict: Verdict,
        cap: float,
        suggestions: tuple[Suggestion, ...],
        code: str = "disclosure",
    ) -> None:
        self.verdict = verdict
        super().__init__(
            code,
            suggestions,
            share=percent(verdict.share),
            k=verdict.k,
            cap=percent(cap),
        )


def percent(share: float) -> str:
    """Write a share as a percentage with at most two decimals: 0.0125 → "1.25"."""
    return f"{100 * share:.2f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """
    One Parquet file of a release; identifiers in it are p0 already (16 bytes).

    :param part: of a crossing, which of its plans the release is for
    """

    path: Path
    key: Secret | None
    part: int = 0


@dataclass(frozen=True, slots=True)
class Task:
    """
    One row group, and the number of its first row in the release.

    :param size: bytes of the columns that are read of it
    """

    file: SourceFile
    row_group: int
    first: int
    rows: int = 0
    size: int = 0

    def before(self, row: int) -> int:
        """Return how many of its bytes are read when the row of this number is next."""
        return self.size * (row - self.first) // self.rows if self.rows else 0


@dataclass(frozen=True, slots=True)
class ExtractKeys:
    """
    The keys of one run, all under the secret of the grant.

    :param pseudonyms: K_psn by attribute
    :param order: puts the rows in an order that the source does not have
    :param cells: names the cells of the disclosure check
    """

    pseudonyms: Mapping[str, Secret]
    order: Secret
    cells: Secret


def keys_of(plan: Recipe, grant_secret: Secret) -> ExtractKeys:
    """Derive the keys of a plan from the secret of its grant."""
    return ExtractKeys(
        pseudonyms={
            domain.attribute: stage_two_key(grant_secret, *domain.labels)
            for domain in plan.domains
        },
        order=derive(grant_secret, "order", plan.name),
        cells=derive(grant_secret, "cells", plan.name),
    )


CONSENTS = "consents"
"""What the sealed list of persons is called when it travels."""


class SubjectSet:
    """
    A set of persons by subject key (p0): those opposed, or those who consented.

    :param keys: 16 bytes each, in any order, repeated or not: a list, or an (n, 16) matrix
    """

    PREFILTER_BITS = 24

    def __init__(self, keys: Bytes | list[bytes]) -> None:
        if isinstance(keys, list):
            keys = np.frombuffer(b"".join(keys), np.uint8).reshape(-1, WIDTH)
        halves = _halves(keys)
        order = np.lexsort((halves[:, 1], halves[:, 0]))
        halves = halves[order]
        fresh = np.ones(len(halves), bool)
        fresh[1:] = (halves[1:] != halves[:-1]).any(axis=1)
        self._high = np.ascontiguousarray(halves[fresh, 0])
        self._low = np.ascontiguousarray(halves[fresh, 1])
        self._present = np.zeros(1 << self.PREFILTER_BITS, bool)
        self._present[_last_bits(keys, self.PREFILTER_BITS)] = True

    def __len__(self) -> int:
        return len(self._high)

    def holds(self, keys: Bytes) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """
        Tell which rows of an (n, 16) matrix are in the set.

        A table of 24 bits throws most rows out; all 128 bits of the others are compared.
        """
        found = np.zeros(len(keys), bool)
        rows = np.flatnonzero(self._present[_last_bits(keys, self.PREFILTER_BITS)])
        halves = _halves(keys[rows])
        left = np.arange(len(rows))
        at = np.searchsorted(self._high, halves[:, 0])
        # Two keys that share their first half stand side by side: walk on while it is equal.
        while len(left):
            inside = at < len(self._high)
            left, at = left[inside], at[inside]
            same = self._high[at] == halves[left, 0]
            left, at = left[same], at[same]
            equal = self._low[at] == halves[left, 1]
            found[rows[left[equal]]] = True
            left, at = left[~equal], at[~equal] + 1
        return found

    def different(self, other: "SubjectSet") -> Bytes:
        """Return the persons who are in one set and not in the other: an (n, 16) matrix."""
        mine, theirs = self._matrix(), other._matrix()  # noqa: SLF001 - one of its kind
        return np.concatenate([mine[~other.holds(mine)], theirs[~self.holds(theirs)]])

    def _matrix(self) -> Bytes:
        return np.frombuffer(self.content, np.uint8).reshape(-1, WIDTH)

    @property
    def content(self) -> bytes:
        """Return the keys in order, each once, 16 bytes each."""
        return np.stack([self._high, self._low], axis=1).astype(">u8").tobytes()

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the keys in order: proves later which list was applied."""
        return hashlib.sha256(self.content).hexdigest()


Consent = SubjectSet | Sequence[SubjectSet | None] | None
"""The persons whose word counts: of one source, or of each part of a crossing."""


def _halves(keys: Bytes) -> np.ndarray[tuple[int, int], np.dtype[np.uint64]]:
    """Return (n, 16) bytes as two numbers a row that sort as the bytes do."""
    return np.ascontiguousarray(keys).view(">u8").astype(np.uint64).reshape(-1, 2)


def _last_bits(keys: Bytes, bits: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Return a few bits of the first half of each key, the cheapest to read."""
    words = np.ascontiguousarray(keys).reshape(-1).view("<u8")[::2]
    return words & np.uint64((1 << bits) - 1)


OWN_MEMORY, USUAL_MEMORY = 150, 600
"""Mebibytes of a worker that does nothing, and of one that extracts with the limits by default."""
FEWEST_ROWS = 1 << 12


@dataclass(frozen=True)
class Limits:
    """
    What a run may use.

    :param threads: that read and change rows at once
    :param batch_rows: rows of a batch, and of a bucket about four times as many
    :param disk_bytes: of temporary space
    :param cells: combinations of quasi-identifiers that may be watched
    :param statistical_rows: of an SPSS or Stata file, which are all in memory at once
    :param watched: persons that may be remembered to count those of small cells in one pass
    :param optimal: whether tau-Argus is asked what to hide in tables
    """

    threads: int = 2
    batch_rows: int = 1 << 17
    disk_bytes: int = 1 << 40
    cells: int = 2_000_000
    watched: int = 4_000_000
    optimal: bool = False
    statistical_rows: int = 2_000_000

    @classmethod
    def within(
        cls,
        *,
        threads: int,
        memory: int,
        disk: int,
        optimal: bool = False,
        statistical_rows: int = statistical_rows,
    ) -> "Limits":
        """
        Return the limits that keep to some resources.

        :param memory: mebibytes; what Python and the libraries take is counted in
        :param disk: gibibytes
        """
        share = max(memory - OWN_MEMORY, 0) / (USUAL_MEMORY - OWN_MEMORY)
        rows = int(share * cls.batch_rows) if share < 1 else cls.batch_rows
        return cls(
            threads=max(threads, 1),
            batch_rows=max(rows, FEWEST_ROWS),
            disk_bytes=disk << 30,
            optimal=optimal,
            statistical_rows=statistical_rows,
        )


Progress = Callable[[str, int, int], None]
"""Called with a stage ("reading", "checking", "writing"), rows done and rows in all."""


def silent(_stage: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def never() -> bool:
    """Never stop."""
    return False


class Meter:
    """
    Bytes of the sources that were read, for whoever tells how far a run is.

    They are compressed bytes of the columns that the plan reads, as the files hold them.
    """

    def __init__(self) -> None:
        self.done = 0
        self.total = 0
        self._lock = threading.Lock()

    def expect(self, size: int) -> None:
        """Begin: so many bytes are to be read."""
        self.done, self.total = 0, size

    def add(self, size: int) -> None:
        """Count what was read, from any thread."""
        with self._lock:
            self.done += size


class Output(Protocol):
    """Where the engine puts its files; nobody sees them before the caller publishes them."""

    def create(self, name: str) -> IO[bytes]:
        """Open a new file to write in order; closing it completes it."""
        ...
