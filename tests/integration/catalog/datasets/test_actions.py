from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from catalog.datasets import actions, dictionary, queries
from catalog.datasets.models import Dataset, Field
from catalog.datasets.snapshots import FieldSnapshot
from catalog.vault import actions as vault
from hub.kernel.refusals import Forbidden, Invalid, Refused, Stale, Unknown
from hub.outbox.models import Message
from tests.integration.catalog.files import (
    OPEN,
    PERSONAL,
    PUPILS,
    SCHOOLS,
    finish_fields,
    give,
    published,
    register,
    take_in,
)
from tests.people import ada, grace, katherine, noor

pytestmark = pytest.mark.django_db


def describe(dataset: Dataset, **changes: Any) -> Dataset:
    return actions.describe(
        dataset_id=dataset.pk, changes=changes, by=grace().actor, at=timezone.now()
    )


def change(dataset: Dataset, name: str, **values: Any) -> Field:
    fields = dictionary.change_fields(
        dataset_id=dataset.pk, changes={name: values}, by=grace().actor, at=timezone.now()
    )
    return next(one for one in fields if one.name == name)


def described(content: str = PUPILS) -> Dataset:
    dataset = register(grace(), **PERSONAL)
    give(grace(), dataset.pk, content)
    return dataset


def test_two_datasets_of_one_title_have_two_addresses() -> None:
    assert [register(grace(), "Same").slug for _ in range(3)] == ["same", "same-2", "same-3"]


def test_only_an_editor_of_the_producer_registers() -> None:
    for person in (ada(), noor()):
        with pytest.raises(Forbidden):
            register(person)
    with pytest.raises(Forbidden):
        register(grace(), producer_id=katherine().organisation.pk)


def test_a_published_dataset_must_stay_publishable() -> None:
    dataset = published(grace())
    with pytest.raises(Refused, match="summary"):
        describe(dataset, summary="")
    with pytest.raises(Refused, match="unit"):
        describe(dataset, unit="pupil")
    dataset.refresh_from_db()
    assert dataset.summary == OPEN["summary"]


def test_the_tier_of_a_published_release_is_tightened_and_never_loosened() -> None:
    dataset = published(grace())
    describe(dataset, declared_tier="extract", collection_basis="public_task", retention_months=1)
    assert queries.snapshot(dataset.pk).tier == "extract"
    with pytest.raises(Refused, match="never loosened"):
        describe(dataset, declared_tier="")


def test_a_tier_wider_than_the_fields_is_refused_at_publication() -> None:
    dataset = described()
    describe(dataset, declared_tier="open", licence="etalab-2.0")
    finish_fields(grace().actor, dataset.pk)
    take_in(grace().actor, dataset.pk)
    with pytest.raises(Refused) as refused:
        vault.publish(dataset_id=dataset.pk, by=grace().actor, at=timezone.now())
    assert "tier_too_loose" in {one.code for one in refused.value.refusals}


def test_publishing_what_somebody_changed_meanwhile_is_refused() -> None:
    dataset = register(grace(), **OPEN)
    give(grace(), dataset.pk, SCHOOLS)
    finish_fields(grace().actor, dataset.pk)
    take_in(grace().actor, dataset.pk)
    dataset.refresh_from_db()
    seen = dataset.version
    describe(dataset, summary="Changed")
    with pytest.raises(Stale):
        vault.publish(dataset_id=dataset.pk, expected=seen, by=grace().actor, at=timezone.now())


def test_nothing_prepared_is_nothing_to_publish() -> None:
    dataset = published(grace())
    with pytest.raises(Refused, match="being prepared"):
        vault.publish(dataset_id=dataset.pk, by=grace().actor, at=timezone.now())
    with pytest.raises(Refused, match="being prepared"):
        give(grace(), dataset.pk, SCHOOLS)


@pytest.mark.parametrize("label", ["", "x" * 101, "2026"])
def test_a_release_needs_a_label_of_its_own(label: str) -> None:
    dataset = published(grace(), title="Labelled")
    known = queries.releases_of(dataset).get().label
    with pytest.raises(Invalid):
        actions.open_release(
            dataset_id=dataset.pk,
            label=known if label == "2026" else label,
            by=grace().actor,
            at=timezone.now(),
        )


def test_withdrawing_owes_the_end_of_what_was_granted_once() -> None:
    dataset = published(grace())
    actions.withdraw(dataset_id=dataset.pk, reason="Wrong", by=grace().actor, at=timezone.now())
    message = Message.objects.get(event="dataset.withdrawn")
    assert message.payload == {"dataset_id": str(dataset.pk)}
    with pytest.raises(Refused):
        actions.withdraw(
            dataset_id=dataset.pk, reason="Again", by=grace().actor, at=timezone.now()
        )
    assert queries.snapshot(dataset.pk, published=False).state == "withdrawn"
    with pytest.raises(Unknown):
        queries.snapshot(dataset.pk)


@pytest.mark.parametrize(
    "values",
    [
        {"type": "colour"},
        {"semantic_type": "nothing"},
        {"level": 9},
        {"date_format": "american"},
        {"attribute": "school", "level": 5},
        {"attribute": "pupil"},
        {"is_subject": True},
        {"colour": "blue"},
    ],
)
def test_what_cannot_be_said_of_a_field_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        change(described(), "note", **values)


def test_a_field_that_is_not_there_is_refused() -> None:
    with pytest.raises(Invalid, match="nowhere"):
        change(described(), "nowhere", label="x")
    with pytest.raises(Refused):
        change(register(grace(), "Without rows"), "note", label="x")


def test_a_field_is_confirmed_unconfirmed_and_typed_again() -> None:
    dataset = described()
    assert change(dataset, "note", confirmed=True).level == 3
    assert not change(dataset, "note", confirmed=False).confirmed
    assert not change(dataset, "note", semantic_type="number").confirmed
    assert change(dataset, "note", level=2, type="number").type == "number"
    assert change(dataset, "note", level=None).level is None
    dates = change(dataset, "date_naissance", date_format="french", missing_values=["NC"])
    assert dates.reading == {"date_format": "french"}
    assert dates.missing_values == ["NC"]


def test_the_subject_may_be_another_identifier() -> None:
    dataset = described("id_eleve;ine;note\n" + "".join(f"{n};{n:09}AA;1\n" for n in range(40)))
    for name in ("ine", "id_eleve"):
        change(dataset, name, level=5, semantic_type={"ine": "ine"}.get(name, "pupil_id"))
    assert change(dataset, "ine", is_subject=True).is_subject
    other = change(dataset, "id_eleve", is_subject=True)
    assert other.is_subject
    assert other.attribute == "pupil@statistics"
    fields = queries.fields_of(queries.prepared_release(dataset))
    assert [one.name for one in fields if one.is_subject] == ["id_eleve"]
    renamed = change(dataset, "id_eleve", attribute="pupil@town")
    assert renamed.attribute == "pupil@town"


def test_an_example_of_a_sensitive_field_is_not_kept() -> None:
    dataset = described()
    assert change(dataset, "note", example="12", level=3).example == ""


def test_types_do_not_change_once_rows_are_in_but_harmless_levels_do() -> None:
    dataset = described()
    finish_fields(grace().actor, dataset.pk)
    take_in(grace().actor, dataset.pk)
    for values in ({"type": "text"}, {"level": 5}, {"missing_values": ["0"]}):
        with pytest.raises(Invalid, match="taken in"):
            change(dataset, "note", **values)
    assert change(dataset, "note", level=4).level == 4


def test_a_snapshot_says_what_the_plan_needs() -> None:
    dataset = published(grace(), PUPILS, **PERSONAL)
    found = queries.snapshot(dataset.slug)
    assert found == queries.snapshot(dataset.pk, found.release.id)
    assert [one.slug for one in queries.published_datasets()] == [dataset.slug]
    assert queries.published_datasets(ids=[uuid4()]) == []
    assert queries.published_datasets(producer_id=katherine().organisation.pk) == []
    note = found.field("note")
    assert isinstance(note, FieldSnapshot)
    assert (note.level, note.hierarchy, note.confidentiality) == (3, "number", 3)
    for missing in (uuid4(), "nothing"):
        with pytest.raises(Unknown):
            queries.snapshot(missing)
    with pytest.raises(Unknown):
        queries.snapshot(dataset.pk, uuid4())
    with pytest.raises(Unknown):
        queries.intake(uuid4())
    assert queries.current_tier(dataset) == "extract"
    assert queries.current_tier(register(grace(), "Draft")) is None


def test_a_draft_may_be_looked_at_as_a_snapshot_by_those_who_prepare_it() -> None:
    dataset = described()
    found = queries.snapshot(dataset.pk, published=False)
    assert found.release.tier is None
    assert found.tier == "extract"
    assert found.fields[0].level is None
