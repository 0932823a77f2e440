"""A destroyed grant stays dead: from a whole dump taken before, with every master key."""

import subprocess
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from access.extracts import actions, running
from access.extracts.holding import approved
from access.extracts.models import Extract
from access.extracts.ports import keys_of
from access.grants.models import Grant
from access.pseudonymisation import shares
from access.pseudonymisation.actions import destroy_secret
from access.pseudonymisation.dumps import values
from access.pseudonymisation.models import GrantSecret
from access.pseudonymisation.queries import GRANTS, SecretGone, about
from catalog.datasets.house_keys import identifier_key
from hub.audit.queries import events
from hub.crypto.keys import KeyRefused, Secret
from hub.crypto.prf import prf, pseudonyms
from hub.crypto.subjects import subject_keys
from hub.embedded.postgres import binaries
from hub.kernel.periods import day_of
from hub.kernel.refusals import Refused
from hub.keyring.queries import keyring
from tests import people
from tests.factories import vault
from tests.integration.access.extracts.making import asked, content, granted, made, own_place, rows
from tests.integration.access.extracts.test_worker import committed

__all__ = ["committed", "own_place"]

PUPILS = 300


@pytest.fixture(autouse=True)
def place(own_place: None, settings: Any, tmp_path: Path) -> Path:
    """Keep files and shares apart."""
    settings.HUB_GRANT_KEYS = tmp_path / "shares"
    return tmp_path


def dump(place: Path, *options: str) -> Path:
    """Dump the whole database as an operator would."""
    known, path = connection.settings_dict, place / "dump.sql"
    command = [str(binaries() / "pg_dump"), f"--host={known['HOST']}", f"--file={path}"]
    command += [f"--port={known['PORT'] or 5432}", f"--username={known['USER']}", *options]
    subprocess.run([*command, known["NAME"]], check=True, capture_output=True)
    return path


def prove(grant: UUID, *words: str) -> str:
    """Return what the command says."""
    said = StringIO()
    call_command("prove_destruction", f"--grant={grant}", *words, stdout=said)
    return said.getvalue()


def end(extract: Extract) -> None:
    """Let the grant be over, and time do its work."""
    yesterday = day_of(timezone.now()) - timedelta(days=1)
    Grant.objects.filter(pk=extract.granted.grant_id).update(ends_on=yesterday)
    actions.purge(at=timezone.now())


def recomputed(extract: Extract, path: Path, share: Secret | None) -> set[object]:
    """
    Return the pseudonyms of an extract that somebody recomputes.

    They have a dump, the master key, the identifiers of all pupils, and perhaps the share.
    """
    grant = extract.granted.grant_id
    [domain] = approved(extract).recipe.domains
    subjects = subject_keys(pa.array(vault.ines(PUPILS)), identifier_key("pupil"))
    found: set[object] = set()
    with path.open("rb") as lines:
        for value in values(lines):
            for version in (1, 2):
                try:
                    secret = keyring().unwrap(value, GRANTS, *about(grant, version), share=share)
                except KeyRefused:
                    continue
                key = keys_of(approved(extract).recipe, secret).pseudonyms[domain.attribute]
                found |= set(pseudonyms(subjects, prf(key)).to_pylist())
    return found


def pids(extract: Extract) -> set[object]:
    """Return the delivered pseudonyms, as bytes."""
    return {one.bytes for one in rows(extract).column("pid").to_pylist()}


def test_after_its_end_nothing_opens_from_a_dump_taken_before_with_the_master_key(
    committed: None, place: Path
) -> None:
    dataset = vault.dataset_of_pupils(PUPILS)
    extract = made(granted(dataset))
    made(granted(dataset, people.linus()), people.linus())
    grant = extract.granted.grant_id
    delivered, share = pids(extract), shares.read(grant)
    old = dump(place)

    # Before: with everything, the pseudonyms are recomputed; without the share, none is.
    assert delivered
    assert delivered <= recomputed(extract, old, share)
    assert not recomputed(extract, old, None)
    with pytest.raises(CommandError, match="opens: 1 value"):
        prove(grant, f"--dump={old}")

    end(extract)

    assert not recomputed(extract, old, shares.read(grant))
    assert "Nothing opens. As a control, 1 value(s)" in prove(grant, f"--dump={old}")
    assert "Nothing opens" in prove(grant)
    with pytest.raises(SecretGone):
        content(extract, "data.parquet")
    with pytest.raises(Refused):
        asked(grant)


@pytest.mark.django_db
def test_an_extract_that_waits_is_refused_once_the_secret_is_destroyed() -> None:
    extract = asked(granted(vault.dataset_of_pupils(PUPILS)))

    destroy_secret(grant_id=extract.granted.grant_id, at=timezone.now())
    running.run(extract_id=extract.pk, clock=timezone.now)

    extract.refresh_from_db()
    assert [one["code"] for one in extract.failure] == ["key-gone"]


def test_a_secret_that_had_no_share_is_said_to_open_from_an_old_dump(
    committed: None, place: Path
) -> None:
    grant = granted(vault.dataset_of_pupils(PUPILS))
    wrapped = keyring().wrap(Secret(b"s" * 32), GRANTS, *about(grant, 1))
    GrantSecret.objects.create(grant_id=grant, wrapped=wrapped, created_at=timezone.now())
    old = dump(place, "--inserts")

    destroy_secret(grant_id=grant, at=timezone.now())

    with pytest.raises(CommandError, match="opens: 1 value"):
        prove(grant, f"--dump={old}")


@pytest.mark.django_db
def test_a_former_master_key_is_tried_when_it_is_named(settings: Any) -> None:
    grant = granted(vault.dataset_of_pupils(PUPILS))
    wrapped = keyring().wrap(Secret(b"s" * 32), GRANTS, *about(grant, 1))
    GrantSecret.objects.create(grant_id=grant, wrapped=wrapped, created_at=timezone.now())
    former, settings.HUB_MASTER_KEY = settings.HUB_MASTER_KEY, "TkVX" * 10 + "TkU="

    with pytest.raises(CommandError, match="proves nothing"):
        prove(grant)
    with pytest.raises(CommandError, match="opens: 1 value"):
        prove(grant, f"--master={former}")
    tried = events(kind="grant.destruction_tried")
    assert [event.details["opened"] for event in tried.order_by("seq")] == [0, 1]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["dump.bin", "nothing.sql"])
def test_a_dump_that_cannot_be_read_says_what_to_do(place: Path, name: str) -> None:
    (place / "dump.bin").write_bytes(b"PGDMP\x01\x0e")
    grant = granted(vault.dataset_of_pupils(PUPILS))

    with pytest.raises(CommandError, match=r"pg_restore --file|No such file"):
        prove(grant, f"--dump={place / name}")
    with pytest.raises(CommandError, match="cannot be read"):
        prove(grant, "--master=file:/nowhere/key")
