"""An extract is made once, of what was approved, for those who may have it."""

import hashlib
import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from access.extracts import actions, bundle, holding, lease, places, running
from access.extracts.bundle import MANIFEST
from access.extracts.models import Extract
from access.extracts.ports import EngineError
from access.extracts.workflow import State
from access.grants.models import Grant, GrantDataset
from access.pseudonymisation.actions import destroy_secret
from catalog.vault.models import VaultFile
from hub.audit.queries import events
from hub.kernel.refusals import Refused, Unknown
from tests import people
from tests.factories import vault
from tests.integration.access.extracts.making import asked, content, granted, made, object_to, rows

pytestmark = pytest.mark.django_db


def again(extract: Extract) -> Extract:
    extract.refresh_from_db()
    return extract


def kinds(extract: Extract) -> list[str]:
    found = events(subject=f"extract:{extract.pk}").order_by("seq")
    return [event.kind.removeprefix("extract.") for event in found]


# -- a whole run ------------------------------------------------------------------------------------


def test_run_makes_the_files_that_were_approved() -> None:
    extract = made(granted())

    assert extract.state == State.READY
    assert {file.name for file in extract.files.all()} >= {
        "data.parquet", "data.csv", "datapackage.json", "SHA256SUMS", "account.fr.md",
    }  # fmt: skip
    table = rows(extract)
    assert table.num_rows == extract.outcome["rows_delivered"] > 1_900
    assert set(table.column_names) == {"pid", "date_naissance", "sexe", "session", "note"}
    assert kinds(extract) == ["ask", "start", "check", "publish"]
    assert extract.rows_done == extract.rows_total == extract.outcome["rows_read"] > 0
    assert extract.bytes_done == extract.bytes_total > 0


def test_the_sums_of_the_files_are_those_of_their_bytes() -> None:
    extract = made(granted())

    lines = content(extract, "SHA256SUMS").decode().splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    for file in extract.files.all():
        found = content(extract, file.name)
        assert (len(found), hashlib.sha256(found).hexdigest()) == (file.size, file.sha256)
        assert sums.get(file.name, file.sha256) == file.sha256


def test_no_identifier_nor_p0_leaves_and_the_disk_holds_nothing_clear(tmp_path: Path) -> None:
    dataset = vault.dataset_of_pupils()
    extract = made(granted(dataset))

    forbidden = [ine.encode() for ine in vault.ines(2_000)]
    for file in extract.files.all():
        found = content(extract, file.name)
        assert not any(one in found for one in forbidden)
    for path in places.bundle_of(extract.pk).iterdir():
        sealed = path.read_bytes()
        assert b"PAR1" not in sealed
        assert b"date_naissance" not in sealed
    assert MANIFEST in {path.name for path in places.bundle_of(extract.pk).iterdir()}


def test_an_objection_recorded_before_the_start_leaves_the_person_out() -> None:
    """I11, even when it was recorded after the extract was asked."""
    dataset = vault.dataset_of_pupils()
    grant = granted(dataset)
    extract = asked(grant)
    object_to(dataset, *vault.ines(25))

    running.run(extract_id=extract.pk, clock=timezone.now)

    assert again(extract).outcome["rows_opposed"] == 25
    assert extract.consent_watermark > 0
    assert extract.outcome["consent_digest"]


def test_persons_of_two_projects_have_different_pseudonyms_and_of_one_the_same() -> None:
    """I12."""
    dataset = vault.dataset_of_pupils()
    first, other = granted(dataset), granted(dataset, people.linus())

    mine, theirs = made(first), made(other, people.linus())
    object_to(dataset, vault.ines(1)[0])
    later = made(first)

    pids = {one: set(rows(one).column("pid").to_pylist()) for one in (mine, theirs, later)}
    assert not pids[mine] & pids[theirs]
    assert len(pids[mine] - pids[later]) == 1
    assert not pids[later] - pids[mine]


def test_too_small_groups_stop_the_run_and_say_what_would_help() -> None:
    dataset = vault.dataset_of_pupils(40, k=20, suppression_cap=0.0)

    extract = made(granted(dataset))

    assert extract.state == State.FAILED
    assert extract.failure[0]["code"] == "disclosure"
    assert {one["field"] for one in extract.suggestions} == {"date_naissance", "sexe"}
    assert not extract.files.exists()
    assert not places.bundle_of(extract.pk).exists()


# -- asking -----------------------------------------------------------------------------------------


def test_asking_twice_is_asking_once() -> None:
    grant = granted()

    assert asked(grant) == asked(grant)


def test_what_is_ready_is_the_answer_until_something_changes() -> None:
    dataset = vault.dataset_of_pupils()
    grant = granted(dataset)
    ready = made(grant)

    assert asked(grant) == ready
    object_to(dataset, *vault.ines(1))
    assert asked(grant) != ready


def test_what_failed_may_be_asked_again() -> None:
    dataset = vault.dataset_of_pupils(40, k=20, suppression_cap=0.0)
    grant = granted(dataset)

    first, second = made(grant), made(grant)

    assert (first.refresh, second.refresh) == (0, 1)


def test_the_database_keeps_one_unfinished_extract_and_one_of_a_key() -> None:
    extract = asked(granted())
    extract.pk, extract.refresh = None, 1

    with pytest.raises(IntegrityError), transaction.atomic():
        extract.save(force_insert=True)


@pytest.mark.parametrize("who", [people.linus, people.margaret, people.katherine])
def test_nobody_else_may_ask(who: Any) -> None:
    grant = granted()

    with pytest.raises(Unknown):
        asked(grant, who())


def test_who_may_know_the_grant_and_is_not_of_the_team_is_refused() -> None:
    with pytest.raises(Refused, match="not in the team"):
        asked(granted(), people.grace())


def end(grant: UUID) -> None:
    Grant.objects.filter(pk=grant).update(ends_on=timezone.now().date() - timedelta(days=1))


def test_a_grant_that_is_over_starts_nothing() -> None:
    grant = granted()
    end(grant)

    with pytest.raises(Refused, match="over"):
        asked(grant)


# -- between asking and ready -----------------------------------------------------------------------


def test_a_grant_that_ends_while_the_extract_waits_makes_nothing() -> None:
    grant = granted()
    extract = asked(grant)
    end(grant)

    running.run(extract_id=extract.pk, clock=timezone.now)

    assert again(extract).state == State.FAILED
    assert [one["code"] for one in extract.failure] == ["expired"]


def test_a_grant_that_ends_while_the_engine_runs_delivers_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    grant = granted()
    extract = asked(grant)
    produce = bundle.produce

    def slow(**asked_for: Any) -> Any:
        end(grant)
        return produce(**asked_for)

    monkeypatch.setattr(bundle, "produce", slow)
    running.run(extract_id=extract.pk, clock=timezone.now)

    assert again(extract).state == State.FAILED
    assert not list(places.work().iterdir())
    assert not list(places.extracts().iterdir())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"plan": "{}"}, "plan-changed"),
        ({"plan_digest": "0" * 64}, "plan-changed"),
    ],
)
def test_a_plan_that_is_not_the_one_approved_is_never_run(
    change: dict[str, str], code: str
) -> None:
    extract = asked(granted())
    GrantDataset.objects.update(**change)

    running.run(extract_id=extract.pk, clock=timezone.now)

    assert [one["code"] for one in again(extract).failure] == [code]


def test_a_release_without_data_a_gone_key_and_altered_data_say_so() -> None:
    dataset = vault.dataset_of_pupils()
    grant = granted(dataset)

    extract = asked(grant)
    stored = VaultFile.objects.get()
    path = Path(settings.VAR_DIR) / "vault" / stored.path
    path.write_bytes(b"PAR1" + os.urandom(1000) + b"PAR1")
    running.run(extract_id=extract.pk, clock=timezone.now)
    assert [one["code"] for one in again(extract).failure] == ["unreadable"]

    extract = asked(grant)
    stored.delete()
    running.run(extract_id=extract.pk, clock=timezone.now)
    assert [one["code"] for one in again(extract).failure] == ["no-data"]

    extract = asked(grant)
    destroy_secret(grant_id=grant, at=timezone.now())
    running.run(extract_id=extract.pk, clock=timezone.now)
    assert [one["code"] for one in again(extract).failure] == ["key-gone"]


def test_cancel_stops_what_is_not_ready() -> None:
    extract = asked(granted())

    actions.cancel(extract_id=extract.pk, by=people.ada().actor, at=timezone.now())

    assert not running.run(extract_id=extract.pk, clock=timezone.now)
    assert again(extract).state == State.CANCELLED
    with pytest.raises(Refused, match="does not exist for an extract in this state"):
        actions.cancel(extract_id=extract.pk, by=people.ada().actor, at=timezone.now())


def test_only_the_team_cancels() -> None:
    extract = asked(granted())

    for person in (people.grace(), people.linus()):
        with pytest.raises(Unknown):
            actions.cancel(extract_id=extract.pk, by=person.actor, at=timezone.now())


# -- leases -----------------------------------------------------------------------------------------


def test_an_extract_that_somebody_holds_is_not_taken() -> None:
    extract = asked(granted())
    Extract.objects.update(
        state=State.RUNNING, attempt=1, lease_until=timezone.now() + timedelta(seconds=9)
    )

    assert not running.run(extract_id=extract.pk, clock=timezone.now)
    assert again(extract).attempt == 1


def test_an_extract_whose_worker_died_is_made_by_the_next() -> None:
    extract = asked(granted())
    Extract.objects.update(
        state=State.CHECKING, attempt=1, lease_until=timezone.now() - timedelta(seconds=1)
    )
    places.draft_of(extract.pk, 1).mkdir()
    (places.work() / f".{extract.pk}-1.abc.partial").mkdir()

    running.sweep()
    assert len(list(places.work().iterdir())) == 2
    assert running.run(extract_id=extract.pk, clock=timezone.now)
    running.sweep()

    assert again(extract).state == State.READY
    assert extract.attempt == 2
    assert not list(places.work().iterdir())
    assert [path.name for path in places.extracts().iterdir()] == [str(extract.pk)]


def test_an_extract_that_kills_its_workers_is_given_up() -> None:
    extract = asked(granted())
    Extract.objects.update(state=State.RUNNING, attempt=holding.MOST_DEATHS)

    assert not running.run(extract_id=extract.pk, clock=timezone.now)
    assert [one["code"] for one in again(extract).failure] == ["given-up"]


def test_a_beat_renews_the_lease_and_sees_that_the_extract_is_lost() -> None:
    extract = asked(granted())
    now = timezone.now()
    Extract.objects.update(state=State.RUNNING, attempt=2, lease_until=now)
    pulse = lease.Pulse(extract.pk, attempt=2)

    assert pulse.beat(now)
    pulse.progress("reading", 5, 10)
    assert pulse.beat(now)
    assert again(extract).lease_until == now + lease.LEASE
    assert (extract.stage, extract.rows_done, extract.rows_total) == ("reading", 5, 10)
    assert (extract.bytes_done, extract.bytes_total) == (0, 0)
    pulse.meter.expect(3_000_000)
    pulse.meter.add(1_000_000)
    assert pulse.beat(now)
    assert (again(extract).bytes_done, extract.bytes_total) == (1_000_000, 3_000_000)
    Extract.objects.update(attempt=3)
    assert not pulse.beat(now)
    assert pulse.lost.is_set()


def test_a_worker_that_lost_its_extract_leaves_it_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    extract = asked(granted())
    produce = bundle.produce

    def taken_over(**asked_for: Any) -> Any:
        Extract.objects.update(attempt=7)
        return produce(**asked_for)

    monkeypatch.setattr(bundle, "produce", taken_over)

    assert not running.run(extract_id=extract.pk, clock=timezone.now)
    assert again(extract).state == State.RUNNING
    assert not list(places.extracts().iterdir())


def test_a_fault_that_may_pass_is_tried_again_and_then_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    extract = asked(granted())

    def full(**_asked_for: Any) -> Any:
        raise EngineError("storage", permanent=False, reason="No space left on device")

    monkeypatch.setattr(bundle, "produce", full)
    for attempt in range(1, holding.MOST_ATTEMPTS):
        assert not running.run(extract_id=extract.pk, clock=timezone.now)
        assert again(extract).state == State.QUEUED
        assert extract.attempt == attempt
        Extract.objects.update(lease_until=None)
    running.run(extract_id=extract.pk, clock=timezone.now)

    assert again(extract).state == State.FAILED
    assert extract.failure[0]["values"] == {"reason": "No space left on device"}


def test_resume_hands_over_what_waits_and_sweeps_what_is_nobodys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    extract = asked(granted())
    handed: list[UUID] = []
    monkeypatch.setattr(running, "hand_over", handed.append)
    stranger = places.bundle_of(UUID(int=9))
    stranger.mkdir()

    assert running.resume(at=timezone.now()) == 1

    assert handed == [extract.pk]
    assert not stranger.exists()
