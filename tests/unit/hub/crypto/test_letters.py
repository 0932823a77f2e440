"""A letter is opened by its recipient alone."""

import pytest

from hub.crypto.keys import Secret
from hub.crypto.letters import (
    LetterRefused,
    is_recipient,
    new_identity,
    recipient_of,
    seal,
    unseal,
)

MINE = new_identity()


def test_a_letter_opens_with_the_key_that_it_was_sealed_to() -> None:
    assert unseal(seal(b"keys", to=recipient_of(MINE)), MINE) == b"keys"


def test_a_letter_opens_for_nobody_else() -> None:
    with pytest.raises(LetterRefused):
        unseal(seal(b"keys", to=recipient_of(MINE)), new_identity())


def test_an_altered_letter_does_not_open() -> None:
    letter = bytearray(seal(b"keys", to=recipient_of(MINE)))
    letter[-1] ^= 1
    with pytest.raises(LetterRefused):
        unseal(bytes(letter), MINE)


def test_two_letters_of_the_same_words_are_not_alike() -> None:
    assert seal(b"keys", to=recipient_of(MINE)) != seal(b"keys", to=recipient_of(MINE))


@pytest.mark.parametrize("key", [b"AGE-SECRET-KEY-1", b"\xff", b"age1"])
def test_what_is_no_private_key_is_refused(key: bytes) -> None:
    with pytest.raises(ValueError, match="private key"):
        recipient_of(Secret(key))


def test_a_recipient_is_recognised() -> None:
    assert is_recipient(recipient_of(MINE))
    assert not is_recipient("age1nobody")
    with pytest.raises(ValueError, match="recipient"):
        seal(b"keys", to="age1nobody")
