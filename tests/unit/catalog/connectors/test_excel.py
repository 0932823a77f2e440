"""Workbooks: native types, and what spreadsheets hide, lose or pretend, told and not guessed."""

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings, strategies as st

from catalog.connectors.compressed.limits import UnpackLimits
from catalog.connectors.errors import ConnectorError
from catalog.connectors.excel.package import ExcelLimits
from catalog.connectors.excel.reader import ExcelFile
from catalog.connectors.files import FileKind
from catalog.vocabularies.plain_types import PlainType
from tests.unit.catalog.connectors.reading import error_of, looked_at, read_whole

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a table.csv"


def save(
    path: Path, rows: Sequence[Sequence[Any]], change: Callable[[Any], None] | None = None
) -> None:
    book: Any = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    if change:
        change(book)
    book.save(path)


def rewrite(path: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    """Write the parts of a workbook again, changed; a part that becomes None is left out."""
    held = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    path.write_bytes(held.getvalue())


def share_texts(path: Path) -> None:
    """Put the text of the first cell of the second row where Excel puts texts: apart."""
    shared = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>apart</t></si></sst>'
    declared = (
        b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-'
        b'officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
    )
    rewrite(path, lambda name, content: content.replace(b"</Types>", declared))
    rewrite(
        path,
        lambda name, content: content.replace(
            b'<c r="A2" t="inlineStr"><is><t>x</t></is></c>', b'<c r="A2" t="s"><v>0</v></c>'
        ),
    )
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", shared)


def test_texts_that_are_kept_apart_are_read(path: Path) -> None:
    save(path, [["a", "b"], ["x", 2]])
    share_texts(path)
    assert read_whole(path) == [{"a": "apart", "b": "2"}]


def test_cells_come_with_the_types_that_they_show(path: Path) -> None:
    save(
        path,
        [
            [],
            ["uai", "n", "x", "day", "moment", "ok", "hour", "mixed"],
            [
                "0530030V",
                12,
                1.5,
                date(2025, 9, 1),
                datetime.fromisoformat("2025-09-01T08:30"),
                True,
                time(8),
                1,
            ],
            [],
            [
                None,
                12.0,
                2,
                date(2025, 9, 2),
                datetime.fromisoformat("2025-09-02T00:00"),
                False,
                None,
                "NS",
            ],
        ],
    )
    kind, seen = looked_at(path)
    assert kind is FileKind.EXCEL
    assert seen.row_count == 2
    assert {one.name: one.native for one in seen.columns} == {
        "uai": None,
        "n": PlainType.INTEGER,
        "x": PlainType.NUMBER,
        "day": PlainType.DATE,
        "moment": PlainType.DATETIME,
        "ok": PlainType.BOOLEAN,
        "hour": None,
        "mixed": None,
    }
    assert seen.sample["day"].to_pylist() == [date(2025, 9, 1), date(2025, 9, 2)]
    assert read_whole(path) == [
        {
            "uai": "0530030V", "n": "12", "x": "1.5", "day": "2025-09-01",
            "moment": "2025-09-01T08:30:00", "ok": "true", "hour": "08:00:00", "mixed": "1",
        },
        {
            "uai": None, "n": "12", "x": "2", "day": "2025-09-02",
            "moment": "2025-09-02T00:00:00", "ok": "false", "hour": None, "mixed": "NS",
        },
    ]  # fmt: skip


def test_a_formula_is_never_computed_and_one_without_a_value_is_missing(path: Path) -> None:
    save(path, [["a", "b"], [1, "=1+1"], [2, "=1/0"]])
    assert read_whole(path) == [{"a": "1", "b": None}, {"a": "2", "b": None}]


def test_the_value_that_a_formula_had_is_read(path: Path) -> None:
    save(path, [["a", "b"], [1, "=1+1"]])

    def with_value(name: str, content: bytes) -> bytes:
        return content.replace(b"<v></v>", b"<v>2</v>").replace(b"<v />", b"<v>2</v>")

    rewrite(path, with_value)
    assert read_whole(path) == [{"a": "1", "b": "2"}]


def test_not_available_is_missing_and_other_errors_are_told(path: Path) -> None:
    save(path, [["a", "b"], [1, "#N/A"]])
    assert read_whole(path)[0]["b"] is None
    save(path, [["a", "b"], [1, "x"], [2, "#REF!"]])
    error = error_of(path)
    assert (error.code, error.values) == ("formula_error", {"row": 3, "field": "b"})


def test_the_only_sheet_that_holds_something_is_read(path: Path) -> None:
    def others(book: Any) -> None:
        book.create_sheet("empty")
        hidden = book.create_sheet("old")
        hidden.append(["x"])
        hidden.sheet_state = "hidden"

    save(path, [["a", "b"], [1, 2]], others)
    assert read_whole(path) == [{"a": "1", "b": "2"}]


def test_several_sheets_are_named_and_one_is_chosen(path: Path) -> None:
    def second(book: Any) -> None:
        book.active.title = "2024"
        sheet = book.create_sheet("2025")
        sheet.append(["c", "d"])
        sheet.append([3, 4])

    save(path, [["a", "b"], [1, 2]], second)
    error = error_of(path)
    assert (error.code, error.values["sheets"]) == ("which_sheet", "“2024”, “2025”")
    assert read_whole(path, sheet="2025") == [{"c": "3", "d": "4"}]
    assert error_of(path, sheet="2026").code == "which_sheet"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda sheet: sheet.merge_cells("A2:A3"), "merged_cells"),
        (lambda sheet: setattr(sheet.column_dimensions["B"], "hidden", True), "hidden_columns"),
        (lambda sheet: setattr(sheet.row_dimensions[3], "hidden", True), "hidden_rows"),
        (lambda sheet: sheet.cell(3, 5, "a note"), "cell_without_column"),
        (lambda sheet: sheet.insert_rows(1) or sheet.cell(1, 1, "Title"), "cell_without_column"),
        (lambda sheet: sheet.cell(1, 2, "a"), "duplicate_columns"),
        (lambda sheet: sheet.cell(1, 2).__setattr__("value", None) or sheet.cell(1, 3, "c"), "column_without_name"),
        (lambda sheet: sheet.cell(1, 2, "0530030V"), "no_header"),
        (lambda sheet: sheet.cell(3, 2, 1234567890123456), "rounded_number"),
        (lambda sheet: sheet.cell(3, 2, "x" * 32_767 * 4), None),
        (lambda sheet: sheet.delete_rows(2, 5), "no_rows"),
        (lambda sheet: sheet.delete_rows(1, 5), "no_rows"),
    ],
)  # fmt: skip
def test_what_a_sheet_hides_or_loses_is_told(path: Path, change: Any, code: str | None) -> None:
    save(path, [["a", "b"], [1, 2], [3, 4]], lambda book: change(book.active))
    if code is None:
        assert len(read_whole(path)[1]["b"]) < 100_000
    else:
        assert error_of(path).code == code


def test_codes_that_lost_a_zero_among_others_are_told(path: Path) -> None:
    save(path, [["dep", "n"], ["01", 1], ["2A", 2], [9, 3]])
    error = error_of(path)
    assert (error.code, error.values) == ("numbers_among_codes", {"field": "dep", "row": 4})


def test_zeros_that_a_format_shows_are_kept(path: Path) -> None:
    def shown(book: Any) -> None:
        for row in (2, 3):
            book.active.cell(row, 1).number_format = "00000"

    save(path, [["cp", "n"], [1000, 1], [75001, 2]], shown)
    assert [row["cp"] for row in read_whole(path)] == ["01000", "75001"]


def test_a_duration_is_a_text(path: Path) -> None:
    save(path, [["d", "n"], [timedelta(hours=30), 1]])
    assert read_whole(path)[0]["d"] == "1 day, 6:00:00"


ENTITY = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">'
    b'<!ENTITY l "lol"><!ENTITY m "&l;&l;&l;&l;">]>'
)


@pytest.mark.parametrize(
    "part",
    [SHEET, "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", "[Content_Types].xml"],
)
def test_a_part_that_declares_entities_is_refused(path: Path, part: str) -> None:
    save(path, [["a", "b"], ["x", 2]])

    def poisoned(name: str, content: bytes) -> bytes:
        bare = content.partition(b"?>")[2] if content.startswith(b"<?xml") else content
        return ENTITY + bare if name == part else content

    share_texts(path)
    rewrite(path, poisoned)
    error = error_of(path)
    assert error.code == "unsafe_workbook"
    assert "root" not in str(error)


def test_rows_that_cannot_be_are_refused_before_they_are_counted(path: Path) -> None:
    save(path, [["a", "b"], [1, 2]])
    rewrite(path, lambda name, content: content.replace(b'<row r="2"', b'<row r="99999999999"'))
    assert error_of(path).code == "impossible_row"


def test_a_size_that_lies_cuts_nothing(path: Path) -> None:
    save(path, [["a", "b"], [1, 2], [3, 4]])
    rewrite(path, lambda name, content: content.replace(b'ref="A1:B3"', b'ref="A1:A1"'))
    assert len(read_whole(path)) == 2


def test_a_workbook_that_unfolds_too_much_is_refused_before_it_is_read(path: Path) -> None:
    save(path, [["a", "b"], ["x" * 30_000, 2]])
    for limits, code in (
        (ExcelLimits(unpack=UnpackLimits(unpacked_bytes=10_000)), "unpacks_too_large"),
        (ExcelLimits(whole_part_bytes=1_000), "unpacks_too_large"),
        (ExcelLimits(unpack=UnpackLimits(ratio=10, ratio_after=1_000)), "unpacks_too_much"),
    ):
        with pytest.raises(ConnectorError) as caught, ExcelFile(path, limits=limits) as rows:
            rows.inspect()
        assert caught.value.code == code


@pytest.mark.parametrize("lost", [SHEET, "xl/workbook.xml", "[Content_Types].xml"])
def test_a_workbook_without_one_of_its_parts_is_damaged(path: Path, lost: str) -> None:
    save(path, [["a", "b"], [1, 2]])
    rewrite(path, lambda name, content: None if name == lost else content)
    assert error_of(path).code in {"damaged_workbook", "not_one_file", "no_rows"}


def test_a_workbook_whose_sheet_is_cut_is_damaged(path: Path) -> None:
    save(path, [["a", "b"], [1, 2]])
    rewrite(path, lambda name, content: content[:-40] if name == SHEET else content)
    assert error_of(path).code == "damaged_workbook"
    path.write_bytes(path.read_bytes()[:-200])
    assert error_of(path).code == "damaged_archive"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(2000), "other_document"),
        (
            b"\xd0\xcf\x11\xe0" + bytes(2000) + "EncryptedPackage".encode("utf-16-le"),
            "encrypted_workbook",
        ),
    ],
)
def test_old_and_protected_workbooks_are_told_apart(path: Path, content: bytes, code: str) -> None:
    path.write_bytes(content)
    assert error_of(path).code == code


@pytest.mark.parametrize(
    "part", ["xl/workbook.bin", "word/document.xml", "ppt/x.xml", "content.xml"]
)
def test_other_documents_are_named(path: Path, part: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part, b"x")
    assert error_of(path).code == "other_document"


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**14), 10**14),
    st.dates(date(1900, 3, 1), date(2100, 1, 1)),
    st.text("abcé œ,;\"'", min_size=1, max_size=10),
)


@given(rows=st.lists(st.tuples(st.integers(0, 9), CELLS), min_size=1, max_size=15))
@settings(max_examples=25)
def test_what_is_saved_comes_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, Any]]
) -> None:
    path = tmp_path_factory.mktemp("excel") / "t"
    save(path, [["n", "x"], *rows])
    assert read_whole(path, size=7) == [{"n": str(n), "x": as_text(x)} for n, x in rows]


def as_text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)
