"""The enumerations whose words the pages show."""

import pkgutil
from collections.abc import Iterator
from enum import Enum
from importlib import import_module

import access
import catalog
from access.extracts.workflow import Part as ExtractPart, State as ExtractState
from catalog.vocabularies.labelled import Labelled
from hub.people.permissions import Kind, Profile, Role

BY_VALUE: tuple[type[Enum], ...] = (Kind, Profile, Role, ExtractState, ExtractPart)


def enumerations() -> Iterator[type[Enum]]:
    """Yield the enumerations that carry labels, and those whose values are shown."""
    for app in (catalog, access):
        for module in pkgutil.walk_packages(app.__path__, f"{app.__name__}."):
            import_module(module.name)
    yield from Labelled.__subclasses__()
    yield from BY_VALUE
