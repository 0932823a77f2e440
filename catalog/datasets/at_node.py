"""Releases whose rows stay at a producer's node: what it offers, chosen, taken in over there."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from catalog.datasets import queries
from catalog.datasets.models import Dataset, Release, Source
from catalog.datasets.profiles import MISSING_TOKENS, ColumnProfile, from_counts
from catalog.datasets.sources import attach
from catalog.datasets.states import SourceKind
from catalog.nodes import actions as nodes, queries as registry
from hub.kernel.refusals import Invalid, Refusal
from hub.people.permissions import Actor

AT_A_NODE = Q(release__source__kind=SourceKind.NODE)
"""The condition of a row about a release whose rows are at a node."""


@dataclass(frozen=True, slots=True)
class Staying:
    """Where the rows of a release stay, and what was approved of them."""

    node_id: UUID
    source: str
    digest: str
    rows: int | None


def staying(release_id: UUID) -> Staying | None:
    """Return where the rows of a release stay, None when they are in the vault."""
    source = (
        Source.objects.select_related("release")
        .filter(release_id=release_id, kind=SourceKind.NODE)
        .first()
    )
    if source is None or source.node_id is None:
        return None
    return Staying(
        source.node_id, source.table_name, source.content_digest, source.release.row_count
    )


def of_nodes(node_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """Return the titles of the datasets that have rows at each of these nodes."""
    found: dict[UUID, list[str]] = {one: [] for one in node_ids}
    kept = Dataset.objects.filter(releases__source__node__in=found).distinct().order_by("title")
    for node_id, title in kept.values_list("releases__source__node_id", "title"):
        if title not in found[node_id]:
            found[node_id].append(title)
    return found


def leave(
    *,
    dataset_id: UUID,
    node_id: UUID,
    name: str,
    expected: int | None = None,
    by: Actor,
    at: datetime,
) -> Release:
    """
    Let the rows of the prepared release stay at a node, and propose its fields from their counts.

    :raises Unknown: when no active node of the dataset's producer offers a source of that name
    :raises Refused: when no release is open to a new source
    :raises Stale: when somebody changed the dataset meanwhile
    """
    dataset = queries.find_own(by, dataset_id)
    offered = registry.offered(node_id=node_id, name=name, organisation_id=dataset.producer_id)
    profiles = profiles_of(offered.columns)
    return attach(
        dataset_id=dataset_id,
        profiles=profiles,
        expected=expected,
        by=by,
        at=at,
        values={
            "kind": SourceKind.NODE,
            "node_id": offered.node_id,
            "table_name": offered.name,
            "row_count": offered.rows,
        },
    )


def note_content(release_id: UUID, digest: str) -> None:
    """Note what a node said of the content of the rows that it took in."""
    Source.objects.filter(release_id=release_id, kind=SourceKind.NODE).update(
        content_digest=digest
    )


def announce(*, node_id: UUID, sources: Sequence[Mapping[str, Any]], at: datetime) -> None:
    """
    Note what a node offers: counts about columns, and not one cell.

    :raises Invalid: when two sources or two columns have one name, or a word for "missing" is none
    """
    refusals = []
    names = [str(one["name"]) for one in sources]
    if len(set(names)) != len(names):
        refusals.append(_not_counts("sources"))
    for one in sources:
        profiles = profiles_of(one["columns"])
        columns = [profile.name for profile in profiles]
        said = {word for profile in profiles for word in profile.missing_tokens}
        if len(set(columns)) != len(columns) or not all(map(_means_missing, said)):
            refusals.append(_not_counts(str(one["name"])))
    if refusals:
        raise Invalid(refusals)
    nodes.offer(node_id=node_id, sources=sources, at=at)


def profiles_of(columns: Sequence[Mapping[str, Any]]) -> list[ColumnProfile]:
    """Return the profiles of columns that a node announced."""
    return [from_counts(str(one["name"]), one) for one in columns]


def _means_missing(word: str) -> bool:
    return word.strip().upper() in MISSING_TOKENS


def _not_counts(about: str) -> Refusal:
    return Refusal(
        "not-counts",
        "What the node says of its sources is not what a node says.",
        "Use the same version of the node as the hub's.",
        about=about,
    )
