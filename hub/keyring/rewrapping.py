"""Pass from one master key to the next: wrap again, a few rows at a time, what another key wrapped."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from hub.crypto.keyring import Keyring
from hub.crypto.keys import KeyRefused
from hub.keyring.models import HouseSecret
from hub.keyring.queries import ABOUT, PURPOSE

BATCH = 200
Record = Callable[[str, int, datetime], None]


class Unopened(Exception):
    """A row opens under no key that is here: the message names the row, and nothing in it."""

    def __init__(self, place: str, key: object) -> None:
        super().__init__(
            f"{place}: row {key} opens under no master key that is here. Give the key that wrapped"
            " it in HUB_FORMER_MASTER_KEYS, and run this again."
        )


@dataclass(frozen=True, slots=True)
class Place:
    """
    Rows that hold something wrapped under the master key.

    :param rows: those that hold something
    :param is_current: nothing of this row is to be wrapped again
    :param renew: wrap again and save; the row is locked
    """

    name: str
    rows: Callable[[], "QuerySet[Any]"]
    is_current: Callable[[Any, Keyring], bool]
    renew: Callable[[Any, Keyring], None]


def remaining(place: Place, ring: Keyring) -> int:
    """Return how many rows of a place are to be wrapped again."""
    return sum(not place.is_current(row, ring) for row in place.rows().iterator())


def rewrap(place: Place, ring: Keyring, *, at: datetime, record: Record) -> int:
    """
    Wrap again what is not current; return how many rows.

    Each batch is a transaction of its own, with its line in the trail: cut short anywhere, it goes
    on from there. A row is looked at again once it is locked: two at once do the work of one.

    :raises Unopened: at the first row that no key opens; what was done before stays
    """
    stale = (row.pk for row in place.rows().iterator() if not place.is_current(row, ring))
    return sum(_batch(place, ring, keys, at, record) for keys in _batches(stale))


@transaction.atomic
def _batch(place: Place, ring: Keyring, keys: list[Any], at: datetime, record: Record) -> int:
    locked = place.rows().filter(pk__in=keys).order_by("pk").select_for_update(of=("self",))
    stale = [row for row in locked if not place.is_current(row, ring)]
    for row in stale:
        try:
            place.renew(row, ring)
        except KeyRefused:
            raise Unopened(place.name, row.pk) from None
    if stale:
        record(place.name, len(stale), at)
    return len(stale)


def _batches(keys: Iterator[Any]) -> Iterator[list[Any]]:
    while batch := list(islice(keys, BATCH)):
        yield batch


def column(
    name: str,
    rows: Callable[[], "QuerySet[Any]"],
    field: str,
    *,
    bound_to: Callable[[Any], tuple[str, tuple[str, ...]]],
) -> Place:
    """
    Return the place of a binary column.

    :param bound_to: of a row, the purpose and the thing that its secret was wrapped for
    """

    def is_current(row: Any, ring: Keyring) -> bool:
        return ring.is_present(bytes(getattr(row, field)))

    def renew(row: Any, ring: Keyring) -> None:
        purpose, about = bound_to(row)
        secret = ring.unwrap(bytes(getattr(row, field)), purpose, *about)
        setattr(row, field, ring.wrap(secret, purpose, *about))
        row.save(update_fields=[field])

    return Place(name, lambda: rows().filter(**{f"{field}__isnull": False}), is_current, renew)


HOUSE = column("house", HouseSecret.objects.all, "wrapped", bound_to=lambda _row: (PURPOSE, ABOUT))
