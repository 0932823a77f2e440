"""Who an invited address belongs to: never shown, looked up again until somebody answers."""

from datetime import datetime
from uuid import UUID

from access.requests.models import AccessRequest, TeamMember
from hub.people.models import Membership
from hub.people.queries import active_memberships


def resolve(request: AccessRequest, at: datetime) -> None:
    """Find the members of organisations behind the addresses of a team."""
    for member in TeamMember.objects.filter(request=request, user=None):
        answer(member, at)


def answer(member: TeamMember, at: datetime) -> Membership | None:
    """
    Find who an invited address belongs to, when it is a member of an organisation.

    An account alone does not count: anyone may open one under any address, an organisation
    vouches for its members.
    """
    found = (
        Membership.objects.filter(user__email__iexact=member.email, user__is_active=True)
        .order_by("id")
        .first()
    )
    if found is None:
        return None
    membership = active_memberships(user_id=found.user_id, at=at).first()
    if membership is not None:
        member.user_id = membership.user_id
        member.save(update_fields=["user"])
    return membership


def grantees(request: AccessRequest, at: datetime) -> list[tuple[UUID, UUID]]:
    """Return (user, membership) of those whom a grant of this request names, each once."""
    people = {request.applicant_id: request.membership_id}
    for member in request.team.all():
        if member.user_id is None or member.user_id in people:
            continue
        membership = active_memberships(user_id=member.user_id, at=at).first()
        if membership is not None:
            people[member.user_id] = membership.pk
    return list(people.items())
