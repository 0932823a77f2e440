"""Write who people are: organisations and memberships."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from guardian.shortcuts import assign_perm, remove_perm

from hub.people.models import Membership, Organisation, User
from hub.people.permissions import GRANTED_WITH_ROLE, Kind, Profile, Role


def found_organisation(*, slug: str, name: str, kind: Kind, **details: Any) -> Organisation:
    """Create an organisation, or bring the one of that slug up to date."""
    organisation, _created = Organisation.objects.update_or_create(
        slug=slug, defaults={"name": name, "kind": kind, **details}
    )
    return organisation


@transaction.atomic
def join(
    *,
    user: User,
    organisation: Organisation,
    profile: Profile,
    roles: frozenset[Role] = frozenset(),
    at: datetime,
) -> Membership:
    """Let a person into an organisation, with the permissions on it that their roles carry."""
    membership, _created = Membership.objects.update_or_create(
        user=user,
        organisation=organisation,
        profile=profile,
        defaults={"roles": sorted(roles), "ends_at": None},
        create_defaults={"roles": sorted(roles), "starts_at": at},
    )
    set_organisation_permissions(user=user, organisation=organisation, at=at)
    return membership


@transaction.atomic
def leave(*, membership: Membership, at: datetime) -> None:
    """End a membership, and what it opened."""
    membership.ends_at = at
    membership.save(update_fields=["ends_at"])
    set_organisation_permissions(user=membership.user, organisation=membership.organisation, at=at)


def set_organisation_permissions(*, user: User, organisation: Organisation, at: datetime) -> None:
    """Make guardian's permissions on an organisation those of the person's roles in it."""
    theirs = Membership.objects.filter(user=user, organisation=organisation)
    held = {
        Role(role)
        for membership in theirs.filter(Q(ends_at=None) | Q(ends_at__gt=at))
        for role in membership.roles
    }
    for role, permission in GRANTED_WITH_ROLE.items():
        change = assign_perm if role in held else remove_perm
        change(permission, user, organisation)
