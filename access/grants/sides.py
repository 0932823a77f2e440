"""On whose side of some datasets an officer stands: decided object by object, never by a role alone."""

from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from django.conf import settings

from hub.people.models import Organisation
from hub.people.permissions import Actor, Permission, Role
from hub.people.queries import is_entitled


class Produced(Protocol):
    """A dataset, as far as its side matters."""

    @property
    def pk(self) -> UUID: ...

    @property
    def producer(self) -> Organisation: ...


def signs(actor: Actor, datasets: Iterable[Produced]) -> frozenset[UUID]:
    """Return the datasets for which an actor signs."""
    return _entitled(actor, Permission.SIGN_DATASET, datasets)


def stewards(actor: Actor, datasets: Iterable[Produced]) -> frozenset[UUID]:
    """Return the datasets on which an actor examines requests."""
    return _entitled(actor, Permission.STEWARD_DATASET, datasets)


def advises_as_dpo(actor: Actor, datasets: Iterable[Produced]) -> bool:
    """Tell whether an actor is the data protection officer of a producer, or of the hub."""
    if Role.DPO not in actor.roles or actor.organisation_id is None:
        return False
    if any(dataset.producer.pk == actor.organisation_id for dataset in datasets):
        return True
    operator = Organisation.objects.filter(name=settings.HUB_OPERATOR or None)
    return operator.filter(pk=actor.organisation_id).exists()


def _entitled(
    actor: Actor, permission: Permission, datasets: Iterable[Produced]
) -> frozenset[UUID]:
    return frozenset(
        dataset.pk
        for dataset in datasets
        if is_entitled(actor, permission, dataset, producer=dataset.producer)
    )
