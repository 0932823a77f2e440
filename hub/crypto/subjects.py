"""From an identifier as somebody wrote it to the subject key that the hub keeps: the only place."""

import pyarrow as pa
import pyarrow.compute as pc

from hub.crypto.keys import Secret
from hub.crypto.prf import Algorithm, prf, pseudonyms

BLANKS = r"[\p{Z}\p{Cc}\p{Cf}]+"
"""Every space, control and invisible formatting character, wherever it stands."""


def normalise_column(column: pa.Array | pa.ChunkedArray) -> pa.StringArray:
    """
    Write identifiers in one way: no blanks, compatibility forms folded (NFKC), upper case.

    `` 0123456789a `` and ``０１２３ 456 789A`` are one person. What is empty afterwards is null: a
    missing identifier is nobody, not one person called "".

    :param column: texts or whole numbers (a number has lost its leading zeros: read codes as text)
    """
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    text = pc.cast(array, pa.string())
    text = pc.replace_substring_regex(text, pattern=BLANKS, replacement="")
    text = pc.utf8_upper(pc.utf8_normalize(text, form="NFKC"))
    # Folding may bring blanks and compositions back ("´" is a space and an accent).
    text = pc.replace_substring_regex(text, pattern=BLANKS, replacement="")
    text = pc.utf8_normalize(text, form="NFKC")
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def normalise(identifier: str) -> str | None:
    """Return one identifier as :func:`normalise_column` writes it, None when nothing is left."""
    written: str | None = normalise_column(pa.array([identifier], pa.string()))[0].as_py()
    return written


def subject_keys(
    column: pa.Array | pa.ChunkedArray, key: Secret, algorithm: Algorithm = Algorithm.AES_CMAC
) -> pa.FixedSizeBinaryArray:
    """
    Return p0 for every identifier: stage 1, under K_hub[attribute].

    :param column: identifiers as they came; null and empty give null
    :returns: 16 bytes each
    """
    return pseudonyms(normalise_column(column), prf(key, algorithm))


def subject_key(
    identifier: str, key: Secret, algorithm: Algorithm = Algorithm.AES_CMAC
) -> bytes | None:
    """Return p0 of one identifier (16 bytes), None when it is empty."""
    found: bytes | None = subject_keys(pa.array([identifier], pa.string()), key, algorithm)[
        0
    ].as_py()
    return found
