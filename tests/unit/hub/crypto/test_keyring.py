"""One master key follows another: who wraps, who opens, and what the second half closes."""

import pytest

from hub.crypto.keyring import Keyring
from hub.crypto.keys import KeyRefused, Secret, master_key, new_secret, wrap, wrapping_key

OLD, NEW, OTHER = (master_key(bytes([number]) * 32) for number in (1, 2, 3))
SECRET = Secret(b"what is kept")


def test_only_the_present_key_wraps() -> None:
    stored = Keyring(NEW, (OLD,)).wrap(SECRET, "vault", "file")

    assert Keyring(NEW).unwrap(stored, "vault", "file") == SECRET
    with pytest.raises(KeyRefused):
        Keyring(OLD).unwrap(stored, "vault", "file")


def test_what_another_key_wrapped_opens_as_long_as_it_is_here() -> None:
    stored = Keyring(OLD).wrap(SECRET, "vault", "file")

    assert Keyring(NEW, (OTHER, OLD)).unwrap(stored, "vault", "file") == SECRET
    with pytest.raises(KeyRefused):
        Keyring(NEW, (OTHER,)).unwrap(stored, "vault", "file")


def test_what_was_stored_without_the_name_of_its_key_opens_too() -> None:
    stored = wrap(SECRET, under=wrapping_key(OLD, "vault"), about=("file",))

    for ring in (Keyring(OLD), Keyring(NEW, (OLD,))):
        assert ring.unwrap(stored, "vault", "file") == SECRET
        assert not ring.is_present(stored)
    with pytest.raises(KeyRefused):
        Keyring(NEW).unwrap(stored, "vault", "file")


def test_a_ring_tells_what_is_under_its_present_key() -> None:
    stored = Keyring(OLD).wrap(SECRET, "vault", "file")

    assert Keyring(OLD, (NEW,)).is_present(stored)
    assert not Keyring(NEW, (OLD,)).is_present(stored)
    assert not Keyring(NEW).is_present(b"")


@pytest.mark.parametrize("asked", [("vault", "other"), ("sources", "file"), ("vault",)])
def test_a_secret_opens_for_what_it_was_stored_for_alone(asked: tuple[str, ...]) -> None:
    stored = Keyring(OLD).wrap(SECRET, "vault", "file")

    with pytest.raises(KeyRefused):
        Keyring(OLD).unwrap(stored, *asked)


def test_the_name_of_another_key_opens_nothing() -> None:
    stored = Keyring(OLD).wrap(SECRET, "vault", "file")
    renamed = stored[:1] + bytes.fromhex(NEW.id) + stored[9:]

    with pytest.raises(KeyRefused):
        Keyring(NEW, (OLD,)).unwrap(renamed, "vault", "file")


def test_what_has_a_second_half_opens_with_both_halves_alone() -> None:
    ring, share = Keyring(OLD), new_secret()
    stored = ring.wrap(SECRET, "grants", "one", share=share)

    assert ring.unwrap(stored, "grants", "one", share=share) == SECRET
    for half in (None, new_secret()):
        with pytest.raises(KeyRefused):
            ring.unwrap(stored, "grants", "one", share=half)
    with pytest.raises(KeyRefused):
        Keyring(NEW).unwrap(stored, "grants", "one", share=share)


def test_a_ring_shows_nothing_of_its_keys() -> None:
    assert "\\x01" not in repr(Keyring(OLD))
