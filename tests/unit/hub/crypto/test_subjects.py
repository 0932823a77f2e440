"""One person, however the identifier was written."""

import pyarrow as pa
import pytest

from hub.crypto import subjects
from hub.crypto.keys import Secret, new_secret
from hub.crypto.prf import Algorithm

KEY = Secret(bytes(range(32)))


@pytest.mark.parametrize(
    "written",
    [
        "012345678AB",
        "  012345678ab ",
        "012 345 678 AB",
        "012\u00a0345\u202f678\tab\r\n",
        "\ufeff012345678AB\u200b",
        "０１２３４５６７８ＡＢ",
    ],
)
def test_every_spelling_of_an_identifier_is_one_person(written: str) -> None:
    assert subjects.normalise(written) == "012345678AB"
    assert subjects.subject_key(written, KEY) == subjects.subject_key("012345678AB", KEY)


@pytest.mark.parametrize("written", ["", "   ", "\u00a0\t"])
def test_an_empty_identifier_is_nobody(written: str) -> None:
    assert subjects.normalise(written) is None
    assert subjects.subject_key(written, KEY) is None


def test_leading_zeros_and_letters_are_kept() -> None:
    assert subjects.normalise("0001a") == "0001A"


def test_a_column_keeps_its_gaps_and_its_order() -> None:
    column = pa.chunked_array([["1a", None], [" 1A", ""]])
    keys = subjects.subject_keys(column, KEY).to_pylist()
    assert keys[0] == keys[2] == subjects.subject_key("1A", KEY)
    assert keys[1] is keys[3] is None
    assert len(keys[0]) == 16


def test_numbers_and_dictionaries_are_columns_too() -> None:
    expected = [subjects.subject_key("12", KEY), None]
    assert subjects.subject_keys(pa.array([12, None]), KEY).to_pylist() == expected
    encoded = pa.array(["12", None]).dictionary_encode()
    assert subjects.subject_keys(encoded, KEY).to_pylist() == expected


def test_another_key_or_function_gives_another_subject() -> None:
    found = {
        subjects.subject_key("1A", KEY),
        subjects.subject_key("1A", new_secret()),
        subjects.subject_key("1A", KEY, Algorithm.HMAC_SHA256),
    }
    assert len(found) == 3
