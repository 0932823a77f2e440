"""Files of words, as people export them."""

import io
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from access.consents.cells import folded
from access.consents.reading import BATCH, Defaults, Faults, Lines, read, read_one
from access.consents.rules import DecidedBy, Decision
from hub.kernel.refusals import Invalid

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
DEFAULTS = Defaults(decided_at=NOW)


def reading(text: str | bytes, defaults: Defaults = DEFAULTS) -> tuple[list[Lines], Faults]:
    faults = Faults()
    content = text.encode() if isinstance(text, str) else text
    return [lines for _n, lines in read(io.BytesIO(content), defaults, faults)], faults


def one(text: str | bytes, defaults: Defaults = DEFAULTS) -> Lines:
    [lines], faults = reading(text, defaults)
    assert not faults
    return lines


def wrong(text: str) -> dict[str, object]:
    _lines, faults = reading(text)
    return {refusal.about: refusal.values["lines"] for refusal in faults.refusals()}


def test_read_takes_a_french_export_with_its_mark_and_accents() -> None:
    lines = one(
        "\ufeffIdentifiant;Décision;Date;Par;Jusqu'au\n1A;opposition;31/03/2026;responsable;\n"
    )

    assert lines.identifiers == ["1A"]
    [word] = lines.words
    assert word[:2] == (Decision.OBJECTED, DecidedBy.GUARDIAN)
    assert word[2].isoformat() == "2026-03-31T00:00:00+02:00"
    assert word[3] is None


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_read_recognises_the_separator(separator: str) -> None:
    assert one(f"ine{separator}decision\n1A{separator}given\n").identifiers == ["1A"]


def test_read_takes_windows_files() -> None:
    text = "identifiant;décision\r\nÉ1;accordé\r\n".encode("cp1252")

    lines = one(text)

    assert lines.identifiers == ["É1"]
    assert lines.words[0][0] is Decision.GIVEN


def test_read_fills_what_the_file_lacks_from_the_defaults() -> None:
    project = UUID(int=5)
    defaults = Defaults(
        decided_at=NOW,
        decision=Decision.OBJECTED,
        by=DecidedBy.GUARDIAN,
        purpose="research",
        project=project,
        notice="v2",
    )

    [word] = one("ine\n1A\n", defaults).words

    assert word == (
        Decision.OBJECTED, DecidedBy.GUARDIAN, NOW, None, project, "research", "v2", "",
    )  # fmt: skip


def test_read_reads_every_column() -> None:
    header = "ine;decision;date;until;by;holder;project;purpose;notice;evidence;comment"
    row = f"1A;given;2026-01-02T10:00;2027-01-01;self;h1;{UUID(int=7)};research;v 1;doc/1;x"

    lines = one(f"{header}\n{row}\n")

    assert lines.holders == ["h1"]
    assert lines.words[0][3:] == (date(2027, 1, 1), UUID(int=7), "research", "v 1", "doc/1")


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("1A", "cells"),
        (";given;;;;;;;;", "identifier"),
        (" \u200b ;given;;;;;;;;", "identifier"),
        ("1" * 65 + ";given;;;;;;;;", "identifier"),
        ("1A;perhaps;;;;;;;;", "decision"),
        ("1A;;;;;;;;;", "decision"),
        ("1A;given;yesterday;;;;;;;", "decided_at"),
        ("1A;given;2026-04-02;;;;;;;", "decided_at"),
        ("1A;given;01/01/20024;;;;;;;", "decided_at"),
        ("1A;given;;never;;;;;;", "until"),
        ("1A;given;2026-03-01;2026-02-01;;;;;;", "until"),
        ("1A;given;;;neighbour;;;;;", "by"),
        ("1A;given;;;;" + "h" * 65 + ";;;;", "holder"),
        ("1A;given;;;;;12;;;", "project"),
        ("1A;given;;;;;;curiosity;;", "purpose"),
        ("1A;given;;;;;;;=1+1;", "notice"),
        ("1A;given;;;;;;;;1234567890A", "evidence"),
    ],
)
def test_a_wrong_line_is_told_by_its_number_and_never_by_what_it_holds(
    row: str, kind: str
) -> None:
    header = "ine;decision;date;until;by;holder;project;purpose;notice;evidence"
    text = f"{header}\n2B;given;;;;;;;;\n\n{row}\n3C;refused;;;;;;;;\n"

    [lines], faults = reading(text)

    assert lines.identifiers == ["2B", "3C"]
    assert lines.numbers == [2, 5]
    [refusal] = faults.refusals()
    assert (refusal.about, refusal.values["lines"]) == (kind, "4")
    assert row not in str(refusal)


def test_many_wrong_lines_are_counted_and_the_first_ten_named() -> None:
    said = wrong("ine;decision\n" + "1A;maybe\n" * 15)

    assert said == {"decision": "2, 3, 4, 5, 6, 7, 8, 9, 10, 11 (+5)"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not-a-text"),
        (b"\xef\xbb\xbf\n\n", "not-a-text"),
        (b"PK\x03\x04\0\0\0", "not-a-text"),
        (b"name;decision\nx;given\n", "no-identifier-column"),
        (b"ine;date\n1;2026-01-01\n", "no-decision-column"),
        (b"ine;identifiant;decision\n1;2;given\n", "column-twice"),
        (b"ine;decision\n" + b"1" * 5000 + b";given\n", "not-csv"),
        (b"ine;decision\n" + b"1;given\n" * 200_000 + b"\xff\xff;given\n", "not-csv"),
    ],
)
def test_read_refuses_what_is_not_a_file_of_words(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        reading(content)

    assert [one.code for one in refused.value.refusals] == [code]


def test_read_goes_by_pieces_and_keeps_the_numbers_of_lines() -> None:
    text = "ine;decision\n" + "1A;given\n" * BATCH + "1A;perhaps\n2B;given\n"

    pieces, faults = reading(text)

    assert [len(piece.numbers) for piece in pieces] == [BATCH, 1]
    assert faults.first == {"decision": [BATCH + 2]}
    assert pieces[1].numbers == [BATCH + 3]


def test_read_one_checks_a_word_as_a_line() -> None:
    faults = Faults()

    lines = read_one({"identifier": "1A", "decision": "given"}, DEFAULTS, faults)
    read_one({"identifier": "1A", "decision": "perhaps"}, DEFAULTS, faults)

    assert lines.words[0][0] is Decision.GIVEN
    assert [refusal.about for refusal in faults.refusals()] == ["decision"]


def test_folded_writes_a_word_in_one_way() -> None:
    assert folded("  Date de la Décision ! ") == "date_de_la_decision"
    assert folded("jusqu’au") == "jusqu_au"


def test_texts_seen_before_are_forgotten_when_they_are_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("access.consents.reading.BATCH", 2)
    days = "\n".join(f"12345678{day:02d}A;objected;2026-03-{day:02d}" for day in range(1, 9))

    pieces, faults = reading(f"ine;decision;date\n{days}\n")

    assert not faults
    assert sum(len(piece.numbers) for piece in pieces) == 8
