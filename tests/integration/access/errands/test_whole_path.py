"""An extract is made where the data are, and reaches those who asked for it, and nothing else does."""

import base64
import hashlib
import re
from pathlib import Path

import pytest
from django.utils import timezone

from access.extracts import places, receiving, running
from access.extracts.models import Extract
from access.extracts.workflow import State
from catalog.datasets.house_keys import signer
from catalog.vault import actions, ingesting
from catalog.vault.models import Ingestion, VaultFile
from catalog.vault.queries import release_files
from hub.audit.queries import events
from hub.crypto.signatures import is_signed
from tests import people
from tests.factories import nodes, requests, vault
from tests.factories.nodes import AtWork
from tests.integration.access.extracts.making import asked, content, made, object_to, rows

pytestmark = pytest.mark.django_db


def received(extract: Extract) -> Extract:
    receiving.receive(extract_id=extract.pk, clock=timezone.now)
    extract.refresh_from_db()
    return extract


def granted(node: AtWork) -> Extract:
    dataset = nodes.published(node)
    object_to(dataset, *vault.ines(25))
    return asked(requests.approved(people.ada(), [dataset]).pk)


def test_an_extract_of_rows_that_stay_at_a_node_is_delivered_as_any_other(node: AtWork) -> None:
    extract = granted(node)

    assert node.step()
    extract.refresh_from_db()
    assert extract.state == State.CHECKING
    assert received(extract).state == State.READY, extract.failure

    table = rows(extract)
    assert set(table.column_names) == {"pid", "date_naissance", "sexe", "session", "note"}
    assert table.num_rows == extract.outcome["rows_delivered"] > 1_900
    assert extract.outcome["rows_opposed"] == 25
    assert extract.bytes_done == extract.bytes_total > 0
    sums = content(extract, "SHA256SUMS")
    for file in extract.files.all():
        found = content(extract, file.name)
        assert (len(found), hashlib.sha256(found).hexdigest()) == (file.size, file.sha256)
    assert not places.drafts()
    assert re.findall(rb"  (\S+)", sums)[:2] == [b"data.parquet", b"data.csv"]
    kinds = [one.kind for one in events(subject=f"extract:{extract.pk}").order_by("seq")]
    assert kinds == [f"extract.{one}" for one in ("ask", "start", "check", "publish")]


def test_pseudonyms_are_those_that_the_hub_would_have_made(node: AtWork) -> None:
    """The same rows in the vault of the hub, under the same grant, give the same pseudonyms."""
    extract = granted(node)
    node.step()
    received(extract)
    release = extract.release
    vault.keep(release.dataset, vault.pupils(2_000))
    Extract.objects.filter(pk=extract.pk).update(node=None)
    there = set(rows(extract).column("pid").to_pylist())
    Extract.objects.filter(pk=extract.pk).update(
        state=State.QUEUED, purge_at=None, finished_at=None
    )

    running.run(extract_id=extract.pk, clock=timezone.now)

    extract.refresh_from_db()
    assert extract.state == State.READY, extract.failure
    assert set(rows(extract).column("pid").to_pylist()) == there


def test_the_sums_of_an_extract_are_signed_by_the_hub_wherever_it_was_made(node: AtWork) -> None:
    elsewhere = granted(node)
    node.step()
    here = made(requests.approved(people.ada(), [vault.dataset_of_pupils()]).pk)
    public = people.ada().api().get("signing-key").json()["public_key"]
    assert public == signer().public
    for extract in (received(elsewhere), here):
        signature = base64.b64decode(content(extract, "SHA256SUMS.sig"))
        assert is_signed(content(extract, "SHA256SUMS"), signature, public=public)
    page = people.ada().browser().get(f"/extracts/{elsewhere.pk}").content.decode()
    assert "openssl pkeyutl -verify" in page


def test_the_hub_holds_no_row_and_no_identifier_of_what_stays_at_a_node(
    node: AtWork, tmp_path: Path
) -> None:
    extract = granted(node)
    node.step()
    received(extract)

    assert not VaultFile.objects.exists()
    assert release_files(extract.release_id) == []
    forbidden = [one.encode() for one in vault.ines(2_000)]
    said = b"\n".join(body for _method, _path, body in node.link.calls)
    assert not any(one in said for one in forbidden)
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and path != node.file]
    assert kept
    for path in kept:
        assert not any(one in path.read_bytes() for one in forbidden), path


def test_workers_of_the_hub_never_take_what_is_a_nodes(node: AtWork) -> None:
    dataset = nodes.described(node)
    actions.start_ingestion(dataset_id=dataset.pk, by=node.keeper.actor, at=timezone.now())
    job = Ingestion.objects.get()
    assert not ingesting.run(ingestion_id=job.pk, clock=timezone.now)
    assert actions.resume_ingestions(at=timezone.now()) == 0
    assert node.step()
    actions.publish(dataset_id=dataset.pk, by=node.keeper.actor, at=timezone.now())
    extract = asked(requests.approved(people.ada(), [dataset]).pk)
    assert not running.run(extract_id=extract.pk, clock=timezone.now)
    assert running.resume(at=timezone.now()) == 0
    assert not receiving.receive(extract_id=extract.pk, clock=timezone.now)


def test_a_grant_that_ended_before_the_node_asked_gives_it_nothing(node: AtWork) -> None:
    extract = granted(node)
    extract.granted.grant.members.update(until_at=timezone.now())

    assert not node.step()

    extract.refresh_from_db()
    assert extract.state == State.FAILED
    assert not [path for _method, path, _body in node.link.calls if "consents" in path]


def test_a_grant_that_ended_while_the_node_worked_lets_nothing_through(node: AtWork) -> None:
    extract = granted(node)
    node.step()
    extract.granted.grant.members.update(until_at=timezone.now())

    assert received(extract).state == State.FAILED
    assert places.published() == {}
    assert not places.drafts()


def test_an_extract_cancelled_while_the_node_works_is_left_by_it(node: AtWork) -> None:
    extract = granted(node)

    def cancel(_method: str, path: str, _body: bytes) -> None:
        if path.endswith("/progress"):
            Extract.objects.filter(pk=extract.pk).update(state=State.CANCELLED)

    node.link.change = cancel
    assert node.step()
    extract.refresh_from_db()
    assert extract.state == State.CANCELLED
    assert list((node.folder / "state" / "spool").iterdir()) == []
    running.sweep()
    assert not places.drafts()


def test_a_second_receiver_finds_that_it_is_done(node: AtWork) -> None:
    extract = granted(node)
    node.step()
    assert receiving.receive(extract_id=extract.pk, clock=timezone.now)
    assert not receiving.receive(extract_id=extract.pk, clock=timezone.now)


def test_a_delivery_that_kills_its_workers_is_given_up(node: AtWork) -> None:
    extract = granted(node)
    node.step()
    extract.refresh_from_db()
    Extract.objects.filter(pk=extract.pk).update(delivery={**extract.delivery, "looked": 6})

    assert not receiving.receive(extract_id=extract.pk, clock=timezone.now)

    extract.refresh_from_db()
    assert [one["code"] for one in extract.failure] == ["given-up"]
