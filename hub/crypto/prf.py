"""
Keyed pseudonyms over whole columns.

AES-CMAC (RFC 4493, NIST SP 800-38B) of a message of at most one block is one AES block:
``AES_K(pad(M) xor K1 or K2)``. A column of identifiers is therefore one ECB call over an (n, 16)
matrix, tens of millions of values a second; longer values are chained block by block, still by
columns. The output is CMAC to the bit, not a construction of ours.
"""

import hashlib
from enum import StrEnum
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from hub.crypto.keys import KEY_BYTES, Secret

Bytes = npt.NDArray[np.uint8]
WIDTH = 16
PSEUDONYM = pa.binary(WIDTH)


class Algorithm(StrEnum):
    """The pseudo-random functions a controller may choose between."""

    AES_CMAC = "aes-256-cmac"
    HMAC_SHA256 = "hmac-sha256-128"


class Prf(Protocol):
    """A keyed function from byte strings to 16 bytes."""

    def matrix(self, data: Bytes) -> Bytes:
        """Map (n, length) bytes, all messages equally long, to (n, 16) bytes."""
        ...


class AesCmac:
    """AES-CMAC, column-wise. The key has 16, 24 or 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305  # a block at a time is what CMAC is made of
        zero = self._encrypt(np.zeros((1, WIDTH), np.uint8)).tobytes()
        self._whole = _doubled(zero)
        self._padded = _doubled(self._whole)

    def matrix(self, data: Bytes) -> Bytes:
        """Map (n, length) bytes to (n, 16) bytes."""
        count, length = data.shape
        if length == WIDTH:
            return self._encrypt(_words(data) ^ np.frombuffer(self._whole, np.uint64))
        leading = max(length - 1, 0) // WIDTH
        state = np.zeros((count, WIDTH), np.uint8)
        for block in range(leading):
            state = self._encrypt(state ^ data[:, WIDTH * block : WIDTH * (block + 1)])
        rest = length - WIDTH * leading
        last = np.zeros((count, WIDTH), np.uint8)
        last[:, :rest] = data[:, WIDTH * leading :]
        if rest < WIDTH:
            last[:, rest] = 0x80
        last ^= np.frombuffer(self._whole if rest == WIDTH else self._padded, np.uint8)
        last ^= state
        return self._encrypt(last)

    def _encrypt(self, blocks: npt.NDArray[Any]) -> Bytes:
        """Encrypt every block of 16 bytes by itself."""
        clear = np.ascontiguousarray(blocks).reshape(-1).view(np.uint8)
        out = np.empty(clear.size + WIDTH - 1, np.uint8)
        written = self._cipher.encryptor().update_into(clear.data, out.data)
        return out[:written].reshape(-1, WIDTH)


class HmacSha256:
    """HMAC-SHA-256 cut to 128 bits (RFC 4231), with the padded key hashed once."""

    def __init__(self, key: bytes) -> None:
        key = hashlib.sha256(key).digest() if len(key) > 64 else key
        key = key.ljust(64, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key))

    def matrix(self, data: Bytes) -> Bytes:
        """Map (n, length) bytes to (n, 16) bytes."""
        rows = b"".join(self._one(row.tobytes()) for row in data)
        return np.frombuffer(rows, np.uint8).reshape(len(data), WIDTH)

    def _one(self, message: bytes) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()[:WIDTH]


def prf(key: Secret, algorithm: Algorithm = Algorithm.AES_CMAC) -> Prf:
    """
    Return the function of a key of 256 bits.

    :raises ValueError: when the key has another length
    """
    if len(key) != KEY_BYTES:
        raise ValueError(f"A pseudonym key has {KEY_BYTES} bytes.")
    if algorithm is Algorithm.HMAC_SHA256:
        return HmacSha256(key.reveal())
    return AesCmac(key.reveal())


def pseudonyms(column: pa.Array | pa.ChunkedArray, function: Prf) -> pa.FixedSizeBinaryArray:
    """
    Map a column of texts or bytes to 16 bytes each; null stays null.

    :param column: string or binary of any width, plain or dictionary-encoded
    """
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.DictionaryArray):
        encoded = pseudonyms(array.dictionary, function)
        return encoded.take(array.indices)
    if not pa.types.is_fixed_size_binary(array.type):
        array = array.cast(pa.large_binary())
    if array.null_count == 0:
        return column_of(_present(array, function))
    valid = array.is_valid().to_numpy(zero_copy_only=False)
    out = np.zeros((len(array), WIDTH), np.uint8)
    out[valid] = _present(array.drop_null(), function)
    return column_of(out, valid)


def column_of(
    matrix: Bytes, valid: npt.NDArray[np.bool_] | None = None
) -> pa.FixedSizeBinaryArray:
    """Return an (n, 16) matrix as a column; rows that are not valid become null."""
    data = pa.py_buffer(np.ascontiguousarray(matrix))
    bitmap = None
    if valid is not None:
        bitmap = pa.py_buffer(np.packbits(valid, bitorder="little"))
    return pa.FixedSizeBinaryArray.from_buffers(PSEUDONYM, len(matrix), [bitmap, data])


def matrix_of(column: pa.Array) -> Bytes:
    """Return a column of 16-byte values as an (n, 16) matrix; a null row holds any bytes."""
    size = len(column)
    data = column.buffers()[1]
    if size == 0 or data is None:
        return np.zeros((size, WIDTH), np.uint8)
    start = WIDTH * column.offset
    return np.frombuffer(data, np.uint8)[start : start + WIDTH * size].reshape(size, WIDTH)


def uuid_texts(matrix: Bytes) -> pa.StringArray:
    """Return (n, 16) bytes as texts in the 8-4-4-4-12 form of a UUID."""
    count = len(matrix)
    digits = _HEX[matrix].view(np.uint8).reshape(count, 2 * WIDTH)
    text = np.full((count, 36), ord("-"), np.uint8)
    at = 0
    for start, stop in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32)):
        text[:, at : at + stop - start] = digits[:, start:stop]
        at += stop - start + 1
    offsets = np.arange(0, 36 * count + 1, 36, dtype=np.int64)
    large = pa.Array.from_buffers(
        pa.large_string(), count, [None, pa.py_buffer(offsets), pa.py_buffer(text)]
    )
    return large.cast(pa.string())


_HEX = np.frombuffer(b"".join(f"{byte:02x}".encode() for byte in range(256)), "<u2")


def _words(data: Bytes) -> npt.NDArray[np.uint64]:
    """Return (n, 16) bytes as two words a row: two operations a block instead of sixteen."""
    return np.ascontiguousarray(data).reshape(-1).view(np.uint64).reshape(-1, 2)


def _doubled(block: bytes) -> bytes:
    """Multiply by x in GF(2^128), as RFC 4493 makes its subkeys."""
    number = int.from_bytes(block, "big") << 1
    if number >> 128:
        number = (number & ((1 << 128) - 1)) ^ 0x87
    return number.to_bytes(WIDTH, "big")


def _present(array: pa.Array, function: Prf) -> Bytes:
    """Map fixed-size or large binary without nulls: messages of equal length go together."""
    if pa.types.is_fixed_size_binary(array.type):
        width = array.type.byte_width
        raw = np.frombuffer(array.buffers()[1] or b"", np.uint8)
        start = width * array.offset
        return function.matrix(raw[start : start + width * len(array)].reshape(len(array), width))
    if not len(array):
        return np.zeros((0, WIDTH), np.uint8)
    _, index, data = array.buffers()
    offsets = np.frombuffer(index, np.int64)[array.offset : array.offset + len(array) + 1]
    content = np.frombuffer(data or b"", np.uint8)
    lengths = np.diff(offsets)
    out = np.empty((len(array), WIDTH), np.uint8)
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        if len(rows) == len(array):
            messages = content[offsets[0] : offsets[-1]].reshape(len(rows), length)
        else:
            messages = content[offsets[rows][:, None] + np.arange(length)]
        out[rows] = function.matrix(messages)
    return out
