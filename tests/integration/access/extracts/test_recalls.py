"""Persons who speak up after an extract was made are recalled, in the grant's own pseudonyms."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from access import reactions
from access.consents.queries import watermark
from access.consents.rules import Decision
from access.extracts import actions, queries, recalls
from access.extracts.models import Extract, Recall
from access.pseudonymisation.actions import destroy_secret
from catalog.vocabularies.legal_bases import LegalBasis
from hub.kernel.refusals import Invalid, Refused, Unknown
from hub.outbox.models import Message
from tests import people
from tests.factories import vault
from tests.integration.access.extracts.making import (
    PUPILS,
    granted,
    made,
    names_in,
    object_to,
    own_place,
    rows,
    say,
)

__all__ = ["own_place"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_place")]


def noted(extract: Extract) -> list[Recall]:
    """Look for what the words recall, as the reaction to them does."""
    payload = {"dataset": str(extract.granted.dataset_id)}
    reactions.REACTIONS["consent.recorded"][0]("consent.recorded", payload, timezone.now())
    return list(extract.recalls.all())


def pids(recall: Recall) -> set[str]:
    head, *lines = b"".join(recalls.listed(recall)).decode().splitlines()
    assert head == "pid"
    assert lines == sorted(lines)
    return set(lines)


def test_the_list_names_those_who_objected_since_and_nobody_else() -> None:
    dataset = vault.dataset_of_pupils()
    object_to(dataset, *PUPILS[:5])
    extract = made(granted(dataset))
    there = sorted(names_in(extract, PUPILS[:60]))
    before = {str(one) for one in rows(extract).column("pid").to_pylist()}

    object_to(dataset, *there[:7])
    [recall] = noted(extract)

    assert recall.persons == 7
    assert pids(recall) <= before
    assert len(pids(recall)) == 7
    assert noted(extract) == [recall]

    object_to(dataset, *there[7:10])
    first, second = noted(extract)
    assert first == recall
    assert len(pids(second)) == 3
    assert pids(second).isdisjoint(pids(first))


def test_a_withdrawn_consent_is_recalled_where_data_are_collected_on_consent() -> None:
    dataset = vault.dataset_of_pupils(collection_basis=LegalBasis.CONSENT)
    say(dataset, Decision.GIVEN, PUPILS)
    extract = made(granted(dataset))

    say(dataset, Decision.WITHDRAWN, PUPILS[:3])
    [recall] = noted(extract)

    assert recall.persons == len(pids(recall)) == 3


def test_words_that_change_nothing_for_the_project_recall_nothing() -> None:
    lawful = vault.dataset_of_pupils(collection_basis=LegalBasis.LEGAL_OBLIGATION)
    extract = made(granted(lawful))
    object_to(lawful, *PUPILS[:3])

    assert noted(extract) == []


def test_files_that_hold_persons_who_spoke_up_are_served_no_more_and_the_next_extract_is() -> None:
    dataset = vault.dataset_of_pupils()
    grant = granted(dataset)
    ada, extract = people.ada(), made(grant)
    object_to(dataset, *sorted(names_in(extract, PUPILS[:60]))[:2])
    noted(extract)

    at = timezone.now()
    with pytest.raises(Refused) as caught:
        queries.file_for(actor=ada.actor, extract_id=extract.pk, name="data.csv", at=at)
    assert [one.code for one in caught.value.refusals] == ["recalled"]
    shown = queries.one_for(actor=ada.actor, extract_id=extract.pk, at=at)
    assert not shown.has_files

    fresh = made(grant)
    file, _end = queries.file_for(
        actor=ada.actor, extract_id=fresh.pk, name="data.csv", at=timezone.now()
    )
    assert file.extract_id == fresh.pk != extract.pk


def test_an_extract_that_nobody_may_have_any_more_recalls_nobody() -> None:
    dataset = vault.dataset_of_pupils()
    grant = granted(dataset)
    extract = made(grant)
    destroy_secret(grant_id=grant, at=timezone.now())
    object_to(dataset, *PUPILS[:2])

    assert noted(extract) == []


def test_the_list_cannot_be_written_without_the_key_or_without_a_pseudonym_in_the_extract() -> (
    None
):
    dataset = vault.dataset_of_pupils()
    grant = granted(dataset)
    extract = made(grant)
    object_to(dataset, *PUPILS[:2])
    [recall] = noted(extract)
    destroy_secret(grant_id=grant, at=timezone.now())

    with pytest.raises(Refused) as caught:
        recalls.listed(recall)
    assert [one.code for one in caught.value.refusals] == ["key-gone"]


def test_words_that_come_while_an_extract_is_made_are_looked_at_once_it_is_ready() -> None:
    extract = made(granted())

    message = Message.objects.get(event="extract.ready")
    assert message.payload == {"dataset": str(extract.granted.dataset_id)}
    assert reactions.REACTIONS["extract.ready"] == [recalls.follow]


def test_the_team_is_told_once_and_attests_once_with_a_statement() -> None:
    dataset = vault.dataset_of_pupils()
    extract, at = made(granted(dataset)), timezone.now()
    object_to(dataset, *PUPILS[:2])
    [recall] = noted(extract)
    assert Message.objects.filter(event="extract.recall").count() == 1
    ada = people.ada().actor
    named = {"extract_id": extract.pk, "upto": recall.upto, "by": ada, "at": at}

    with pytest.raises(Invalid):
        recalls.attest(statement="  ", **named)  # type: ignore[arg-type]
    recalls.attest(statement="Toutes les copies.", **named)  # type: ignore[arg-type]
    with pytest.raises(Refused):
        recalls.attest(statement="Encore.", **named)  # type: ignore[arg-type]
    with pytest.raises(Unknown):
        recalls.one_for(actor=people.linus().actor, extract_id=extract.pk, upto=recall.upto, at=at)
    with pytest.raises(Unknown):
        recalls.one_for(actor=ada, extract_id=extract.pk, upto=recall.upto + 1, at=at)
    with pytest.raises(Unknown):
        recalls.one_for(actor=ada, extract_id=uuid4(), upto=recall.upto, at=at)


def test_the_page_and_the_api_give_the_list_and_take_the_word() -> None:
    dataset = vault.dataset_of_pupils()
    extract = made(granted(dataset))
    object_to(dataset, *PUPILS[:2])
    [recall] = noted(extract)
    ada = people.ada()
    browser = ada.browser()
    page, attest = reverse("extract", args=[extract.pk]), [extract.pk, recall.upto]

    assert "liste de rappel" in browser.get(page).content.decode()
    answer = browser.get(reverse("extract_recall", args=attest))
    content = b"".join(answer.streaming_content).decode()
    assert set(content.splitlines()[1:]) == pids(recall)
    refused = browser.post(reverse("extract_attest", args=attest), {"statement": " "})
    assert refused.status_code == 409
    assert "Dites ce que vous avez effacé" in refused.content.decode()
    assert (
        browser.post(reverse("extract_attest", args=attest), {"statement": "Fait."}).status_code
        == 302
    )
    told = browser.get(page).content.decode()
    assert "Fait." in told

    listed = browser.get(reverse("api_extract", args=[extract.pk])).json()["recalls"]
    assert [one["persons"] for one in listed] == [recall.persons]


def test_a_recall_waits_for_words_that_are_newer_than_the_extract() -> None:
    dataset = vault.dataset_of_pupils()
    extract = made(granted(dataset))
    last = watermark(dataset.pk)

    assert recalls.note(dataset_id=dataset.pk, upto=last, at=timezone.now()) == 0
    actions.purge(at=timezone.now() + timedelta(days=4000))
    object_to(dataset, *PUPILS[:2])
    assert noted(extract) == []
