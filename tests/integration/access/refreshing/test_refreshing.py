"""A grant moves to a newer release: the same plan, the same pseudonyms, what was left out stays out."""

from collections import Counter
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from access.consents.queries import watermark
from access.extracts import actions as extracts, queries as extracted, recalls, running
from access.extracts.models import Extract
from access.extracts.workflow import State
from access.grants.models import GrantDataset
from access.plans.plan import Plan
from access.reactions import REACTIONS
from access.refreshing import queries
from access.requests.drafting import Wish
from access.requests.models import AccessRequest
from catalog.datasets.models import Field, Release
from catalog.datasets.states import CrossingRule
from catalog.vocabularies.levels import Level
from hub.audit.queries import events
from hub.kernel.refusals import Invalid, Refused, Stale, Unknown
from hub.outbox.models import Message
from tests import people
from tests.factories import catalogue, requests, vault
from tests.integration.access.extracts.making import (
    PUPILS,
    asked,
    granted,
    made,
    names_in,
    object_to,
    own_place,
    rows,
)
from tests.integration.access.refreshing.moving import WHY, ask, codes, decide, moved, newer

__all__ = ["own_place"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_place")]


def test_a_grant_follows_with_the_same_pseudonyms() -> None:
    _dataset, grant, former = moved()

    fresh = made(grant)

    assert fresh.state == State.READY, fresh.failure
    assert fresh.release.label == "2026"
    assert (fresh.pk, fresh.plan_digest) != (former.pk, former.plan_digest)
    pids = [set(rows(one).column("pid").to_pylist()) for one in (former, fresh)]
    assert pids[0] == pids[1]
    plan = Plan.from_json(GrantDataset.objects.get(grant_id=grant).plan)
    assert plan.digest == fresh.plan_digest
    told = events(subject=f"grant:{grant}", kind="grant.release_followed").get()
    assert told.details["plan"] == plan.digest
    assert told.reason == WHY


def test_a_group_that_was_left_out_stays_left_out_in_the_newer_release() -> None:
    few = [wish for wish in requests.FIELDS if wish.name != "date_naissance"]
    fields = [*few, Wish("departement", justification="Places differ.")]
    columns = vault.pupils(2_000)
    dataset = catalogue.dataset(k=5)
    vault.keep(dataset, {**columns, "departement": in_paris(3)})
    grant = granted(dataset, fields=fields)
    former = made(grant)
    assert "75" not in {place for _sexe, place in places(former)}

    newer(dataset, departement=in_paris(40))
    ask(grant, dataset)
    decide(grant, dataset)
    followed = places(made(grant))
    apart = places(made(granted(dataset, people.linus(), fields=fields), people.linus()))

    # Forty pupils would be many enough, as they are for another team.
    assert apart.total() - followed.total() >= 10
    gone = {(sexe, "75") for sexe in columns["sexe"][:3]}
    assert not gone & set(followed)
    assert gone <= set(apart)


def in_paris(number: int) -> list[str]:
    """Return where pupils live, the first of them in Paris."""
    return ["75"] * number + vault.pupils(2_000)["departement"][number:]


def places(extract: Extract) -> Counter[tuple[str, str]]:
    """Return how many rows there are by sex and place."""
    assert extract.state == State.READY, extract.failure
    columns = (rows(extract).column(name).to_pylist() for name in ("sexe", "departement"))
    return Counter(zip(*columns, strict=True))


def test_words_recall_the_extract_of_the_former_release_too() -> None:
    dataset, grant, former = moved()
    fresh = made(grant)
    object_to(dataset, *PUPILS[:4])

    recalls.note(dataset_id=dataset.pk, upto=watermark(dataset.pk), at=timezone.now())

    lists = [b"".join(recalls.listed(one.recalls.get())) for one in (former, fresh)]
    assert lists[0] == lists[1]
    assert lists[0].count(b"\n") == 5


def test_an_extract_of_a_release_whose_time_is_over_is_served_no_more() -> None:
    _dataset, grant, former = moved()
    ada = people.ada().actor
    fetch: dict[str, Any] = {"actor": ada, "extract_id": former.pk, "name": "data.csv"}
    assert extracted.file_for(at=timezone.now(), **fetch)
    Release.objects.filter(pk=former.release_id).update(state="withdrawn")

    with pytest.raises(Refused) as refused:
        extracted.file_for(at=timezone.now(), **fetch)

    assert codes(refused) == ["dataset-withdrawn"]
    fresh = made(grant)
    assert extracted.file_for(actor=ada, extract_id=fresh.pk, name="data.csv", at=timezone.now())


def test_a_release_whose_time_is_over_leaves_room_for_a_newer_one() -> None:
    dataset = vault.dataset_of_pupils()
    grant = granted(dataset)
    former = GrantDataset.objects.get(grant_id=grant).release
    newer(dataset)
    Release.objects.filter(pk=former.pk).update(state="withdrawn")

    ask(grant, dataset)
    decide(grant, dataset)

    assert made(grant).state == State.READY


def test_an_extract_that_was_asked_before_says_that_the_grant_moved() -> None:
    dataset = vault.dataset_of_pupils()
    grant = granted(dataset)
    waiting = asked(grant)
    newer(dataset)
    ask(grant, dataset)
    decide(grant, dataset)

    running.run(extract_id=waiting.pk, clock=timezone.now)

    waiting.refresh_from_db()
    assert [one["code"] for one in waiting.failure] == ["release-moved"]
    assert made(grant).state == State.READY


def test_only_its_holder_asks_and_only_a_signatory_of_the_dataset_decides() -> None:
    dataset = vault.dataset_of_pupils()
    grant = granted(dataset, team=["alan@example.org"])
    newer(dataset)

    for stranger in (people.linus(), people.grace(), people.hedy(), people.margaret()):
        with pytest.raises(Unknown):
            ask(grant, dataset, stranger)
    ask(grant, dataset)
    for stranger in (
        people.ada(),
        people.linus(),
        people.noor(),
        people.katherine(),
        people.hedy(),
    ):
        with pytest.raises(Unknown):
            decide(grant, dataset, stranger)
    assert decide(grant, dataset, people.edsger()).decided_by == people.edsger().user


def test_nobody_decides_for_their_own_side() -> None:
    dataset = vault.dataset_of_pupils()
    grant = granted(dataset)
    newer(dataset)
    change = ask(grant, dataset)
    ada = people.ada()
    office = people.grace().actor.organisation_id
    type(change.granted.grant).objects.filter(pk=grant).update(organisation_id=office)
    AccessRequest.objects.filter(pk=grant).update(organisation_id=office)

    with pytest.raises(Refused) as refused:
        decide(grant, dataset)

    assert codes(refused) == ["own-side"]
    assert ada.actor.organisation_id != office


def test_a_decision_says_why_and_is_taken_once() -> None:
    dataset = vault.dataset_of_pupils()
    grant = granted(dataset)
    with pytest.raises(Refused) as nothing:
        ask(grant, dataset)
    assert codes(nothing) == ["nothing-newer"]
    with pytest.raises(Refused) as early:
        decide(grant, dataset)
    assert codes(early) == ["nothing-asked"]
    newer(dataset)
    ask(grant, dataset)
    with pytest.raises(Refused) as twice:
        ask(grant, dataset)
    assert codes(twice) == ["waits-already"]
    with pytest.raises(Invalid):
        decide(grant, dataset, reason=" ")

    declined = decide(grant, dataset, follow=False, reason="Next year.")

    assert declined.state == "declined"
    assert Plan.from_json(GrantDataset.objects.get(grant_id=grant).plan).source.release != str(
        declined.release_id
    )
    assert ask(grant, dataset).pk != declined.pk


def test_a_plan_that_changed_since_it_was_asked_for_is_not_followed() -> None:
    dataset = vault.dataset_of_pupils()
    grant = granted(dataset)
    newer(dataset)
    ask(grant, dataset)
    newer(dataset, label="2027")

    with pytest.raises(Stale):
        decide(grant, dataset)


def test_a_field_whose_level_changed_asks_for_a_new_request() -> None:
    dataset = vault.dataset_of_pupils()
    grant = granted(dataset)
    newer(dataset)
    Field.objects.filter(schema__dataset=dataset, name="session").update(
        level=Level.QUASI_IDENTIFIER
    )

    with pytest.raises(Refused) as refused:
        ask(grant, dataset)

    assert "field-changed" in codes(refused)


def test_what_was_granted_with_an_opinion_asks_for_it_again() -> None:
    about: dict[str, Any] = {"crossing_rule": CrossingRule.WITH_OPINION}
    results = vault.dataset_of_pupils(**about)
    other = catalogue.dataset("other", producer=people.town(), **about)
    vault.keep(other, vault.pupils(2_000))
    grant = requests.crossed(people.ada(), [results, other]).pk
    newer(results)

    with pytest.raises(Refused) as refused:
        ask(grant, results)

    assert codes(refused) == ["opinion-again"]


def test_a_grant_that_opens_nothing_asks_for_nothing() -> None:
    dataset = vault.dataset_of_pupils()
    grant = granted(dataset)
    newer(dataset)
    type(GrantDataset.objects.get(grant_id=grant).grant).objects.filter(pk=grant).update(
        state="suspended", suspended_at=timezone.now(), reason="A doubt."
    )

    with pytest.raises(Refused) as refused:
        ask(grant, dataset)

    assert codes(refused) == ["suspended"]


def test_signatories_are_told_then_the_team() -> None:
    _dataset, grant, _former = moved()

    for kind in ("grant.release_asked", "grant.release_followed"):
        message = Message.objects.get(event=kind)
        assert message.payload["grant_id"] == str(grant)
        for reaction in REACTIONS[kind]:
            reaction(kind, message.payload, timezone.now())
    told = Message.objects.filter(event="notice.grant").values_list("payload__user", flat=True)
    assert {str(people.grace().user.pk), str(people.ada().user.pk)} <= set(told)


def test_a_signatory_is_not_told_that_the_grant_is_theirs() -> None:
    _dataset, grant, _former = moved()
    mails: Any = mail.outbox

    for kind, person in (
        ("grant.release_asked", people.grace()),
        ("grant.release_followed", people.ada()),
    ):
        payload = {"about": str(grant), "what": kind, "user": str(person.user.pk)}
        for reaction in REACTIONS["notice.grant"]:
            reaction("notice.grant", payload, timezone.now())

    assert ["Votre habilitation" in one.subject for one in mails] == [False, True]


def test_the_pages_and_the_api_say_and_do_the_same() -> None:
    dataset = vault.dataset_of_pupils()
    grant = granted(dataset)
    newer(dataset)
    ada, grace = people.ada(), people.grace()
    page = reverse("grant_releases", args=[grant])
    shown = ada.browser("en").get(page).content.decode()
    assert "Ask for the newest release" in shown
    assert "2026" in shown

    assert ada.browser().post(page, {"dataset": str(dataset.pk)}).url == page
    again = ada.browser().post(page, {"dataset": str(dataset.pk)})
    assert again.status_code == 409
    [offer] = ada.api().get(f"grants/{grant}/releases").json()
    assert offer["newer"] == "2026"
    assert [one["state"] for one in offer["changes"]] == ["asked"]
    decision = reverse("release_decision", args=[grant, dataset.pk])
    assert "Let the grant follow" in grace.browser("en").get(page).content.decode()
    unsaid = grace.browser().post(decision, {"follow": "1", "reason": ""})
    assert unsaid.status_code == 409
    declined = grace.browser().post(decision, {"decline": "1", "reason": "Not yet."})
    assert declined.url == page


def test_a_program_asks_and_a_program_decides() -> None:
    dataset = vault.dataset_of_pupils()
    grant = granted(dataset)
    newer(dataset)
    ada, grace = people.ada(), people.grace()

    caller = ada.api()
    assert caller.post(f"grants/{grant}/releases", {"dataset": str(dataset.pk)}).status_code == 201
    url = f"grants/{grant}/releases/{dataset.pk}"
    done = grace.api().post(url, {"follow": True, "reason": WHY}).json()
    assert [one["state"] for one in done[0]["changes"]] == ["followed"]
    assert done[0]["release"] == "2026"
    assert [one["code"] for one in done[0]["refusals"]] == ["nothing-newer"]
    assert extracts.ask(grant_id=grant, by=ada.actor, at=timezone.now()).release.label == "2026"
    _seen, [after] = queries.offers(actor=ada.actor, grant_id=grant, at=timezone.now())
    assert after.newer is None
    assert not names_in(made(grant), ["9999999999Z"])
