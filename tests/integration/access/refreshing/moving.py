"""What the tests of newer releases share: a release, the two steps, and a grant that moved."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from access.extracts.models import Extract
from access.refreshing import actions
from access.refreshing.models import ReleaseChange
from catalog.datasets.models import Dataset, Release
from tests import people
from tests.factories import catalogue, vault
from tests.integration.access.extracts.making import granted, made
from tests.people import Person

WHY = "The same data, one year later."


def newer(dataset: Dataset, number: int = 2_000, label: str = "2026", **changed: Any) -> Release:
    """Publish a newer release of a dataset, of the same columns."""
    former = Release.objects.filter(dataset=dataset).latest("published_at")
    assert former.schema is not None
    release = catalogue.release(
        dataset,
        schema=former.schema,
        label=label,
        published_at=timezone.now() - timedelta(minutes=1),
    )
    vault.keep(dataset, {**vault.pupils(number), **changed}, release=release)
    return release


def ask(grant: UUID, dataset: Dataset, by: Person | None = None) -> ReleaseChange:
    actor = (by or people.ada()).actor
    return actions.ask(grant_id=grant, dataset_id=dataset.pk, by=actor, at=timezone.now())


def decide(
    grant: UUID,
    dataset: Dataset,
    by: Person | None = None,
    *,
    follow: bool = True,
    reason: str = WHY,
) -> ReleaseChange:
    return actions.decide(
        grant_id=grant,
        dataset_id=dataset.pk,
        follow=follow,
        reason=reason,
        by=(by or people.grace()).actor,
        at=timezone.now(),
    )


def codes(caught: Any) -> list[str]:
    return [one.code for one in caught.value.refusals]


def moved() -> tuple[Dataset, UUID, Extract]:
    """Return a grant that followed a newer release, and its extract of the former one."""
    dataset = vault.dataset_of_pupils()
    grant = granted(dataset)
    former = made(grant)
    newer(dataset)
    ask(grant, dataset)
    decide(grant, dataset)
    return dataset, grant, former
