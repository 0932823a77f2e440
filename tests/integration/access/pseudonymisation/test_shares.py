"""The second half of a grant's key: made whole, its owner's alone, destroyed for good."""

import shutil
import stat
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from access.pseudonymisation import shares
from access.pseudonymisation.actions import create_secret, destroy_secret
from access.pseudonymisation.models import GrantSecret
from access.pseudonymisation.queries import (
    GRANTS,
    SHARED,
    SecretGone,
    about,
    has_secret,
    open_secret,
)
from hub.audit.queries import events
from hub.crypto.keys import KeyRefused, Secret, new_secret
from hub.kernel.identifiers import new_id
from hub.keyring.queries import keyring

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.HUB_GRANT_KEYS = tmp_path / "shares"
    return tmp_path / "shares"


def test_a_share_is_made_once_and_is_its_owners_alone(folder: Path) -> None:
    grant = new_id()

    first = shares.make(grant)

    assert shares.make(grant) == first == shares.read(grant)
    assert len(first) == 32
    [file] = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_of_many_makers_one_wins_whole(folder: Path) -> None:
    grant, found, start = new_id(), [], threading.Barrier(8)

    def make() -> None:
        start.wait()
        found.append(shares.make(grant).reveal())

    makers = [threading.Thread(target=make) for _ in range(8)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()

    assert len(found) == 8
    assert len(set(found)) == 1
    assert len(list(folder.iterdir())) == 1


def test_the_bytes_of_a_share_are_overwritten_before_its_name_goes(folder: Path) -> None:
    grant = new_id()
    share = shares.make(grant).reveal()
    [file] = folder.iterdir()
    other_name = folder.parent / "kept"
    other_name.hardlink_to(file)

    assert shares.shred(grant)

    assert not list(folder.iterdir())
    assert other_name.stat().st_size == len(share)
    assert other_name.read_bytes() != share
    assert shares.read(grant) is None
    assert not shares.shred(grant)


@pytest.mark.django_db
def test_a_secret_opens_with_the_share_of_its_own_grant_alone() -> None:
    grant, other = new_id(), new_id()
    create_secret(grant_id=grant, at=NOW)
    create_secret(grant_id=other, at=NOW)
    stored = bytes(GrantSecret.objects.get(grant_id=grant).wrapped or b"")

    for share in (None, shares.read(other)):
        with pytest.raises(KeyRefused):
            keyring().unwrap(stored, GRANTS, *about(grant, SHARED), share=share)
    assert len(open_secret(grant)) == 32


@pytest.mark.django_db
def test_destroying_a_secret_destroys_its_share_and_says_so_in_the_trail(folder: Path) -> None:
    grant = new_id()
    create_secret(grant_id=grant, at=NOW)

    destroy_secret(grant_id=grant, at=NOW)

    assert not list(folder.iterdir())
    [event] = events(kind="grant.secret_destroyed")
    assert event.details["share_destroyed"] is True
    assert not create_secret(grant_id=grant, at=NOW)
    assert not list(folder.iterdir())


@pytest.mark.django_db
def test_a_share_that_is_lost_is_not_made_again(folder: Path) -> None:
    grant = new_id()
    create_secret(grant_id=grant, at=NOW)
    shares.shred(grant)

    assert not create_secret(grant_id=grant, at=NOW)
    with pytest.raises(SecretGone):
        open_secret(grant)
    assert not list(folder.iterdir())


@pytest.mark.django_db
def test_a_folder_that_is_not_mounted_is_no_destruction(folder: Path) -> None:
    grant = new_id()
    create_secret(grant_id=grant, at=NOW)
    secret = open_secret(grant)
    shutil.move(folder, folder.with_name("elsewhere"))

    with pytest.raises(FileNotFoundError, match="HUB_GRANT_KEYS"):
        open_secret(grant)
    with pytest.raises(FileNotFoundError, match="HUB_GRANT_KEYS"):
        destroy_secret(grant_id=grant, at=NOW)

    assert has_secret(grant)
    shutil.move(folder.with_name("elsewhere"), folder)
    assert open_secret(grant) == secret


@pytest.mark.django_db
def test_a_secret_without_a_share_opens_and_is_destroyed_as_before(folder: Path) -> None:
    grant, secret = new_id(), new_secret()
    wrapped = keyring().wrap(secret, GRANTS, *about(grant, 1))
    GrantSecret.objects.create(grant_id=grant, wrapped=wrapped, created_at=NOW)

    assert open_secret(grant) == Secret(secret.reveal())
    assert destroy_secret(grant_id=grant, at=NOW)
    assert not has_secret(grant)
    assert not folder.exists()
