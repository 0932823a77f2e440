"""CSV files as people really send them."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from catalog.connectors.csv_file.limits import CsvLimits
from catalog.connectors.csv_file.reader import CsvFile
from catalog.connectors.errors import ConnectorError
from catalog.connectors.port import Inspection

Write = Callable[[bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def writes(content: bytes) -> Path:
        path = tmp_path / "file.csv"
        path.write_bytes(content)
        return path

    return writes


def inspected(path: Path, limits: CsvLimits | None = None) -> Inspection:
    with CsvFile(path, limits or CsvLimits()) as source:
        return source.inspect()


def read_whole(path: Path, limits: CsvLimits | None = None) -> int:
    """Read every column of every row, and return the number of rows."""
    with CsvFile(path, limits or CsvLimits()) as source:
        names = [column.name for column in source.inspect().columns]
        return sum(batch.num_rows for batch in source.batches(names, 1000))


def refused(path: Path, limits: CsvLimits | None = None) -> ConnectorError:
    """Read everything, and return the error that it ends with."""
    with pytest.raises(ConnectorError) as caught:
        read_whole(path, limits)
    return caught.value


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
    ],
)
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_file_recognises_encoding_and_separator(
    write: Write, encoding: str, shown: str, separator: str, end: str
) -> None:
    lines = [["école", "élèves"], ["Évron", "012"], ["Cœur", ""]]
    path = write(end.join(separator.join(line) for line in lines).encode(encoding))
    inspection = inspected(path)
    assert inspection.dialect is not None
    assert (inspection.dialect.encoding, inspection.dialect.separator) == (shown, separator)
    assert inspection.row_count == 2
    assert inspection.sample.to_pydict() == {"école": ["Évron", "Cœur"], "élèves": ["012", ""]}


def test_csv_file_reads_latin_1_that_windows_does_not_have(write: Write) -> None:
    inspection = inspected(write(b"ville;x\n\xc9vron;\x81\n"))
    assert inspection.dialect is not None
    assert inspection.dialect.encoding == "latin-1"
    assert inspection.sample["ville"].to_pylist() == ["Évron"]


def test_csv_file_keeps_quoted_separators_and_line_ends(write: Write) -> None:
    path = write(b'a;b\r\n"un; deux";"ligne 1\r\nligne 2"\r\n"dit ""oui""";x\r\n')
    inspection = inspected(path)
    assert inspection.row_count is None
    assert inspection.sample.to_pylist() == [
        {"a": "un; deux", "b": "ligne 1\r\nligne 2"},
        {"a": 'dit "oui"', "b": "x"},
    ]


def test_csv_file_prefers_the_separator_that_cuts_regularly(write: Write) -> None:
    path = write(b"nom;taux\nLe Mans, centre;81,7\nLaval;82,4\n")
    assert [column.name for column in inspected(path).columns] == ["nom", "taux"]


def test_csv_file_reads_a_single_column(write: Write) -> None:
    assert inspected(write(b"uai\n0530030V\n")).sample.to_pydict() == {"uai": ["0530030V"]}


def test_csv_file_gives_the_asked_columns_in_the_asked_order_and_size(write: Write) -> None:
    rows = "".join(f"{n};{n * 2};x\n" for n in range(2500))
    with CsvFile(write(f"a;b;c\n{rows}".encode())) as source:
        batches = list(source.batches(["c", "a"], 1000))
    assert [batch.num_rows for batch in batches] == [1000, 1000, 500]
    assert batches[0].schema.names == ["c", "a"]
    assert pa.Table.from_batches(batches)["a"].to_pylist() == [str(n) for n in range(2500)]


def test_csv_file_says_when_a_described_column_is_gone(write: Write) -> None:
    with CsvFile(write(b"a;b\n1;2\n")) as source, pytest.raises(ConnectorError) as caught:
        next(source.batches(["a", "z"], 10))
    assert caught.value.code == "missing_columns"


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\r\n  \n", b"\xff\xfe"])
def test_csv_file_says_that_an_empty_file_is_empty(write: Write, content: bytes) -> None:
    assert refused(write(content)).code == "empty_file"


def test_csv_file_says_that_a_header_alone_has_no_rows(write: Write) -> None:
    assert refused(write("uai;élèves\n".encode())).code == "no_rows"


def zipped(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "an Excel or Word document"),
        (zipped("data.csv"), "a ZIP archive"),
        (b"PK\x03\x04....mimetypeapplication/vnd.oasis.opendocument", "a LibreOffice document"),
        (b"PAR1....", "a Parquet file"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"\x1f\x8b\x08....", "a gzip archive"),
        (b"\xd0\xcf\x11\xe0....", "an old Excel or Word document"),
        (b"<!DOCTYPE html><html>", "a web page or an XML document"),
    ],
)
def test_csv_file_names_what_a_renamed_file_really_is(
    write: Write, content: bytes, kind: str
) -> None:
    error = refused(write(content))
    assert error.code == "not_csv"
    assert str(error) == f"This is not a CSV file but {kind}."


def test_csv_file_refuses_zero_bytes_with_the_line(write: Write) -> None:
    error = refused(write(b"a;b\n1;2\n3;\x00\n"))
    assert (error.code, error.values["line"]) == ("not_csv", 3)


def test_csv_file_refuses_a_damaged_utf_16_text(write: Write) -> None:
    error = refused(write("a;b\n1;2\n".encode("utf-16") + b"\x00"))
    assert error.code == "not_csv"


@pytest.mark.parametrize(("first", "second"), [("utf-8", "cp1252"), ("cp1252", "utf-8")])
def test_csv_file_refuses_two_encodings_with_the_line(
    write: Write, first: str, second: str
) -> None:
    content = "ville;n\nLaval;1\nÉvron;2\n".encode(first) + "x;3\nÉvron;4\n".encode(second)
    error = refused(write(content))
    assert error.code == "mixed_encodings"
    assert dict(error.values) == {"line": 5, "first": 3}


def test_csv_file_refuses_three_hundred_columns(write: Write) -> None:
    names = ";".join(f"c{n}" for n in range(300))
    error = refused(write(f"{names}\n{names}\n".encode()))
    assert error.code == "too_many_columns"
    assert str(error) == "The file has 300 columns; the limit is 250."
    wide = inspected(write(f"{names}\n{names}\n".encode()), CsvLimits(columns=300))
    assert len(wide.columns) == 300


def test_csv_file_refuses_columns_without_name(write: Write) -> None:
    error = refused(write(b"a;;b;\n1;2;3;4\n"))
    assert (error.code, error.values["positions"]) == ("column_without_name", "2, 4")


def test_csv_file_lists_ten_columns_without_name_at_most(write: Write) -> None:
    error = refused(write(b"a" + b";" * 12 + b"\n" + b";" * 12 + b"\n"))
    assert error.values["positions"] == "2, 3, 4, 5, 6, 7, 8, 9, 10, 11…"


def test_csv_file_refuses_the_same_name_twice_by_position(write: Write) -> None:
    error = refused(write(b"nom;x;nom\n1;2;3\n"))
    assert (error.code, error.values["positions"]) == ("duplicate_columns", "1, 3")


@pytest.mark.parametrize(
    "first", ["1234567890A;Emma", "x;emma@example.org", "0530030V;12", "2010-01-31;né", "12,5;né"]
)
def test_csv_file_refuses_a_first_line_of_data_without_repeating_it(
    write: Write, first: str
) -> None:
    error = refused(write(f"{first}\na;b\n".encode()))
    assert error.code == "no_header"
    assert not any(cell in str(error) for cell in first.split(";"))


def test_csv_file_accepts_years_as_names_of_columns(write: Write) -> None:
    years = inspected(write(b"uai;2022;2023;2022-2023\n0530030V;1;2;3\n"))
    assert len(years.columns) == 4


@pytest.mark.parametrize(
    ("content", "line", "actual"),
    [
        (b"a;b\n1;2\n3;4;SECRET\n5;6\n", 3, 3),
        (b"a;b\n1;2\n3;4\nSECRET\n5;6\n", 4, 1),
        (b'a;b\n"x";2\n3;4;SECRET\n', 3, 3),
        (b"a;b\n" + b"123456;7890123\n" * 1_000_000 + b"SECRET\n", 1_000_002, 1),
    ],
)
def test_csv_file_refuses_a_row_of_another_width_with_its_line(
    write: Write, content: bytes, line: int, actual: int
) -> None:
    error = refused(write(content))
    assert error.code == "ragged_row"
    assert dict(error.values) == {"line": line, "actual": actual, "expected": 2}
    assert "SECRET" not in str(error) + repr(error)


def test_csv_file_refuses_a_cell_over_the_limit_with_its_row(write: Write) -> None:
    error = refused(write(b"a;b\n1;2\n3;" + b"x" * 60 + b"\n"), CsvLimits(cell_bytes=50))
    assert error.code == "cell_too_long"
    assert (error.values["row"], error.values["field"], error.values["size"]) == (2, "b", 60)


def test_csv_file_refuses_a_line_over_the_limit_with_its_number(write: Write) -> None:
    error = refused(write(b"a;b\n1;2\n3;" + b"x" * 60 + b"\n4;5\n"), CsvLimits(line_bytes=50))
    assert (error.code, error.values["line"]) == ("line_too_long", 3)


def test_csv_file_refuses_a_line_that_never_ends(write: Write) -> None:
    error = refused(write(b"a;b\n1;2\n3;" + b"x" * 9_000_000))
    assert (error.code, error.values["line"]) == ("line_too_long", 3)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_csv_file_refuses_a_quotation_mark_that_stays_open(write: Write, encoding: str) -> None:
    assert refused(write('a;b\n1;2\n3;"open\n5;6\n'.encode(encoding))).code == "open_quote"


def test_csv_file_refuses_a_cell_that_swallows_the_rows_between_two_marks(write: Write) -> None:
    rows = b"".join(b"%d;x\n" % n for n in range(2_500_000))
    error = refused(write(b'a;b\n1;2\n5;"open\n' + rows + b'7;shut"\n'))
    assert (error.code, error.values["row"]) == ("line_too_long", 1)


def test_csv_file_says_when_the_file_changed_under_it(write: Write) -> None:
    for before, after, code in (
        (b"a;b\n1;2\n", b"a;b\n\xff;2\n", "unreadable_csv"),
        ("a\n1\n".encode("utf-16"), b"\xff\xfea\x00\n\x00\x00\xd8\x00\x00", "not_csv"),
    ):
        path = write(before)
        source = CsvFile(path)
        names = [column.name for column in source.inspect().columns]
        path.write_bytes(after)
        with pytest.raises(ConnectorError) as caught:
            list(source.batches(names, 10))
        assert caught.value.code == code


def test_csv_file_refuses_a_file_over_the_limit(write: Write) -> None:
    assert refused(write(b"a;b\n1;2\n"), CsvLimits(file_bytes=5)).code == "file_too_large"


def test_csv_file_reads_more_than_a_block_and_counts_its_lines(write: Write) -> None:
    rows = "".join(f"{n:07};école n° {n}\n" for n in range(300_000))
    path = write(f"code;nom\n{rows}".encode("cp1252"))
    assert inspected(path).row_count == 300_000
    with CsvFile(path) as source:
        sizes = [batch.num_rows for batch in source.batches(["nom"], 70_000)]
    assert sizes == [70_000, 70_000, 70_000, 70_000, 20_000]


def test_an_inspection_does_not_show_its_sample(write: Write) -> None:
    assert "SECRET" not in repr(inspected(write(b"a;b\nSECRET;1\n")))
