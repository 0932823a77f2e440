"""What a producer's own levels give: in the request, at each level of an extract, at a node."""

from pathlib import Path

import pytest
from django.utils import timezone

from access.extracts import receiving
from access.extracts.models import Extract
from access.extracts.workflow import State
from access.requests.drafting import Wish
from catalog.datasets import coarsening
from catalog.datasets.hierarchies import read, written
from catalog.datasets.models import Dataset, Field
from catalog.vault.actions import publish, start_ingestion
from catalog.vault.models import Ingestion
from catalog.vocabularies.plain_types import PlainType
from tests import people
from tests.factories import nodes, requests, vault
from tests.factories.nodes import AtWork
from tests.integration.access.extracts.making import asked, content, made, object_to, rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_place")]
LINES = "departement;rive;monde\n54;continent;ici\n2A;île;ici\n971;île;ici\n"
BECOMES = {
    "level_1": {"54": "continent", "2A": "île", "971": "île"},
    "level_2": dict.fromkeys(("54", "2A", "971"), "ici"),
    "exact": {name: name for name in ("54", "2A", "971")},
}


def pupils(number: int = 2_000) -> Dataset:
    dataset = vault.dataset_of_pupils(number)
    own = read(LINES.encode(), name="departement", kind=PlainType.TEXT)
    Field.objects.filter(schema__dataset=dataset, name="departement").update(
        hierarchy_levels=list(own.levels), hierarchy=written(own)
    )
    return dataset


def of(dataset: Dataset, wanted: str = "") -> Extract:
    """Return an extract of the département as the applicant wants it, and nothing finer."""
    fields = (
        Wish("ine", justification="To tell pupils apart."),
        Wish("departement", wanted, "The place is the question."),
    )
    return made(requests.approved(people.ada(), [dataset], fields=fields).pk)


@pytest.mark.parametrize("wanted", ["level_1", "level_2", "exact"])
def test_an_extract_holds_the_level_that_was_asked_for(wanted: str) -> None:
    extract = of(pupils(), wanted)
    assert extract.state == State.READY, extract.failure
    known = vault.pupils(2_000)["departement"]
    expected = sorted(BECOMES[wanted][one] for one in known)
    assert sorted(rows(extract).column("departement").to_pylist()) == expected


def test_an_extract_holds_the_first_level_unless_another_is_asked_for() -> None:
    extract = of(pupils())
    assert set(rows(extract).column("departement").to_pylist()) == {"continent", "île"}
    said = content(extract, "dictionary.csv").decode()
    assert "the producer's level “rive”" in said
    assert '"names":["rive","monde"]' in content(extract, "plan.json").decode()


def test_groups_that_are_too_small_at_a_level_are_offered_the_next_one() -> None:
    dataset = pupils(40)
    Dataset.objects.update(k=20, suppression_cap=0.0)
    extract = of(dataset, "level_1")
    assert extract.state == State.FAILED
    suggestion = extract.suggestions[0]
    assert (suggestion["field"], suggestion["step"]) == ("departement", "level_2")
    page = people.ada().browser().get(f"/extracts/{extract.pk}").content.decode()
    assert "monde" in page


def test_an_applicant_chooses_among_the_levels_of_the_producer() -> None:
    dataset = pupils()
    request = requests.draft(people.ada(), [dataset])
    page = people.ada().browser().get(f"/requests/{request.pk}/data/{dataset.pk}").content.decode()
    for text in ('value="level_1"', 'value="level_2"', "rive", "monde"):
        assert text in page, text
    shown = people.ada().browser().get(f"/datasets/{dataset.slug}").content.decode()
    assert "rive, monde" in shown


def test_the_api_takes_a_level_and_refuses_one_that_is_not_there() -> None:
    dataset = pupils()
    request = requests.draft(people.ada(), [dataset])
    api, path = people.ada().api(), f"requests/{request.pk}/datasets/{dataset.pk}"
    wish = {"name": "departement", "detail": "level_2", "justification": "x"}
    assert api.put(path, {"wishes": [wish]}).status_code == 200
    [planned] = api.get(f"requests/{request.pk}/plan").json()
    assert "monde" in str(planned["treatments"])
    api.put(path, {"wishes": [{**wish, "detail": "level_3"}]})
    [planned] = api.get(f"requests/{request.pk}/plan").json()
    assert [one["code"] for one in planned["refusals"]] == ["fineness_unknown"]


def test_a_node_holds_to_the_hierarchy_and_makes_its_levels(tmp_path: Path) -> None:
    node = AtWork(tmp_path)
    dataset = nodes.described(node)
    by = node.keeper.actor

    def given(lines: str) -> Ingestion:
        coarsening.give_hierarchy(
            dataset_id=dataset.pk,
            name="departement",
            content=lines.encode(),
            by=by,
            at=timezone.now(),
        )
        job = start_ingestion(dataset_id=dataset.pk, by=by, at=timezone.now())
        assert node.step()
        job.refresh_from_db()
        return job

    lacking = given("54;x\n2A;x\n")
    assert [one["code"] for one in lacking.refusals] == ["hierarchy-lacks"]
    assert given(LINES).state == "done"
    publish(dataset_id=dataset.pk, by=by, at=timezone.now())
    object_to(dataset, *vault.ines(3))
    fields = (Wish("ine", justification="x"), Wish("departement", "level_1", "x"))
    extract = asked(requests.approved(people.ada(), [dataset], fields=fields).pk)
    assert node.step()
    receiving.receive(extract_id=extract.pk, clock=timezone.now)
    extract.refresh_from_db()
    assert extract.state == State.READY, extract.failure
    assert set(rows(extract).column("departement").to_pylist()) == {"continent", "île"}
