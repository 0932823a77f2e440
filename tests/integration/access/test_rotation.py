"""One master key follows another while people work: nothing is lost, nothing visible changes."""

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from access import rotation
from access.extracts import running
from access.pseudonymisation.models import GrantSecret
from access.pseudonymisation.queries import GRANTS, SHARED, about, open_secret
from catalog.connectors.postgresql.settings import PostgresSettings
from catalog.datasets import uploads
from catalog.datasets.house_keys import identifier_key, signer
from catalog.datasets.models import Release, Source
from catalog.datasets.places import columns_of, place_of
from catalog.datasets.states import SourceKind
from catalog.vault.models import VaultFile
from catalog.vault.queries import key_of
from hub.audit.queries import events
from hub.crypto.keys import KeyRefused, Secret, wrap, wrapping_key
from hub.crypto.master import MasterKeyError, load
from hub.keyring.models import HouseSecret
from hub.keyring.queries import keyring
from hub.keyring.rewrapping import Unopened
from tests import people
from tests.factories import catalogue, vault
from tests.integration.access.extracts.making import (
    asked,
    content,
    granted,
    made,
    object_to,
    own_place,
    rows,
)
from tests.integration.access.extracts.test_worker import committed, kill, until

__all__ = ["committed", "own_place"]

NEW = base64.b64encode(b"the key that follows the other..").decode()
TABLE = PostgresSettings(
    host="db.example", port=5432, database="d", schema="s", table="t", user="u", password="xyz"
)


@pytest.fixture(autouse=True)
def apart(own_place: None) -> None:
    """Keep the files of a test apart."""


@pytest.fixture
def house(db: None) -> dict[str, Any]:
    """Keep something in every place, under the first master key."""
    extract = made(granted())
    release = Release.objects.get()
    factor = TOTP.activate(people.grace().user, generate_totp_secret())
    codes = RecoveryCodes.activate(people.grace().user)
    Source.objects.create(
        release=release, attached_at=timezone.now(), **columns_of(SourceKind.POSTGRESQL, TABLE)
    )
    upload = uploads.seal([b"a;b\n", b"1;2\n"])
    other = catalogue.dataset("other").releases.get()
    Source.objects.create(
        release=other,
        kind=SourceKind.CSV,
        path=upload.name,
        wrapped_key=upload.wrapped_key,
        attached_at=timezone.now(),
    )
    return {"extract": extract, "factor": factor, "codes": codes, "upload": upload}


def follow(settings: Any) -> None:
    """Let another master key wrap; the first one still opens."""
    settings.HUB_FORMER_MASTER_KEYS = [settings.HUB_MASTER_KEY]
    settings.HUB_MASTER_KEY = NEW


def drop(settings: Any) -> None:
    """Forget the first master key."""
    settings.HUB_FORMER_MASTER_KEYS = []


def seen(house: dict[str, Any]) -> list[object]:
    """Open something of every place."""
    extract = house["extract"]
    totp, recovery = (
        Authenticator.objects.get(type=kind).wrap() for kind in ("totp", "recovery_codes")
    )
    source = Source.objects.get(kind=SourceKind.CSV)
    with uploads.unsealed(source.path, bytes(source.wrapped_key or b"")) as path:
        uploaded = path.read_bytes()
    data_key = key_of(VaultFile.objects.get())
    assert data_key is not None
    return [
        identifier_key("pupil").reveal(),
        signer().public,
        open_secret(extract.granted.grant_id).reveal(),
        rows(extract).column("pid").to_pylist(),
        place_of(Source.objects.get(kind=SourceKind.POSTGRESQL)).password,
        uploaded,
        totp.instance.data and recovery.get_unused_codes(),
        data_key.reveal(),
    ]


def command(*words: str) -> str:
    """Return what the command says."""
    said = StringIO()
    call_command("rotate_master_key", *words, stdout=said)
    return said.getvalue()


def test_nothing_visible_changes_when_a_master_key_follows_another(
    house: dict[str, Any], settings: Any
) -> None:
    before = seen(house)

    follow(settings)
    assert seen(house) == before
    said = command()
    assert "may go" in said
    assert seen(house) == before
    drop(settings)

    assert seen(house) == before
    assert "may go" in command("--check")


def test_every_place_is_wrapped_again_with_its_line_in_the_trail(
    house: dict[str, Any], settings: Any
) -> None:
    follow(settings)

    done = rotation.rotate(at=timezone.now())

    wanted = {"house", "second factors", "vault", "uploads", "passwords", "grants"}
    assert {name for name, rows in done.items() if rows} == wanted
    told = {event.details["place"]: event.details["rows"] for event in events(kind="keys.")}
    assert told == dict(done)
    assert {event.subject for event in events(kind="keys.")} == {f"master:{load(NEW).id}"}


def test_a_second_rotation_finds_nothing_to_do(house: dict[str, Any], settings: Any) -> None:
    follow(settings)
    rotation.rotate(at=timezone.now())
    told = events(kind="keys.").count()

    assert not any(rotation.rotate(at=timezone.now()).values())
    assert events(kind="keys.").count() == told


def test_the_check_changes_nothing_and_says_that_the_former_key_is_needed(
    house: dict[str, Any], settings: Any
) -> None:
    follow(settings)

    with pytest.raises(CommandError, match="still needs another master key"):
        command("--check")

    assert rotation.still_elsewhere()["grants"] == 1
    assert not events(kind="keys.").exists()


def test_without_the_former_key_nothing_opens_before_the_rotation(
    house: dict[str, Any], settings: Any
) -> None:
    follow(settings)
    drop(settings)

    with pytest.raises(KeyRefused):
        identifier_key("pupil")
    with pytest.raises(CommandError, match="house: row 1 opens under no master key"):
        command()


def test_an_extract_that_runs_through_a_rotation_is_the_one_it_would_have_been(
    house: dict[str, Any], settings: Any
) -> None:
    first = house["extract"]
    object_to(first.release.dataset, *vault.ines(10))
    extract, moments = asked(first.granted.grant_id), []

    def clock() -> datetime:
        moments.append(timezone.now())
        if len(moments) == 2:
            follow(settings)
            rotation.rotate(at=moments[-1])
            drop(settings)
        return moments[-1]

    running.run(extract_id=extract.pk, clock=clock)
    extract.refresh_from_db()

    assert len(moments) > 2
    signature = base64.b64decode(content(extract, "SHA256SUMS.sig"))
    assert signature == signer().sign(content(extract, "SHA256SUMS"))
    pids = [set(rows(one).column("pid").to_pylist()) for one in (first, extract)]
    assert len(pids[1]) > 1_000
    assert pids[1] < pids[0]


def test_cut_short_it_goes_on_from_where_it_was(
    house: dict[str, Any], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = seen(house)
    follow(settings)
    monkeypatch.setattr(rotation, "PLACES", rotation.PLACES[:3])
    rotation.rotate(at=timezone.now())
    monkeypatch.undo()

    assert seen(house) == before
    done = rotation.rotate(at=timezone.now())
    assert not done["vault"]
    assert done["grants"]
    drop(settings)
    assert seen(house) == before


def test_a_row_that_no_key_opens_is_named_and_what_was_done_stays(
    house: dict[str, Any], settings: Any
) -> None:
    follow(settings)
    stranger = wrap(Secret(b"x" * 32), under=Secret(b"y" * 32), about=("z",))
    upload = Source.objects.get(kind=SourceKind.CSV)
    Source.objects.filter(pk=upload.pk).update(wrapped_key=stranger)

    with pytest.raises(Unopened, match=f"uploads: row {upload.pk}"):
        rotation.rotate(at=timezone.now())

    assert rotation.still_elsewhere()["vault"] == 0
    with pytest.raises(CommandError, match="HUB_FORMER_MASTER_KEYS"):
        command()


@pytest.mark.django_db
def test_what_was_wrapped_before_keys_had_company_opens_and_is_wrapped_again(
    settings: Any,
) -> None:
    grant, secret = granted(), Secret(b"s" * 32)
    under = wrapping_key(load(settings.HUB_MASTER_KEY), GRANTS)
    old = wrap(secret, under=under, about=about(grant, 1))
    GrantSecret.objects.create(grant_id=grant, wrapped=old, created_at=timezone.now())
    assert open_secret(grant) == secret

    assert rotation.rotate(at=timezone.now())["grants"] == 1

    assert open_secret(grant) == secret
    assert GrantSecret.objects.get().version == SHARED
    assert keyring().is_present(bytes(GrantSecret.objects.get().wrapped or b""))


@pytest.mark.django_db
def test_the_secret_of_a_house_is_kept_under_its_first_key_alone(settings: Any) -> None:
    assert rotation.still_elsewhere()["house"] == 1
    first = settings.HUB_MASTER_KEY
    follow(settings)
    with pytest.raises(MasterKeyError, match="without HUB_FORMER_MASTER_KEYS"):
        signer()
    with pytest.raises(CommandError, match="without HUB_FORMER_MASTER_KEYS"):
        command()
    assert not HouseSecret.objects.exists()

    drop(settings)
    settings.HUB_MASTER_KEY = first
    assert "may go" in command()
    assert HouseSecret.objects.count() == 1


def environment(settings: Any) -> dict[str, str]:
    """Return what a process of the hub is given, as the role that runs it."""
    known = connection.settings_dict
    address = f"postgresql://hub_app@{quote(known['HOST'], '')}:{known['PORT'] or 5432}"
    return {
        **os.environ,
        "DATABASE_URL": f"{address}/{known['NAME']}",
        "DJANGO_SETTINGS_MODULE": "hub.settings.test",
        "HUB_VAR": str(settings.VAR_DIR),
        "HUB_MASTER_KEY": settings.HUB_MASTER_KEY,
        "HUB_FORMER_MASTER_KEYS": ",".join(settings.HUB_FORMER_MASTER_KEYS),
    }


@pytest.fixture
def rotating(settings: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Run the command in a process of its own, once another key is the present one."""
    follow(settings)
    process = subprocess.Popen(
        [sys.executable, "manage.py", "rotate_master_key"],
        cwd=settings.BASE_DIR,
        env=environment(settings),
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    yield process
    kill(process)


def test_a_rotation_that_is_killed_in_the_middle_is_finished_by_the_next(
    committed: None, settings: Any, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    extract = made(granted(vault.dataset_of_pupils(200)))
    grant = extract.granted.grant_id
    before = open_secret(grant).reveal(), rows(extract).column("pid").to_pylist()
    with transaction.atomic():
        # The process comes as far as this row, and waits for it.
        GrantSecret.objects.select_for_update().get()
        process = request.getfixturevalue("rotating")
        until(lambda: keyring().is_present(bytes(VaultFile.objects.get().wrapped_key or b"")))
        kill(process)

    assert (open_secret(grant).reveal(), rows(extract).column("pid").to_pylist()) == before
    done = rotation.rotate(at=timezone.now())
    assert (done["vault"], done["grants"]) == (0, 1)
    drop(settings)
    assert (open_secret(grant).reveal(), rows(extract).column("pid").to_pylist()) == before
    assert GrantSecret.objects.count() == 1
