"""Keys that hang under one another, and that nothing shows."""

import copy
import pickle

import pytest

from hub.crypto import keys
from tests.unit.hub.crypto.vectors import HKDF_SHA256

VALUE = bytes(range(32))


@pytest.mark.parametrize(("material", "salt", "info", "output"), HKDF_SHA256)
def test_hkdf_gives_the_bytes_of_rfc_5869(
    material: str, salt: str, info: str, output: str
) -> None:
    found = keys.hkdf_sha256(
        bytes.fromhex(material),
        salt=bytes.fromhex(salt),
        info=bytes.fromhex(info),
        length=len(output) // 2,
    )
    assert found.hex() == output


def test_a_secret_shows_nothing_of_itself() -> None:
    secret = keys.Secret(VALUE)
    master = keys.master_key(VALUE)
    for text in (repr(secret), str(secret), f"{secret}", f"{secret!r}", repr(master)):
        assert VALUE.hex() not in text
        assert repr(VALUE) not in text
        assert "\\x01" not in text


@pytest.mark.parametrize("act", [pickle.dumps, copy.copy, copy.deepcopy, hash])
def test_a_secret_is_not_pickled_copied_or_hashed(act: object) -> None:
    with pytest.raises(TypeError):
        act(keys.Secret(VALUE))  # type: ignore[operator]


def test_a_secret_is_compared_by_value() -> None:
    assert keys.Secret(VALUE) == keys.Secret(VALUE)
    assert keys.Secret(VALUE) != keys.Secret(VALUE[::-1])
    assert keys.Secret(VALUE) != VALUE
    assert len(keys.Secret(VALUE)) == 32


def test_an_empty_secret_and_a_short_master_are_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        keys.Secret(b"")
    with pytest.raises(ValueError, match="32 bytes"):
        keys.master_key(b"short")


def test_a_context_is_written_so_that_no_two_lists_are_alike() -> None:
    assert keys.context("ab", "c") != keys.context("a", "bc")
    assert keys.context("ab") != keys.context("ab", "")


def test_a_wrapped_secret_opens_only_under_its_key_and_for_what_it_is() -> None:
    under, secret = keys.new_secret(), keys.new_secret()
    wrapped = keys.wrap(secret, under=under, about=("grant", "1"))
    assert secret.reveal() not in wrapped
    assert keys.unwrap(wrapped, under=under, about=("grant", "1")) == secret
    assert keys.wrap(secret, under=under, about=("grant", "1")) != wrapped


@pytest.mark.parametrize("at", [0, 1, 13, -1])
def test_an_altered_wrapped_secret_is_refused(at: int) -> None:
    under = keys.new_secret()
    wrapped = bytearray(keys.wrap(keys.new_secret(), under=under, about=("grant", "1")))
    wrapped[at] ^= 1
    with pytest.raises(keys.KeyRefused):
        keys.unwrap(bytes(wrapped), under=under, about=("grant", "1"))


def test_a_wrapped_secret_moved_elsewhere_or_cut_is_refused() -> None:
    under = keys.new_secret()
    wrapped = keys.wrap(keys.new_secret(), under=under, about=("grant", "1"))
    for bytes_, key, about in (
        (wrapped, under, ("grant", "2")),
        (wrapped, keys.new_secret(), ("grant", "1")),
        (wrapped[:5], under, ("grant", "1")),
        (b"", under, ("grant", "1")),
    ):
        with pytest.raises(keys.KeyRefused):
            keys.unwrap(bytes_, under=key, about=about)


def test_every_branch_of_the_tree_has_its_own_key() -> None:
    master, grant, other = keys.master_key(VALUE), keys.new_secret(), keys.new_secret()
    hub = keys.hub_secret(master)
    found = [
        hub,
        keys.stage_one_key(hub, "pupil"),
        keys.stage_one_key(hub, "teacher"),
        keys.wrapping_key(master, "grants"),
        keys.wrapping_key(master, "vault"),
        keys.stage_two_key(grant, "pupil"),
        keys.stage_two_key(grant, "pupil", "dataset"),
        keys.stage_two_key(other, "pupil"),
        keys.encryption_key(grant),
        keys.encryption_key(other),
    ]
    assert len({secret.reveal() for secret in found}) == len(found)
    assert keys.stage_one_key(keys.hub_secret(keys.master_key(VALUE)), "pupil") == found[1]


def test_the_fingerprint_of_the_master_tells_nothing_but_which_it_is() -> None:
    first, second = keys.master_key(VALUE), keys.master_key(VALUE[::-1])
    assert first.id == keys.master_key(VALUE).id != second.id
    assert len(first.id) == 16
