"""Who people are here: profiles, roles, permissions by name, and the actor of an act. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Kind(StrEnum):
    """What an organisation is."""

    STATE = "state"
    AUTHORITY = "authority"
    EDTECH = "edtech"
    RESEARCH = "research"
    SCHOOL = "school"


class Profile(StrEnum):
    """In which capacity a person comes to the hub. Each profile has its charter."""

    PRODUCER = "producer"
    RESEARCHER = "researcher"
    AUTHORITY = "authority"
    SCHOOL = "school"
    EDTECH = "edtech"
    CITIZEN = "citizen"


class Role(StrEnum):
    """What a person may be asked to do, in one organisation or for the hub."""

    EDITOR = "editor"
    STEWARD = "steward"
    SIGNATORY = "signatory"
    DPO = "dpo"
    COMMITTEE = "committee"
    AUDITOR = "auditor"
    HUB_ADMIN = "hub_admin"


OFFICERS = frozenset(Role) - {Role.EDITOR}
"""Roles that open the administration, and ask for a second factor."""


class Permission(StrEnum):
    """Every object permission of the hub, as Django and guardian spell it."""

    EDIT_ORGANISATION = "hub.edit_data_of_organisation"
    STEWARD_ORGANISATION = "hub.steward_data_of_organisation"
    SIGN_ORGANISATION = "hub.sign_for_organisation"
    EDIT_DATASET = "catalog.edit_dataset"
    STEWARD_DATASET = "catalog.steward_dataset"
    SIGN_DATASET = "catalog.sign_dataset"


GRANTED_WITH_ROLE: Mapping[Role, Permission] = {
    Role.EDITOR: Permission.EDIT_ORGANISATION,
    Role.STEWARD: Permission.STEWARD_ORGANISATION,
    Role.SIGNATORY: Permission.SIGN_ORGANISATION,
}
"""The permission on their organisation that people receive with a role."""

DATASET_SIDE: Mapping[Permission, tuple[Role, Permission]] = {
    Permission.EDIT_DATASET: (Role.EDITOR, Permission.EDIT_ORGANISATION),
    Permission.STEWARD_DATASET: (Role.STEWARD, Permission.STEWARD_ORGANISATION),
    Permission.SIGN_DATASET: (Role.SIGNATORY, Permission.SIGN_ORGANISATION),
}
"""For a permission on a dataset: the role that it needs, and the permission on its producer."""


class Scope(StrEnum):
    """What a personal token of the API may be used for."""

    READ = "read"
    CATALOGUE = "catalogue"
    REQUESTS = "requests"
    DECISIONS = "decisions"
    CONSENTS = "consents"
    DOWNLOADS = "downloads"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody acting as one of their memberships; ``user_id`` is None for the hub itself."""

    user_id: UUID | None
    membership_id: UUID | None = None
    organisation_id: UUID | None = None
    profile: Profile | None = None
    roles: frozenset[Role] = frozenset()

    @property
    def name(self) -> str:
        """Return the opaque name under which the trail knows the actor."""
        return f"user:{self.user_id}" if self.user_id else "hub"

    @property
    def acting_as(self) -> str:
        """Return the membership of the act, empty when there is none."""
        return f"membership:{self.membership_id}" if self.membership_id else ""


HUB = Actor(user_id=None)
"""The hub itself: time, jobs, set-up."""
