"""The guided path of a registration: its steps, which are done, which comes next."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from catalog.datasets import queries
from catalog.datasets.models import Dataset

TITLES: Mapping[str, str] = {
    "describe": _("Describe the data"),
    "data": _("Give the rows"),
    "fields": _("Confirm the fields"),
    "conditions": _("Set the conditions"),
    "publish": _("Publish"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step, as the path shows it."""

    name: str
    title: str
    url_name: str
    number: int
    is_here: bool
    is_reachable: bool


@dataclass(frozen=True, slots=True)
class Path:
    """Where a person is on the path."""

    here: Step | None
    following: Step | None
    steps: tuple[Step, ...]


def steps_of(name: str, dataset: Dataset | None) -> Path:
    """Return the path of a dataset, seen from one of its steps."""
    has_fields = dataset is not None and bool(queries.fields_of(queries.worked_release(dataset)))
    steps = tuple(
        Step(
            name=one,
            title=title,
            url_name=f"dataset_{one}",
            number=number,
            is_here=one == name,
            is_reachable=dataset is not None and (one != "fields" or has_fields),
        )
        for number, (one, title) in enumerate(TITLES.items(), start=1)
    )
    here = next((step for step in steps if step.is_here), None)
    following = next((step for step in steps if here and step.number == here.number + 1), None)
    return Path(here, following, steps)
