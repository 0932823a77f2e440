"""Give a field its producer's own hierarchy, or take it away."""

from datetime import datetime
from uuid import UUID

import pyarrow as pa
from django.db import transaction

from catalog.datasets import hierarchies, queries
from catalog.datasets.actions import IN_PREPARATION, NOTHING_PREPARED, locked, subject, touch
from catalog.datasets.hierarchies import OwnHierarchy
from catalog.datasets.inference import effective_level
from catalog.datasets.models import Dataset, Field
from catalog.datasets.profiles import ColumnProfiler
from catalog.datasets.proposals import contradictions
from catalog.datasets.states import ReleaseState
from catalog.vocabularies.plain_types import PlainType
from hub.audit.actions import record
from hub.kernel.refusals import Invalid, Refusal, Refused, Unknown
from hub.people.permissions import Actor

PUBLISHED = Refusal(
    "hierarchy-published",
    "The levels of a published release do not change.",
    "Open a new release, then give the hierarchy.",
)
TAKEN_IN = Refusal(
    "hierarchy-taken-in",
    "The rows were taken in without being compared with this hierarchy.",
    "Give the file or the table again, then the hierarchy before its rows are taken in.",
)


@transaction.atomic
def give_hierarchy(
    *,
    dataset_id: UUID,
    name: str,
    content: bytes,
    expected: int | None = None,
    by: Actor,
    at: datetime,
) -> Field:
    """
    Give a field of the worked release its own hierarchy, in place of the one of before.

    :param name: of the field
    :param content: lines as :mod:`catalog.datasets.hierarchies` reads them
    :raises Unknown: when there is no such field
    :raises Invalid: with everything that is not right, line by line
    :raises Refused: when the field cannot have one, or the release is not open to it
    :raises Stale: when somebody changed the dataset meanwhile
    """
    dataset, one = _open(dataset_id, name, expected, by, TAKEN_IN)
    level = effective_level(one)
    hierarchies.require_fitting(name, PlainType(one.type), level)
    own = hierarchies.read(content, name=name, kind=PlainType(one.type))
    # What is shown to readers and travels with plans names nobody.
    profiler = ColumnProfiler(name)
    profiler.add(pa.array(own.values, pa.string()))
    contradicted = contradictions({name: level}, [profiler.profile()])
    if contradicted:
        raise Invalid(contradicted)
    _save(one, own)
    _tell(dataset, "release.hierarchy_given", one, own, by=by, at=at)
    return one


@transaction.atomic
def take_hierarchy_away(
    *, dataset_id: UUID, name: str, expected: int | None = None, by: Actor, at: datetime
) -> Field:
    """
    Let the hub make a field coarser by itself again.

    :raises Unknown: when there is no such field, or it has no hierarchy
    :raises Refused: when the release is not open to it
    :raises Stale: when somebody changed the dataset meanwhile
    """
    dataset, one = _open(dataset_id, name, expected, by, None)
    if not one.hierarchy_levels:
        raise Unknown
    none = OwnHierarchy(())
    _save(one, none)
    _tell(dataset, "release.hierarchy_removed", one, none, by=by, at=at)
    return one


def _open(
    dataset_id: UUID, name: str, expected: int | None, by: Actor, taken_in: Refusal | None
) -> tuple[Dataset, Field]:
    """
    Lock the dataset; return it with a field of its worked release, which must be open.

    :param taken_in: what is said once the rows are in the vault
    """
    dataset = locked(dataset_id=dataset_id, by=by, expected=expected)
    release = queries.worked_release(dataset)
    if release is None or release.schema_id is None:
        raise Refused([NOTHING_PREPARED])
    one = Field.objects.filter(schema_id=release.schema_id, name=name).first()
    if one is None:
        raise Unknown
    why = {
        ReleaseState.INGESTING: IN_PREPARATION,
        ReleaseState.PUBLISHED: PUBLISHED,
        ReleaseState.READY: taken_in,
    }.get(ReleaseState(release.state))
    if why is not None:
        raise Refused([why])
    return dataset, one


def _save(one: Field, own: OwnHierarchy) -> None:
    one.hierarchy_levels = list(own.levels)
    one.hierarchy = hierarchies.written(own)
    one.save(update_fields=["hierarchy_levels", "hierarchy"])


def _tell(
    dataset: Dataset, kind: str, one: Field, own: OwnHierarchy, *, by: Actor, at: datetime
) -> None:
    touch(dataset, at)
    record(
        kind=kind,
        by=by,
        subject=subject(dataset.pk),
        at=at,
        details={"field": one.name, "levels": len(own.levels), "values": len(own.rows)},
    )
