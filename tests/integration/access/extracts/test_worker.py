"""A real worker, killed in the middle: the extract is made once, and nothing half made is seen."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
import redis
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.utils import timezone

from access.extracts import actions, places
from access.extracts.models import Extract
from access.extracts.workflow import State
from tests import people
from tests.factories import vault
from tests.integration.access.extracts.making import content, granted, object_to, rows

PATIENCE = 90.0
MANY = 300_000


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let a test commit what other processes read; take it all away afterwards."""
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute("SELECT seq, digest FROM hub_audithead")
            head = cursor.fetchone()
        try:
            yield
        finally:
            take_away(head)
            connection.close()


def take_away(head: Any) -> None:
    tables = [
        model._meta.db_table
        for label in ("hub", "catalog", "access")
        for model in apps.get_app_config(label).get_models()
        if model._meta.managed
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
        cursor.execute("ALTER TABLE hub_auditevent DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM hub_auditevent WHERE seq > %s", [head[0]])
        cursor.execute("ALTER TABLE hub_auditevent ENABLE TRIGGER USER")
        cursor.execute("UPDATE hub_audithead SET seq = %s, digest = %s", head)
    for extract_id in places.published():
        places.remove(extract_id)


@contextmanager
def worker(folder: Path, *more: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Celery worker as the role that runs the hub, in its own process group."""
    known = connection.settings_dict
    address = f"postgresql://hub_app@{quote(known['HOST'], '')}:{known['PORT'] or 5432}"
    command = [sys.executable, "-m", "celery", "-A", "hub.celery", "worker", "-c", "1"]
    command += ["-Q", "hub,extracts", "--without-gossip", "--without-mingle", "-l", "INFO", *more]
    log = (folder / "worker.log").open("ab")
    process = subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "DATABASE_URL": f"{address}/{known['NAME']}",
            "DJANGO_SETTINGS_MODULE": "hub.settings.test",
            "HUB_VAR": str(settings.VAR_DIR),
        },
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        kill(process)
        log.close()


def kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.01)


def is_ready(extract: Extract) -> bool:
    extract.refresh_from_db()
    assert extract.state not in {State.FAILED, State.CANCELLED}, extract.failure
    return extract.state == State.READY


def ask(grant_id: UUID) -> Extract:
    return actions.ask(grant_id=grant_id, by=people.ada().actor, at=timezone.now())


def everything_in_the_broker() -> bytes:
    """Return every key and value that Valkey holds."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    return b"".join(key + (client.dump(key) or b"") for key in client.scan_iter())


@pytest.mark.django_db
def test_the_role_that_runs_the_workers_owns_no_table() -> None:
    """It also has the test database made: the other tests here take it without its transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tableowner = 'hub_app'")
        assert cursor.fetchone() == (0,)


def test_a_whole_run_leaves_no_identifier_in_the_broker_the_log_or_the_tables(
    committed: None, tmp_path: Path
) -> None:
    dataset = vault.dataset_of_pupils(20_000)
    object_to(dataset, *vault.ines(40))
    with worker(tmp_path):
        extract = ask(granted(dataset))
        until(lambda: is_ready(extract))

        assert extract.outcome["rows_opposed"] == 40
        assert rows(extract).num_rows == extract.outcome["rows_delivered"]
        broker = everything_in_the_broker()
    log = (tmp_path / "worker.log").read_bytes()
    assert b"run_extract" in log
    for ine in vault.ines(200):
        assert ine.encode() not in broker
        assert ine.encode() not in log
        assert ine.encode() not in content(extract, "data.csv")
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE t::text ~ %s', ["10000000[0-9]{2}A"]
            )
            assert cursor.fetchone() == (0,), table


def test_a_worker_killed_in_the_middle_leaves_nothing_half_made_and_the_next_makes_it_once(
    committed: None, tmp_path: Path
) -> None:
    dataset = vault.dataset_of_pupils(MANY)
    grant = granted(dataset)
    with worker(tmp_path) as first:
        extract = ask(grant)
        # In the middle: the rows are being read, or the files written.
        until(lambda: extract.pk in {one for one, _attempt in places.drafts()})
        kill(first)

    extract.refresh_from_db()
    assert extract.state in {State.RUNNING, State.CHECKING}
    assert not places.published()
    assert not extract.files.exists()
    # Time passes: the lease of the dead worker lapses.
    Extract.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    with worker(tmp_path, "-B", "-s", str(tmp_path / "schedule")):
        until(lambda: is_ready(extract))
        until(lambda: not places.drafts())

    assert extract.attempt == 2
    assert list(places.published()) == [extract.pk]
    assert extract.files.filter(name="data.parquet").count() == 1
    assert rows(extract).num_rows == extract.outcome["rows_delivered"] > MANY * 0.9
    assert Extract.objects.count() == 1
    assert ask(grant) == extract


def test_two_people_of_a_team_who_ask_at_once_ask_for_one_extract(
    committed: None, tmp_path: Path
) -> None:
    grant = granted()
    actor = people.ada().actor
    found: list[UUID] = []
    both = threading.Barrier(4)

    def one() -> None:
        both.wait()
        asked = actions.ask(grant_id=grant, by=actor, at=timezone.now())
        found.append(asked.pk)
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 4
    assert len(set(found)) == 1
    with worker(tmp_path):
        extract = Extract.objects.get()
        until(lambda: is_ready(extract))
        # The same message again, and again: it is done.
        actions.hand_over(extract.pk)
        actions.hand_over(extract.pk)
        time.sleep(1)
        extract.refresh_from_db()
    assert extract.attempt == 1


def test_cancelling_stops_a_worker_at_its_work(committed: None, tmp_path: Path) -> None:
    grant = granted(vault.dataset_of_pupils(MANY))
    with worker(tmp_path):
        extract = ask(grant)
        until(lambda: bool(places.drafts()))
        actions.cancel(extract_id=extract.pk, by=people.ada().actor, at=timezone.now())
        until(lambda: not places.drafts())

    extract.refresh_from_db()
    assert extract.state == State.CANCELLED
    assert not places.published()
