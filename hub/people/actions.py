"""Write who people are: organisations, memberships, tokens."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from guardian.shortcuts import assign_perm, remove_perm

from hub.kernel.refusals import Invalid, Refusal
from hub.people.models import ApiToken, Membership, Organisation, User
from hub.people.permissions import GRANTED_WITH_ROLE, Actor, Kind, Profile, Role, Scope

LONGEST_TOKEN = timedelta(days=365)


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
    set_organisation_permissions(user=user, organisation=organisation)
    return membership


@transaction.atomic
def leave(*, membership: Membership, at: datetime) -> None:
    """End a membership, and what it opened."""
    membership.ends_at = at
    membership.save(update_fields=["ends_at"])
    set_organisation_permissions(user=membership.user, organisation=membership.organisation)


def set_organisation_permissions(*, user: User, organisation: Organisation) -> None:
    """Make guardian's permissions on an organisation those of the person's roles in it."""
    held = {
        Role(role)
        for membership in Membership.objects.filter(
            user=user, organisation=organisation, ends_at=None
        )
        for role in membership.roles
    }
    for role, permission in GRANTED_WITH_ROLE.items():
        change = assign_perm if role in held else remove_perm
        change(permission, user, organisation)


def create_token(
    *, by: Actor, label: str, scopes: frozenset[Scope], days: int, at: datetime
) -> tuple[ApiToken, str]:
    """
    Create a personal token; the text is returned once and cannot be had again.

    :raises Invalid: when it has no label, no scope, or too long a life
    """
    refusals = []
    if not label.strip():
        refusals.append(Refusal("no-label", "Give the token a label.", about="label"))
    if not scopes:
        refusals.append(Refusal("no-scope", "Choose at least one scope.", about="scopes"))
    if not 1 <= days <= LONGEST_TOKEN.days:
        refusals.append(
            Refusal(
                "token-life",
                "A token lives from 1 to %(days)s days.",
                values={"days": LONGEST_TOKEN.days},
                about="days",
            )
        )
    if refusals:
        raise Invalid(refusals)
    # The token's manager adds the duration to the clock itself.
    token, text = ApiToken.objects.create(
        user=User.objects.get(pk=by.user_id or ""),
        expiry=timedelta(days=days),
        membership_id=by.membership_id,
        label=label.strip(),
        scopes=sorted(scopes),
    )
    return token, text


def revoke_token(*, by: Actor, token_id: UUID) -> bool:
    """Destroy one of the actor's own tokens; tell whether there was one."""
    deleted, _rows = ApiToken.objects.filter(user_id=by.user_id, id=token_id).delete()
    return bool(deleted)
