"""I12: pseudonyms of one person differ between projects, and between the datasets of a project."""

from typing import Any

import pytest
from django.utils import timezone

from access.extracts import actions, running
from access.extracts.models import Extract
from catalog.datasets.states import CrossingRule
from tests import people
from tests.factories import catalogue, requests, vault
from tests.integration.access.extracts.making import granted, made, object_to, rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_place")]


def pids(extract: Extract) -> set[object]:
    """Return the pseudonyms of a file."""
    return set(rows(extract).column("pid").to_pylist())


def test_two_projects_share_no_pseudonym() -> None:
    dataset = vault.dataset_of_pupils()

    mine, theirs = made(granted(dataset)), made(granted(dataset, people.linus()), people.linus())

    assert len(pids(mine)) > 1_800
    assert not pids(mine) & pids(theirs)


def test_two_requests_of_one_person_share_no_pseudonym() -> None:
    dataset, other = vault.dataset_of_pupils(), vault.dataset_of_pupils(slug="other")

    first, second = made(granted(dataset)), made(granted(other))

    assert not pids(first) & pids(second)


def test_two_datasets_of_one_project_share_none_without_crossing() -> None:
    datasets = [vault.dataset_of_pupils(), vault.dataset_of_pupils(slug="other")]
    grant = requests.approved(people.ada(), datasets).pk
    found = []
    for dataset in datasets:
        extract = actions.ask(
            grant_id=grant, dataset_id=dataset.pk, by=people.ada().actor, at=timezone.now()
        )
        running.run(extract_id=extract.pk, clock=timezone.now)
        found.append(pids(extract))

    assert not found[0] & found[1]


def test_two_datasets_of_one_project_share_them_where_crossing_was_granted_and_nowhere_else() -> (
    None
):
    about: dict[str, Any] = {"crossing_rule": CrossingRule.WITH_OPINION}
    results = vault.dataset_of_pupils(**about)
    other = catalogue.dataset("other", producer=people.town(), **about)
    vault.keep(other, vault.pupils(2_000))
    fields = [wish for wish in requests.FIELDS if wish.name != "date_naissance"]

    crossed = made(requests.crossed(people.ada(), [results, other], fields=fields).pk)
    again = made(
        requests.crossed(people.ada(), [results, other], fields=fields, purpose="evaluation").pk
    )
    apart = made(granted(results, people.linus()), people.linus())

    # A row is one of each dataset, about one person: there would be none without one pseudonym.
    assert rows(crossed).num_rows == 2_000
    assert not pids(crossed) & pids(again)
    assert not pids(crossed) & pids(apart)


def test_a_person_keeps_their_pseudonym_within_a_project() -> None:
    dataset = vault.dataset_of_pupils()
    grant = granted(dataset)
    first = made(grant)
    object_to(dataset, *vault.ines(10))

    second = made(grant)

    assert first != second
    assert pids(second) < pids(first)


def test_the_order_of_the_rows_links_no_two_projects() -> None:
    dataset = vault.dataset_of_pupils()

    mine, theirs = made(granted(dataset)), made(granted(dataset, people.linus()), people.linus())

    marks = [rows(extract).column("note").to_pylist() for extract in (mine, theirs)]
    assert sorted(marks[0]) == sorted(marks[1])
    assert marks[0] != marks[1]
