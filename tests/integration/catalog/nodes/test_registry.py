"""A signatory opens, renews and closes the nodes of their producer; an editor leaves rows there."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from access.errands.schemas import SCHEMAS
from catalog.datasets import at_node, queries
from catalog.datasets.models import Source
from catalog.nodes import actions, queries as registry
from catalog.nodes.models import Node, NodeSource
from catalog.nodes.rules import NodeState
from catalog.vault import actions as vault
from catalog.vault.models import Ingestion
from hub.audit.queries import events
from hub.crypto.letters import new_identity, recipient_of
from hub.kernel.refusals import Invalid, Refused
from hub.people.permissions import Profile, Role
from hub.web.schemas import checked
from tests import people
from tests.factories import nodes, requests, vault as rows_of
from tests.factories.nodes import SOURCE, AtWork
from tests.integration.access.extracts.making import asked, own_place
from tests.integration.catalog.files import (
    PERSONAL,
    PUPILS,
    finish_fields,
    give,
    register,
    take_in,
)

__all__ = ["own_place"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_place")]
ENGLISH = {"Accept-Language": "en"}


def key() -> str:
    return recipient_of(new_identity())


# -- the registry ---------------------------------------------------------------------------------


def test_a_signatory_opens_a_node_in_the_page_and_its_secret_is_shown_once() -> None:
    browser = people.grace().browser()
    page = browser.post("/my/nodes", {"name": "Server room", "recipient": key()})

    assert page.status_code == 200
    assert page["Cache-Control"] == "no-store"
    text = page.content.decode()
    [client_id] = re.findall(r'id="client-id">([^<]+)<', text)
    [secret] = re.findall(r'id="node-secret">([^<]+)<', text)
    node = Node.objects.get()
    assert str(node.pk) == client_id
    assert registry.who(client_id, secret) == node
    assert secret not in node.secret_hash
    again = browser.get("/my/nodes").content.decode()
    assert "Server room" in again
    assert secret not in again
    assert events(subject=f"node:{node.pk}").get().kind == "node.opened"


def test_what_is_wrong_in_the_form_is_said_and_nothing_is_opened() -> None:
    browser = people.grace().browser()
    page = browser.post("/my/nodes", {"name": "Server room", "recipient": "age1nobody"})
    assert page.status_code == 422
    assert 'data-code="node-recipient"' in page.content.decode()
    assert browser.post("/my/nodes", {"name": ""}).status_code == 422
    assert not Node.objects.exists()


def test_two_nodes_of_one_name_have_two_addresses() -> None:
    by, at = people.grace().actor, timezone.now()
    slugs = {actions.open_node(name="Room", recipient=key(), by=by, at=at)[0].slug for _ in "ab"}
    assert len(slugs) == 2


def test_the_registry_is_kept_over_the_api_too() -> None:
    api = people.grace().api()
    made = api.post("nodes", {"name": "Server room", "recipient": key()})
    assert made.status_code == 201
    assert made["Cache-Control"] == "no-store"
    first, node = made.json()["secret"], made.json()["id"]
    [listed] = api.get("nodes").json()
    assert (listed["id"], listed["silent"], listed["sources"]) == (node, True, [])
    assert "secret" not in listed
    second = api.post(f"nodes/{node}/secret").json()["secret"]
    assert registry.who(node, first) is None
    assert registry.who(node, second) is not None
    closed = api.post(f"nodes/{node}/closure", {"reason": "Replaced."}).json()
    assert (closed["state"], closed["silent"]) == ("closed", False)
    assert registry.who(node, second) is None
    refused = api.post(f"nodes/{node}/secret")
    assert (refused.status_code, refused.json()["refusals"][0]["code"]) == (409, "node-closed")
    told = events(subject=f"node:{node}").order_by("seq")
    assert [one.kind for one in told] == ["node.opened", "node.renewed", "node.closed"]


def test_nodes_are_opened_by_signatories_and_kept_by_those_of_their_producer() -> None:
    assert people.ada().api().post("nodes", {"name": "x", "recipient": key()}).status_code == 403
    node, _secret = actions.open_node(
        name="Room", recipient=key(), by=people.grace().actor, at=timezone.now()
    )
    stranger = people.katherine()
    assert stranger.api().get("nodes").json() == []
    assert stranger.api().post(f"nodes/{node.pk}/secret").status_code == 404
    assert (
        stranger.browser().post(f"/my/nodes/{node.pk}/close", {"reason": "x"}).status_code == 404
    )


def test_a_node_is_closed_with_a_reason_and_renewed_in_the_page() -> None:
    browser = people.grace().browser()
    node, secret = actions.open_node(
        name="Room", recipient=key(), by=people.grace().actor, at=timezone.now()
    )
    assert 'id="node-secret"' in browser.post(f"/my/nodes/{node.pk}/secret").content.decode()
    assert registry.who(str(node.pk), secret) is None
    assert browser.post(f"/my/nodes/{node.pk}/close", {"reason": " "}).status_code == 409
    assert browser.post(f"/my/nodes/{node.pk}/close", {"reason": "Old."}).status_code == 302
    assert browser.post(f"/my/nodes/{node.pk}/secret").status_code == 409
    node.refresh_from_db()
    assert node.state == NodeState.CLOSED


def test_a_node_that_is_not_heard_is_shown_as_silent(tmp_path: Path) -> None:
    node = AtWork(tmp_path)
    browser = people.grace().browser()
    node.worker.offer()
    assert "fr-badge--success" in browser.get("/my/nodes").content.decode()
    Node.objects.update(seen_at=timezone.now() - timedelta(minutes=4))
    assert "fr-badge--warning" in browser.get("/my/nodes").content.decode()


def test_being_seen_is_not_written_at_every_call(tmp_path: Path) -> None:
    node, at = AtWork(tmp_path).node, timezone.now()
    for seconds, expected in ((0, 0), (5, 0), (11, 11)):
        actions.seen(node, at=at + timedelta(seconds=seconds))
        assert Node.objects.get().seen_at == at + timedelta(seconds=expected)


def test_a_closed_node_says_when() -> None:
    actions.open_node(name="Room", recipient=key(), by=people.grace().actor, at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Node.objects.update(state=NodeState.CLOSED)


# -- what a node offers -----------------------------------------------------------------------------


def test_a_node_offers_counts_and_not_one_cell(tmp_path: Path) -> None:
    node = AtWork(tmp_path, number=50)
    node.worker.offer()

    offered = NodeSource.objects.get()
    assert [one["name"] for one in offered.columns][:2] == ["ine", "date_naissance"]
    said = node.link.calls[-1][2].decode()
    lines = node.file.read_text().splitlines()[1:]
    assert not any(cell in said for line in lines for cell in line.split(";") if len(cell) > 4)


def test_what_is_not_offered_any_more_goes(tmp_path: Path) -> None:
    node = AtWork(tmp_path, number=50)
    node.worker.offer()
    at_node.announce(node_id=node.node.pk, sources=[], at=timezone.now())
    assert not NodeSource.objects.exists()


def column(**changed: Any) -> dict[str, Any]:
    counts = {"rows": 1, "missing": 0, "missing_tokens": [], "distinct": 1, "longest": 1}
    return {"name": "a", "native": None, "shapes": {}, **counts, **changed}


@pytest.mark.parametrize(
    "sources",
    [
        [{"name": "x", "rows": 1, "columns": [column(missing_tokens=["LOVELACE"])]}],
        [{"name": "x", "rows": 1, "columns": [column(), column()]}],
        [{"name": "x", "rows": 1, "columns": []}, {"name": "x", "rows": 1, "columns": []}],
    ],
)
def test_what_are_no_counts_is_refused(tmp_path: Path, sources: list[Any]) -> None:
    node = AtWork(tmp_path, number=50)
    checked({"sources": sources}, SCHEMAS["sources"])
    with pytest.raises(Invalid):
        at_node.announce(node_id=node.node.pk, sources=sources, at=timezone.now())
    assert not NodeSource.objects.exists()


# -- rows that stay there ----------------------------------------------------------------------------


def test_an_editor_leaves_rows_at_a_node_in_the_pages_and_publishes(tmp_path: Path) -> None:
    node = AtWork(tmp_path)
    node.worker.offer()
    browser = people.grace().browser()
    dataset = register(people.grace(), "Marks", **PERSONAL)
    page = browser.get(f"/my/datasets/{dataset.slug}/node").content.decode()
    assert f'value="{SOURCE}"' in page
    chosen = {"node": str(node.node.pk), "source": SOURCE}
    answer = browser.post(f"/my/datasets/{dataset.slug}/node", chosen)
    assert answer["Location"] == f"/my/datasets/{dataset.slug}/fields"
    assert SOURCE in browser.get(f"/my/datasets/{dataset.slug}/data").content.decode()
    for wrong in ({**chosen, "source": "other"}, {**chosen, "node": "x"}):
        assert browser.post(f"/my/datasets/{dataset.slug}/node", wrong).status_code == 404


def test_rows_are_left_at_a_node_over_the_api(tmp_path: Path) -> None:
    node = AtWork(tmp_path)
    node.worker.offer()
    api = people.grace().api()
    dataset = register(people.grace(), "Marks", **PERSONAL)
    path = f"datasets/{dataset.slug}/node-source"
    [offer] = api.get(path).json()
    assert (offer["node"], offer["name"], offer["rows"]) == (str(node.node.pk), SOURCE, 2_000)
    fields = api.put(path, {"node": offer["node"], "name": offer["name"]}).json()
    assert fields[0]["name"] == "ine"
    assert api.get(f"datasets/{dataset.slug}/source").json()["kind"] == "node"


def test_the_page_says_that_the_node_takes_the_rows_in_and_when_it_is_silent(
    tmp_path: Path,
) -> None:
    node = AtWork(tmp_path)
    dataset = nodes.described(node)
    vault.start_ingestion(dataset_id=dataset.pk, by=people.grace().actor, at=timezone.now())
    browser = people.grace().browser()
    path = f"/my/datasets/{dataset.slug}/progress"
    assert "Server room" in browser.get(path).content.decode()
    Node.objects.update(seen_at=None)
    assert "<strong>" in browser.get(path).content.decode().partition("Server room")[2]


def test_rows_that_contradict_what_was_declared_are_refused_at_the_node(tmp_path: Path) -> None:
    node = AtWork(tmp_path)
    dataset = nodes.described(node)
    rows = rows_of.pupils(2_000)
    rows["note"][17] = "seventeen"
    nodes.write(node.file, rows)
    vault.start_ingestion(dataset_id=dataset.pk, by=people.grace().actor, at=timezone.now())

    assert node.step()

    job = Ingestion.objects.get()
    assert (job.state, job.refusals[0]["code"]) == ("failed", "value_not_of_type")
    assert "seventeen" not in str(job.refusals)
    page = people.grace().browser().get(f"/my/datasets/{dataset.slug}/publish").content.decode()
    assert 'data-code="value_not_of_type"' in page
    assert not list((node.folder / "state" / "vault").iterdir())


def test_a_node_out_of_its_time_refuses_to_take_rows_in(tmp_path: Path) -> None:
    node = AtWork(tmp_path)
    dataset = nodes.described(node)
    vault.start_ingestion(dataset_id=dataset.pk, by=people.grace().actor, at=timezone.now())
    node.late = timedelta(hours=1)
    assert node.step()
    assert [one["code"] for one in Ingestion.objects.get().refusals] == ["order-expired"]


def test_a_taking_in_that_fails_for_now_is_given_out_again(tmp_path: Path) -> None:
    node = AtWork(tmp_path)
    dataset = nodes.described(node)
    vault.start_ingestion(dataset_id=dataset.pk, by=people.grace().actor, at=timezone.now())
    node.stopping.set()
    assert node.step()
    assert Ingestion.objects.get().state == "queued"
    node.worker = node.started()
    assert node.step()
    assert Ingestion.objects.get().state == "done"
    source = Source.objects.get()
    assert len(source.content_digest) == 64


def test_what_stays_at_a_node_is_never_open_to_all(tmp_path: Path) -> None:
    node = AtWork(tmp_path)
    nodes.write(
        node.file,
        {"uai": ["0750001E", "0750002F"], "effectif": [12, 30], "taux_reussite": [81.7, 90.0]},
    )
    node.worker.offer()
    by, at = people.grace().actor, timezone.now()
    dataset = register(people.grace(), "Schools", unit="school", licence="etalab-2.0")
    at_node.leave(dataset_id=dataset.pk, node_id=node.node.pk, name=SOURCE, by=by, at=at)
    finish_fields(by, dataset.pk)
    with pytest.raises(Refused) as caught:
        vault.publish(dataset_id=dataset.pk, by=by, at=at)
    assert "open_at_a_node" in {one.code for one in caught.value.refusals}


def test_a_file_may_take_the_place_of_a_node_before_the_publication(tmp_path: Path) -> None:
    node = AtWork(tmp_path)
    dataset = nodes.described(node)
    give(people.grace(), dataset.pk, PUPILS)
    finish_fields(people.grace().actor, dataset.pk)
    assert take_in(people.grace().actor, dataset.pk).state == "done"
    release = queries.prepared_release(dataset)
    assert release is not None
    assert at_node.staying(release.pk) is None


def test_an_extract_is_not_asked_of_a_node_that_is_closed(tmp_path: Path) -> None:
    node = AtWork(tmp_path)
    grant = requests.approved(people.ada(), [nodes.published(node)]).pk
    actions.close(node_id=node.node.pk, reason="x", by=people.grace().actor, at=timezone.now())
    with pytest.raises(Refused) as caught:
        asked(grant)
    assert [one.code for one in caught.value.refusals] == ["node-closed"]


def test_the_page_of_an_extract_names_the_node_and_says_when_it_is_silent(tmp_path: Path) -> None:
    node = AtWork(tmp_path)
    extract = asked(requests.approved(people.ada(), [nodes.published(node)]).pk)
    browser, api = people.ada().browser(), people.ada().api()
    assert "Server room" in browser.get(f"/extracts/{extract.pk}").content.decode()
    assert "fr-alert--warning" not in browser.get(f"/extracts/{extract.pk}").content.decode()
    assert api.get(f"extracts/{extract.pk}").json()["node"]["silent"] is False
    for seen in (timezone.now() - timedelta(minutes=4), None):
        Node.objects.update(seen_at=seen)
        assert "fr-alert--warning" in browser.get(f"/extracts/{extract.pk}").content.decode()
        assert api.get(f"extracts/{extract.pk}").json()["node"]["silent"] is True


def test_an_editor_who_does_not_sign_opens_no_node() -> None:
    editor = people.person("Radia", people.statistics_office(), Profile.PRODUCER, (Role.EDITOR,))
    assert editor.browser().get("/my/nodes").status_code == 403
    assert editor.api().get("nodes", **ENGLISH).status_code == 403
