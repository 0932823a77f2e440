"""On whose side of some datasets an officer stands: decided object by object, never by a role alone."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, cast
from uuid import UUID

from django.conf import settings
from django.db.models import Model, Q, QuerySet
from guardian.shortcuts import get_users_with_perms

from hub.people.models import Membership, Organisation, User
from hub.people.permissions import DATASET_SIDE, Actor, Permission, Role
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
    return _operator().filter(pk=actor.organisation_id).exists()


def _operator() -> QuerySet[Organisation]:
    """Return the organisation that runs the hub, when the settings name one."""
    return Organisation.objects.filter(name=settings.HUB_OPERATOR or None)


def person(actor: Actor) -> UUID:
    """Return the person who acts, where the hub itself cannot be the one."""
    if actor.user_id is None:
        raise AssertionError("an act of a person without a person")
    return actor.user_id


def _entitled(
    actor: Actor, permission: Permission, datasets: Iterable[Produced]
) -> frozenset[UUID]:
    return frozenset(
        dataset.pk
        for dataset in datasets
        if is_entitled(actor, permission, cast("Model", dataset), producer=dataset.producer)
    )


def people_with(permission: Permission, datasets: Iterable[Produced], at: datetime) -> set[UUID]:
    """Return the people who hold a permission on some datasets, with its role, at a moment."""
    role, on_producer = DATASET_SIDE[permission]
    held: set[UUID] = set()
    for dataset in datasets:
        for thing, name in ((dataset, permission), (dataset.producer, on_producer)):
            found = get_users_with_perms(
                cast("Model", thing),
                only_with_perms_in=[name.split(".")[1]],
                with_group_users=False,
                with_superusers=False,
            )
            held |= {user.pk for user in cast("QuerySet[User]", found)}
    return {
        membership.user_id
        for membership in _memberships(at).filter(user_id__in=held, roles__contains=[role])
    }


def dpos_of(datasets: Iterable[Produced], at: datetime) -> set[UUID]:
    """Return the data protection officers of the producers of some datasets."""
    return _dpos({dataset.producer.pk for dataset in datasets}, at)


def dpos_of_the_hub(at: datetime) -> set[UUID]:
    """Return the data protection officers of the organisation that runs the hub."""
    return _dpos(set(_operator().values_list("pk", flat=True)), at)


def _dpos(organisations: set[UUID], at: datetime) -> set[UUID]:
    found = _memberships(at).filter(organisation_id__in=organisations, roles__contains=[Role.DPO])
    return {membership.user_id for membership in found}


def _memberships(at: datetime) -> QuerySet[Membership]:
    return Membership.objects.filter(starts_at__lte=at, user__is_active=True).filter(
        Q(ends_at=None) | Q(ends_at__gt=at)
    )
