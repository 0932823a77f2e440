"""What is signed is verified elsewhere, and nothing else is."""

import base64

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from hypothesis import given, settings, strategies as st

from hub.crypto.keys import Secret
from hub.crypto.signatures import is_public_key, is_signed, signer_of

SIGNER = signer_of(Secret(b"the secret of the house"))


def test_the_same_house_signs_with_the_same_key_and_another_with_another() -> None:
    assert signer_of(Secret(b"the secret of the house")).public == SIGNER.public
    assert signer_of(Secret(b"another")).public != SIGNER.public


@given(st.binary(max_size=80), st.integers(0, 511))
@settings(max_examples=50)
def test_a_signature_holds_for_its_message_only(message: bytes, bit: int) -> None:
    signature = SIGNER.sign(message)
    assert is_signed(message, signature, public=SIGNER.public)
    assert not is_signed(message + b"x", signature, public=SIGNER.public)
    changed = bytearray(signature)
    changed[bit // 8] ^= 1 << bit % 8
    assert not is_signed(message, bytes(changed), public=SIGNER.public)


def test_the_key_that_openssl_reads_is_the_same() -> None:
    key = load_pem_public_key(SIGNER.pem.encode())
    key.verify(SIGNER.sign(b"x"), b"x")  # type: ignore[union-attr,call-arg]


def test_another_key_verifies_nothing() -> None:
    other = signer_of(Secret(b"another")).public
    assert not is_signed(b"x", SIGNER.sign(b"x"), public=other)
    assert not is_signed(b"x", SIGNER.sign(b"x"), public="no key")


@pytest.mark.parametrize("text", ["", "é", "AAAA", base64.b64encode(bytes(31)).decode()])
def test_what_is_no_key_is_said_to_be_none(text: str) -> None:
    assert is_public_key(SIGNER.public)
    assert not is_public_key(text)
