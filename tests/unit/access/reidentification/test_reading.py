"""Candidates are read line by line; what is wrong is said by its line, never by what it holds."""

import csv

import pytest

from access.reidentification.reading import (
    MOST_BYTES,
    MOST_CANDIDATES,
    checked,
    read,
    with_keys,
)
from hub.kernel.refusals import Invalid


def refused(content: bytes) -> str:
    with pytest.raises(Invalid) as error:
        read(content)
    [refusal] = error.value.refusals
    assert b"Jeanne" not in str(refusal).encode()
    return refusal.code


@pytest.mark.parametrize(
    "content",
    [
        b"123456789AA\n123456789BB\n",
        b"\xef\xbb\xbf123456789AA\r\n\r\n  123456789BB  ",
        b"ine\n123456789AA\n123456789BB",
        b"\xef\xbb\xbfnom;Identifiant;note\nA;123456789AA;3\nB;123456789BB;4\nC\n",
        b'"ine","nom"\n"123456789AA","A, B"\n"123456789BB","C"\n',
    ],
)
def test_one_identifier_a_line_or_a_column_of_that_name(content: bytes) -> None:
    assert read(content) == ["123456789AA", "123456789BB"]


def test_other_encodings_are_read_too() -> None:
    assert read("élève-1\nélève-2".encode("cp1252")) == ["élève-1", "élève-2"]
    assert read("élève-1".encode()) == ["élève-1"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "no-candidate"),
        (b"\n \n", "no-candidate"),
        (b"ine\n", "no-candidate"),
        (b"a\0b", "not-a-text"),
        (b"x" * (MOST_BYTES + 1), "candidates-too-large"),
        (b"1\n" * (MOST_CANDIDATES + 1), "too-many-candidates"),
        (b"Jeanne;1\nJeanne;2\n", "not-an-identifier"),
        (b"1\n" + b"Jeanne" * 11, "not-an-identifier"),
    ],
)
def test_what_is_not_a_list_of_identifiers_is_refused(content: bytes, code: str) -> None:
    assert refused(content) == code


def test_a_cell_without_an_end_is_no_text() -> None:
    # The longest cell is a number of the whole process: other readers of CSV may have raised it.
    before = csv.field_size_limit(1_000)
    try:
        assert refused(b'"' + b"x" * 2_000) == "not-a-text"
    finally:
        csv.field_size_limit(before)


def test_a_fault_names_its_lines_as_the_file_counts_them() -> None:
    with pytest.raises(Invalid) as error:
        read(b"ine;nom\n1;A\n" + b"2" * 65 + b";B\n")

    assert error.value.refusals[0].values == {"lines": "3"}


def test_texts_given_one_by_one_are_checked_the_same() -> None:
    assert checked([" 1 ", "", "2"]) == ["1", "2"]
    with pytest.raises(Invalid):
        checked(["1;2"])


def test_a_text_may_begin_with_both_keys() -> None:
    assert with_keys(b"AAAA\r\n BBBB\n1\n2\n") == ("AAAA", "BBBB", b"1\n2\n")
    assert with_keys(b"AAAA") == ("AAAA", "", b"")
    assert with_keys(b"") == ("", "", b"")
