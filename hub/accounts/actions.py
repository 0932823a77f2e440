"""Write accounts as people and administrators change them; every change is in the trail."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from hub.audit.actions import record
from hub.kernel.refusals import Forbidden, Invalid, Refusal
from hub.people.actions import set_organisation_permissions
from hub.people.models import ApiToken, Membership, Organisation, User
from hub.people.permissions import Actor, Scope

LONGEST_TOKEN = timedelta(days=365)


@transaction.atomic
def change_membership(*, membership: Membership, by: Actor, at: datetime) -> None:
    """
    Write a membership as an administrator of the hub gave it, with what its roles open.

    :raises Forbidden: when they give themselves a role
    """
    if membership.user_id == by.user_id:
        raise Forbidden([Refusal("own-role", "Nobody gives themselves a role.")])
    membership.save()
    set_organisation_permissions(user=membership.user, organisation=membership.organisation, at=at)
    record(
        kind="membership.changed",
        by=by,
        subject=f"membership:{membership.pk}",
        at=at,
        details={"roles": sorted(membership.roles), "profile": membership.profile},
    )


@transaction.atomic
def change_organisation(*, organisation: Organisation, by: Actor, at: datetime) -> None:
    """Write an organisation as an administrator of the hub described it."""
    organisation.save()
    record(kind="organisation.changed", by=by, subject=f"organisation:{organisation.pk}", at=at)


@transaction.atomic
def change_account(*, user: User, by: Actor, at: datetime) -> None:
    """Open, rename or close an account; a new one has no password until its holder sets one."""
    if not user.password:
        user.set_unusable_password()
    user.save()
    record(
        kind="account.changed",
        by=by,
        subject=f"user:{user.pk}",
        at=at,
        details={"active": user.is_active},
    )


@transaction.atomic
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
    record(
        kind="token.created",
        by=by,
        subject=f"token:{token.id}",
        at=at,
        details={"scopes": sorted(scopes), "days": days},
    )
    return token, text


@transaction.atomic
def revoke_token(*, by: Actor, token_id: UUID, at: datetime) -> bool:
    """Destroy one of the actor's own tokens; tell whether there was one."""
    deleted, _rows = ApiToken.objects.filter(user_id=by.user_id, id=token_id).delete()
    if deleted:
        record(kind="token.revoked", by=by, subject=f"token:{token_id}", at=at)
    return bool(deleted)
