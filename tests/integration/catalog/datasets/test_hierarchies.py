"""A producer gives a field its own levels, in the pages and over the API, until it is published."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from catalog.datasets import actions, coarsening, dictionary, queries
from catalog.datasets.models import Dataset, Field
from catalog.datasets.states import ReleaseState
from catalog.vault import actions as vault
from hub.audit.queries import events
from hub.kernel.refusals import Invalid, Refused, Unknown
from tests.integration.catalog.datasets.test_bad_inputs import put
from tests.integration.catalog.files import (
    PERSONAL,
    finish_fields,
    give,
    register,
    take_in,
)
from tests.people import Caller, ada, grace

pytestmark = pytest.mark.django_db
PUPILS = "ine;commune;classe;note\n" + "".join(
    f"{number:09}AA;{commune};{number % 3};12,5\n"
    for number in range(60)
    for commune in [("54395", "54528", "57463")[number % 3]]
)
LINES = "commune;bassin;département\n54395;Nancy;54\n54528;Nancy;54\n57463;Metz;57\n"


@pytest.fixture
def dataset() -> Dataset:
    found = register(grace(), **PERSONAL)
    give(grace(), found.pk, PUPILS)
    finish_fields(grace().actor, found.pk)
    return found


def field(dataset: Dataset, name: str = "commune") -> Field:
    fields = queries.fields_of(queries.worked_release(dataset))
    return next(one for one in fields if one.name == name)


def given(dataset: Dataset, name: str = "commune", lines: str = LINES) -> Field:
    return coarsening.give_hierarchy(
        dataset_id=dataset.pk,
        name=name,
        content=lines.encode(),
        by=grace().actor,
        at=timezone.now(),
    )


def published(dataset: Dataset) -> None:
    take_in(grace().actor, dataset.pk)
    vault.publish(dataset_id=dataset.pk, by=grace().actor, at=timezone.now())


def codes(caught: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [one.code for one in caught.value.refusals]


# -- the API ----------------------------------------------------------------------------------------


def test_a_hierarchy_is_given_read_and_removed_with_calls(dataset: Dataset) -> None:
    api, path = grace().api(), f"datasets/{dataset.slug}/fields/commune/hierarchy"
    assert api.get(path).status_code == 404

    answer = put(grace(), path, LINES.encode())
    assert answer.status_code == 200
    assert answer.json()["hierarchy_levels"] == ["bassin", "département"]
    assert answer["ETag"] == api.get(f"datasets/{dataset.slug}")["ETag"]
    read = api.get(path)
    assert read.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert read.content.decode() == LINES
    event = events(subject=f"dataset:{dataset.pk}", kind="release.hierarchy_given").get()
    assert event.details == {"field": "commune", "levels": 2, "values": 3}

    assert api.delete(path).json()["hierarchy_levels"] == []
    assert api.delete(path).status_code == 404
    assert events(subject=f"dataset:{dataset.pk}", kind="release.hierarchy_removed").exists()


def test_what_is_wrong_is_said_line_by_line_and_changes_nothing(dataset: Dataset) -> None:
    path = f"datasets/{dataset.slug}/fields/commune/hierarchy"
    given(dataset)
    answer = put(grace(), path, b"54395;Nancy;54\n54395;Nancy;57\n57463;Metz\n")
    assert answer.status_code == 422
    refusals = answer.json()["refusals"]
    assert [one["code"] for one in refusals] == ["hierarchy-value-twice", "hierarchy-line"]
    assert "54395" not in answer.content.decode()
    assert put(grace(), path, b"x" * (9 << 20)).status_code == 422
    assert put(grace(), f"datasets/{dataset.slug}/fields/nom/hierarchy", b"").status_code == 404
    stale = put(grace(), path, LINES.encode(), HTTP_IF_MATCH='"1"')
    assert stale.status_code == 412
    assert field(dataset).hierarchy_levels == ["bassin", "département"]


def test_readers_read_the_levels_of_what_is_published_and_nobody_elses(dataset: Dataset) -> None:
    path = f"datasets/{dataset.slug}/fields/commune/hierarchy"
    given(dataset)
    assert Caller().get(path).status_code == 404
    published(dataset)
    assert Caller().get(path).content.decode() == LINES
    fields = {one["name"]: one for one in Caller().get(f"datasets/{dataset.slug}/fields").json()}
    assert fields["commune"]["hierarchy_levels"] == ["bassin", "département"]
    page = Client().get(f"/datasets/{dataset.slug}").text
    assert f'bassin, département (<a href="/api/v1/{path}">' in page
    assert put(ada(), path, LINES.encode()).status_code == 403


# -- the pages --------------------------------------------------------------------------------------


def test_a_hierarchy_is_pasted_uploaded_and_removed_in_the_pages(dataset: Dataset) -> None:
    browser = grace().browser()
    path = f"/my/datasets/{dataset.slug}/fields/{field(dataset).position}/hierarchy"
    assert path in browser.get(f"/my/datasets/{dataset.slug}/fields").text
    assert browser.get(path).status_code == 200

    assert browser.post(path, {}).status_code == 422
    wrong = browser.post(path, {"lines": "54395"})
    assert wrong.status_code == 422
    assert 'data-code="hierarchy-without-level"' in wrong.text
    assert browser.post(path, {"lines": LINES.replace("\n", "\r\n")}).status_code == 302
    assert "bassin" in browser.get(path).text
    file = SimpleUploadedFile("levels.csv", LINES.replace("bassin", "zone").encode())
    assert browser.post(path, {"file": file}).status_code == 302
    assert field(dataset).hierarchy_levels == ["zone", "département"]
    assert browser.post(path, {"remove": "1", "version": "1"}).status_code == 422
    assert browser.post(path, {"remove": "1"}).status_code == 302
    assert browser.post(path, {"remove": "1"}).status_code == 404
    assert field(dataset).hierarchy_levels == []
    nowhere = f"/my/datasets/{dataset.slug}/fields/99/hierarchy"
    assert browser.get(nowhere).status_code == 404


def test_a_long_hierarchy_is_shown_by_its_first_lines(dataset: Dataset) -> None:
    given(dataset, lines="".join(f"{number};{number % 7}\n" for number in range(30)))
    page = grace().browser().get(f"/my/datasets/{dataset.slug}/fields/2/hierarchy").text
    assert "<td>19</td>" in page
    assert "<td>20</td>" not in page
    assert f"/api/v1/datasets/{dataset.slug}/fields/commune/hierarchy" in page


# -- rules ------------------------------------------------------------------------------------------


def test_the_values_must_all_be_known_when_the_rows_are_taken_in(dataset: Dataset) -> None:
    given(dataset, lines="54395;54\n54528;54\n")
    given(dataset, "classe", "0;x\n1;x\n2;y\n")
    job = take_in(grace().actor, dataset.pk)
    assert [one["code"] for one in job.refusals] == ["hierarchy-lacks"]
    assert job.refusals[0]["values"] == {"field": "commune", "count": 20, "row": 3}
    given(dataset)
    assert take_in(grace().actor, dataset.pk).state == "done"


def test_levels_do_not_change_once_rows_are_taken_in_or_published(dataset: Dataset) -> None:
    given(dataset)
    take_in(grace().actor, dataset.pk)
    with pytest.raises(Refused) as caught:
        given(dataset)
    assert codes(caught) == ["hierarchy-taken-in"]
    vault.publish(dataset_id=dataset.pk, by=grace().actor, at=timezone.now())
    with pytest.raises(Refused) as caught:
        given(dataset)
    assert codes(caught) == ["hierarchy-published"]
    with pytest.raises(Refused) as caught:
        coarsening.take_hierarchy_away(
            dataset_id=dataset.pk, name="commune", by=grace().actor, at=timezone.now()
        )
    assert codes(caught) == ["hierarchy-published"]
    page = grace().browser().get(f"/my/datasets/{dataset.slug}/fields/2/hierarchy").text
    assert 'name="lines"' not in page
    assert 'name="remove"' not in page


def test_levels_do_not_change_while_rows_are_taken_in(dataset: Dataset) -> None:
    dataset.releases.update(state=ReleaseState.INGESTING)
    with pytest.raises(Refused) as caught:
        given(dataset)
    assert codes(caught) == ["release-in-preparation"]
    empty = register(grace(), "Empty", **PERSONAL)
    with pytest.raises(Refused) as caught:
        given(empty)
    assert codes(caught) == ["nothing-prepared"]


def test_a_field_that_names_a_person_has_no_levels(dataset: Dataset) -> None:
    with pytest.raises(Refused) as caught:
        given(dataset, "ine", "a;b")
    assert codes(caught) == ["hierarchy-of-a-person"]
    with pytest.raises(Refused) as caught:
        given(dataset, "note", "a;b")
    assert codes(caught) == ["hierarchy-of-this-type"]
    with pytest.raises(Invalid) as wrong:
        given(dataset, lines="".join(f"enfant{n}@example.org;x\n" for n in range(40)))
    assert codes(wrong) == ["level_contradicted"]
    with pytest.raises(Unknown):
        given(dataset, "nom")


def test_levels_go_with_a_field_that_comes_to_name_a_person(dataset: Dataset) -> None:
    given(dataset)
    with pytest.raises(Invalid) as caught:
        changed(dataset, {"commune": {"type": "number"}})
    assert codes(caught) == ["hierarchy-of-its-type"]
    changed(dataset, {"commune": {"label": "Commune", "level": 3}})
    assert field(dataset).hierarchy_levels
    changed(dataset, {"commune": {"semantic_type": "person_name", "level": 5}})
    assert (field(dataset).hierarchy_levels, field(dataset).hierarchy) == ([], "")


def changed(dataset: Dataset, changes: dict[str, dict[str, object]]) -> None:
    dictionary.change_fields(
        dataset_id=dataset.pk, changes=changes, by=grace().actor, at=timezone.now()
    )


def test_a_new_release_keeps_the_levels_of_the_fields_that_it_keeps(dataset: Dataset) -> None:
    given(dataset)
    published(dataset)
    at = timezone.now() + timedelta(days=1)
    actions.open_release(dataset_id=dataset.pk, label="2030", by=grace().actor, at=at)
    give(grace(), dataset.pk, PUPILS)
    assert field(dataset).hierarchy_levels == ["bassin", "département"]
    give(grace(), dataset.pk, PUPILS.replace("54395", "5,4").replace("54528", "4,5"))
    assert field(dataset).type == "number" or field(dataset).hierarchy_levels


def test_lists_of_datasets_leave_the_lines_where_they_are(dataset: Dataset) -> None:
    given(dataset)
    published(dataset)
    [listed] = queries.published_datasets()
    whole = queries.snapshot(dataset.slug)
    in_list, alone = listed.field("commune"), whole.field("commune")
    assert in_list is not None
    assert alone is not None
    assert in_list.own_hierarchy is not None
    assert (in_list.own_hierarchy.levels, in_list.own_hierarchy.rows) == (
        ("bassin", "département"),
        (),
    )
    assert alone.own_hierarchy is not None
    assert len(alone.own_hierarchy.rows) == 3
    assert queries.published_datasets()[0].field("note") is not None
