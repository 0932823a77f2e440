"""Read who people are, and what they are entitled to, at a moment."""

from datetime import datetime
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from guardian.core import ObjectPermissionChecker
from guardian.shortcuts import get_objects_for_user

from hub.people.models import ApiToken, Membership, Organisation, User
from hub.people.permissions import DATASET_SIDE, Actor, Permission, Profile, Role


def active_memberships(*, user_id: UUID, at: datetime) -> QuerySet[Membership]:
    """Return the memberships that a person holds at a moment, oldest first."""
    return (
        Membership.objects.filter(user_id=user_id, user__is_active=True, starts_at__lte=at)
        .filter(Q(ends_at=None) | Q(ends_at__gt=at))
        .select_related("organisation")
        .order_by("id")
    )


def actor_of(*, user: User, at: datetime, membership_id: UUID | None = None) -> Actor:
    """Return a person acting as the named membership, or as their first; bare if they have none."""
    memberships = list(active_memberships(user_id=user.pk, at=at))
    chosen = next((m for m in memberships if m.pk == membership_id), None)
    if chosen is None and membership_id is None:
        chosen = next(iter(memberships), None)
    if chosen is None:
        return Actor(user_id=user.pk)
    return Actor(
        user_id=user.pk,
        membership_id=chosen.pk,
        organisation_id=chosen.organisation_id,
        profile=Profile(chosen.profile),
        roles=frozenset(Role(role) for role in chosen.roles),
    )


def is_entitled(
    actor: Actor, permission: Permission, dataset: Model, *, producer: Organisation
) -> bool:
    """
    Tell whether an actor may do something with a dataset.

    It takes the role, in the capacity in which they act now, **and** guardian's permission on
    that dataset or on its producer: a role without an object opens nothing, and an object
    permission left behind when a membership ended opens nothing either. The permission on a
    producer counts for those who act as its members, whatever else they are elsewhere.
    """
    role, on_producer = DATASET_SIDE[permission]
    if actor.user_id is None or role not in actor.roles:
        return False
    user = User.objects.filter(pk=actor.user_id, is_active=True).first()
    if user is None:
        return False
    checker = ObjectPermissionChecker(user)
    if checker.has_perm(permission.split(".")[1], dataset):
        return True
    acts_for_it = actor.organisation_id == producer.pk
    return acts_for_it and bool(checker.has_perm(on_producer.split(".")[1], producer))


def producers_of(actor: Actor, permission: Permission) -> QuerySet[Organisation]:
    """Return the organisation for which an actor acts, if they hold its side of a permission."""
    role, on_producer = DATASET_SIDE[permission]
    if actor.user_id is None or actor.organisation_id is None or role not in actor.roles:
        return Organisation.objects.none()
    user = User.objects.get(pk=actor.user_id)
    found: QuerySet[Organisation] = get_objects_for_user(
        user, on_producer, klass=Organisation, accept_global_perms=False, with_superuser=False
    )
    return found.filter(pk=actor.organisation_id)


def organisations() -> QuerySet[Organisation]:
    """Return all organisations by name."""
    return Organisation.objects.order_by("name")


def people_by_id(ids: set[UUID]) -> dict[UUID, User]:
    """Return users by identifier; those who are gone are absent."""
    return {user.pk: user for user in User.objects.filter(pk__in=ids)}


def tokens_of(actor: Actor) -> QuerySet[ApiToken]:
    """Return the actor's own tokens, newest first."""
    found: QuerySet[ApiToken] = ApiToken.objects.filter(user_id=actor.user_id)
    return found.order_by("-created")
