"""A crossing that was granted is one extract: joined, under the rules of every dataset of it."""

from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone
from frictionless import validate

from access.consents.queries import watermark
from access.extracts import actions, queries, recalls, running
from access.extracts.workflow import State
from access.grants.models import Grant
from catalog.datasets.models import Dataset
from catalog.datasets.states import CrossingRule, DatasetState
from catalog.vocabularies.levels import Tier
from hub.audit.queries import events
from hub.kernel.refusals import Refused
from tests import people
from tests.factories import catalogue, requests, vault
from tests.integration.access.extracts.making import (
    PUPILS,
    content,
    made,
    names_in,
    object_to,
    rows,
)

pytestmark = pytest.mark.django_db
HALF = len(PUPILS) // 2
CROSSED = CrossingRule.WITH_OPINION


def bases() -> tuple[Dataset, Dataset]:
    """Return the results of all pupils, and the canteen of the first half of them."""
    results = vault.dataset_of_pupils(crossing_rule=CROSSED)
    canteen = catalogue.dataset("canteen", producer=people.town(), crossing_rule=CROSSED)
    eaters = {name: values[:HALF] for name, values in vault.pupils(len(PUPILS)).items()}
    vault.keep(canteen, eaters)
    return results, canteen


def crossing(*datasets: Dataset) -> UUID:
    """Return a grant that crosses datasets, decided as the rules ask."""
    fields = [wish for wish in requests.FIELDS if wish.name != "date_naissance"]
    return requests.crossed(people.ada(), datasets, fields=fields).pk


def test_two_datasets_of_two_producers_come_joined_person_by_person() -> None:
    results, canteen = bases()

    extract = made(crossing(results, canteen))

    assert extract.state == State.READY, extract.failure
    table = rows(extract)
    assert set(table.column_names) == {
        *("pid", "sexe", "session", "note"),
        *("sexe_2", "session_2", "note_2"),
    }
    assert 0 < table.num_rows <= HALF
    assert len(set(table.column("pid").to_pylist())) == table.num_rows
    # The same pupils have the same facts in both: what is joined is of one person.
    assert table.column("note").to_pylist() == table.column("note_2").to_pylist()
    assert table.column("sexe").to_pylist() == table.column("sexe_2").to_pylist()


def test_its_bundle_says_where_everything_comes_from() -> None:
    results, canteen = bases()
    extract = made(crossing(results, canteen))

    account = content(extract, "account.en.md").decode()
    assert account.startswith("# ")
    assert "joined person by person" in account
    assert "“Dataset results” of" in account
    assert "“Dataset canteen” of" in account
    assert f"not in all the datasets: {len(PUPILS) - HALF:,}." in account
    dictionary = content(extract, "dictionary.csv").decode()
    assert "note_2,Dataset" in dictionary
    assert "the pseudonym of the person is already in the extract" in dictionary
    described = content(extract, "datapackage.json").decode()
    assert "Dataset canteen" in described
    shown = queries.one_for(actor=people.ada().actor, extract_id=extract.pk, at=timezone.now())
    assert {one.granted.dataset_id for one in shown.openings} == {results.pk, canteen.pk}


def test_the_package_of_a_crossing_is_valid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results, canteen = bases()
    extract = made(crossing(results, canteen))
    for name in ("datapackage.json", "data.csv", "data.parquet"):
        (tmp_path / name).write_bytes(content(extract, name))

    monkeypatch.chdir(tmp_path)
    report = validate("datapackage.json")

    assert report.valid, report.flatten(["message"])


def test_asking_for_either_dataset_is_asking_for_the_crossing() -> None:
    results, canteen = bases()
    grant, ada = crossing(results, canteen), people.ada().actor

    first = actions.ask(grant_id=grant, dataset_id=canteen.pk, by=ada, at=timezone.now())
    again = actions.ask(grant_id=grant, dataset_id=results.pk, by=ada, at=timezone.now())
    whole = actions.ask(grant_id=grant, by=ada, at=timezone.now())

    assert first == again == whole
    assert first.rows_total == len(PUPILS) + HALF


def test_who_objected_to_one_of_the_datasets_is_not_in_the_crossing() -> None:
    results, canteen = bases()
    object_to(results, *PUPILS[:3])
    object_to(canteen, *PUPILS[3:7], by=people.katherine())

    extract = made(crossing(results, canteen))

    assert not names_in(extract, PUPILS[:7])
    assert extract.watermarks == {
        str(results.pk): watermark(results.pk),
        str(canteen.pk): watermark(canteen.pk),
    }
    assert extract.consent_watermark == sum(extract.watermarks.values())
    assert len(extract.consent_digest) == 64


def test_words_about_either_dataset_recall_a_crossing_and_ask_for_another() -> None:
    results, canteen = bases()
    grant = crossing(results, canteen)
    extract = made(grant)
    there = sorted(names_in(extract, PUPILS[:60]))

    object_to(canteen, *there[:4], by=people.katherine())
    recalls.note(dataset_id=canteen.pk, upto=watermark(canteen.pk), at=timezone.now())
    object_to(results, *there[4:6])
    recalls.note(dataset_id=results.pk, upto=watermark(results.pk), at=timezone.now())

    found = {one.dataset_id: one for one in extract.recalls.all()}
    assert {key: one.persons for key, one in found.items()} == {canteen.pk: 4, results.pk: 2}
    head, *named = b"".join(recalls.listed(found[canteen.pk])).decode().split()
    delivered = {str(one) for one in rows(extract).column("pid").to_pylist()}
    assert head == "pid"
    assert len(set(named) & delivered) == 4
    fresh = made(grant)
    assert fresh.pk != extract.pk
    assert not names_in(fresh, there[:6])


def test_what_closes_one_dataset_closes_the_crossing() -> None:
    results, canteen = bases()
    grant, ada = crossing(results, canteen), people.ada().actor
    extract = made(grant)
    canteen.state, canteen.withdrawn_at = DatasetState.WITHDRAWN, timezone.now()
    canteen.save()

    with pytest.raises(Refused) as asked:
        actions.ask(grant_id=grant, dataset_id=results.pk, by=ada, at=timezone.now())
    with pytest.raises(Refused) as fetched:
        queries.file_for(actor=ada, extract_id=extract.pk, name="data.csv", at=timezone.now())

    codes = [[one.code for one in each.value.refusals] for each in (asked, fetched)]
    assert codes == [["dataset-withdrawn"]] * 2


def test_a_dataset_of_which_only_results_leave_since_closes_the_crossing() -> None:
    results, canteen = bases()
    grant, ada = crossing(results, canteen), people.ada().actor
    extract = made(grant)
    for one in (results, canteen):
        Dataset.objects.filter(pk=one.pk).update(declared_tier=Tier.RESULTS)

        with pytest.raises(Refused) as asked:
            actions.ask(grant_id=grant, by=ada, at=timezone.now())
        with pytest.raises(Refused) as fetched:
            queries.file_for(actor=ada, extract_id=extract.pk, name="data.csv", at=timezone.now())

        codes = [[each.code for each in caught.value.refusals] for caught in (asked, fetched)]
        assert codes == [["rows-never-leave"]] * 2
        Dataset.objects.filter(pk=one.pk).update(declared_tier="")


def test_a_dataset_withdrawn_while_it_waits_makes_nothing() -> None:
    results, canteen = bases()
    extract = actions.ask(
        grant_id=crossing(results, canteen), by=people.ada().actor, at=timezone.now()
    )
    results.state, results.withdrawn_at = DatasetState.WITHDRAWN, timezone.now()
    results.save()

    running.run(extract_id=extract.pk, clock=timezone.now)

    extract.refresh_from_db()
    assert extract.state == State.FAILED
    assert [one["code"] for one in extract.failure] == ["dataset-withdrawn"]


def test_a_plan_that_is_not_the_one_of_its_decision_crosses_nothing() -> None:
    results, canteen = bases()
    grant = crossing(results, canteen)
    row = Grant.objects.get(pk=grant).datasets.get(dataset=canteen)
    row.plan = row.plan.replace('"k":', '"k":1')
    row.save()

    with pytest.raises(Refused) as refused:
        actions.ask(grant_id=grant, by=people.ada().actor, at=timezone.now())

    assert [one.code for one in refused.value.refusals] == ["plan-changed"]


def test_the_trail_says_that_the_grant_crosses() -> None:
    grant = crossing(*bases())

    event = events(subject=f"grant:{grant}", kind="grant.issue").get()
    assert event.details["crossing"] is True
