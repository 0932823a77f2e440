"""Pseudonyms over columns, to the bit."""

import hmac
import uuid

import numpy as np
import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given, strategies as st

from hub.crypto import prf
from hub.crypto.keys import Secret
from tests.unit.hub.crypto.vectors import AES_CMAC, HMAC_SHA256

KEY = Secret(bytes(range(32)))


def reference(message: bytes) -> bytes:
    mac = CMAC(algorithms.AES(KEY.reveal()))
    mac.update(message)
    return mac.finalize()


@pytest.mark.parametrize(("key", "message", "code"), AES_CMAC)
def test_cmac_gives_the_bytes_of_rfc_4493_and_sp_800_38b(
    key: str, message: str, code: str
) -> None:
    text = bytes.fromhex(message)
    data = np.frombuffer(text * 3, np.uint8).reshape(3, len(text))
    assert prf.AesCmac(bytes.fromhex(key)).matrix(data).tobytes().hex() == code * 3


@pytest.mark.parametrize(("key", "message", "code"), HMAC_SHA256)
def test_hmac_gives_the_first_bytes_of_rfc_4231(key: str, message: str, code: str) -> None:
    data = np.frombuffer(bytes.fromhex(message), np.uint8)[None, :]
    assert prf.HmacSha256(bytes.fromhex(key)).matrix(data).tobytes().hex() == code[:32]


@given(st.lists(st.none() | st.binary(max_size=70), max_size=30), st.integers(0, 5))
def test_a_column_of_any_shape_gives_cmac_row_by_row(
    messages: list[bytes | None], start: int
) -> None:
    expected = [None if m is None else reference(m) for m in messages]
    function = prf.prf(KEY)
    for kind in (pa.binary(), pa.large_binary(), pa.binary_view()):
        column = pa.array(messages, kind)
        assert prf.pseudonyms(column, function).to_pylist() == expected
        assert prf.pseudonyms(column.slice(start), function).to_pylist() == expected[start:]
    chunks = pa.chunked_array([pa.array(messages, pa.binary())] * 2)
    assert prf.pseudonyms(chunks, function).to_pylist() == expected * 2
    encoded = pa.array(messages, pa.binary()).dictionary_encode()
    assert prf.pseudonyms(encoded, function).to_pylist() == expected


def test_texts_and_sixteen_byte_values_are_messages_too() -> None:
    function = prf.prf(KEY)
    texts = ["0123456789A", None, "élève"]
    assert prf.pseudonyms(pa.array(texts), function).to_pylist() == [
        None if text is None else reference(text.encode()) for text in texts
    ]
    blocks = [bytes(range(16)), None, bytes(16)]
    column = pa.array([b"-" * 16, *blocks], pa.binary(16)).slice(1)
    assert prf.pseudonyms(column, function).to_pylist() == [
        None if block is None else reference(block) for block in blocks
    ]


def test_hmac_may_be_chosen_for_a_column() -> None:
    function = prf.prf(KEY, prf.Algorithm.HMAC_SHA256)
    found = prf.pseudonyms(pa.array(["a", "bb", None]), function).to_pylist()
    for text, code in zip(("a", "bb"), found, strict=False):
        assert code == hmac.digest(KEY.reveal(), text.encode(), "sha256")[:16]
    assert found[2] is None


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        prf.prf(Secret(b"sixteen bytes key"))


def test_a_column_goes_to_a_matrix_and_back() -> None:
    column = pa.array([b"a" * 16, None, b"c" * 16], pa.binary(16))
    matrix = prf.matrix_of(column.slice(1))
    assert matrix[1].tobytes() == b"c" * 16
    assert prf.column_of(prf.matrix_of(column)).to_pylist()[0] == b"a" * 16
    back = prf.column_of(prf.matrix_of(column), np.array([True, False, True]))
    assert back.equals(column)
    assert prf.matrix_of(pa.array([], pa.binary(16))).shape == (0, 16)
    assert prf.pseudonyms(pa.array([], pa.string()), prf.prf(KEY)).to_pylist() == []


def test_a_pseudonym_is_written_as_a_uuid() -> None:
    matrix = np.arange(48, dtype=np.uint8).reshape(3, 16)
    expected = [str(uuid.UUID(bytes=row.tobytes())) for row in matrix]
    assert prf.uuid_texts(matrix).to_pylist() == expected
