"""The enumerations whose words the pages show."""

from enum import Enum

from hub.people.permissions import Kind, Profile, Role

ENUMERATIONS: tuple[type[Enum], ...] = (Kind, Profile, Role)
