"""Text columns get their declared types, or a refusal with the row."""

import contextlib
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from catalog.connectors.errors import ConnectorError
from catalog.connectors.typing import TypedColumn, schema_of, typed
from catalog.vocabularies.plain_types import DateFormat, PlainType


def read(
    values: object,
    plain: PlainType,
    *,
    missing: tuple[str, ...] = (),
    date_format: DateFormat = DateFormat.ISO,
) -> list[object]:
    array = values if isinstance(values, pa.Array) else pa.array(values, pa.string())
    batch = pa.RecordBatch.from_arrays([array], ["c"])
    column = TypedColumn("c", plain, missing, date_format)
    answer = typed(batch, [column])
    assert answer.schema == schema_of([column])
    return list(answer.column(0).to_pylist())


@pytest.mark.parametrize(
    ("plain", "values", "expected"),
    [
        (PlainType.TEXT, [" 053 ", "", "NA"], ["053", None, None]),
        (PlainType.INTEGER, ["12", "+3", "-007", "11683.0", "1 234", "2 345 678", ""],
         [12, 3, -7, 11683, 1234, 2345678, None]),
        (PlainType.NUMBER, ["81,7%", "82.4 %", "1 234,5", "-3", "na", "1e3", ",5"],
         [81.7, 82.4, 1234.5, -3.0, None, 1000.0, 0.5]),
        (PlainType.BOOLEAN, ["Oui", "non", "1", "0", "VRAI", ""],
         [True, False, True, False, True, None]),
        (PlainType.DATE, ["2024-02-29", "2010-1-5", ""], [date(2024, 2, 29), date(2010, 1, 5), None]),
    ],
)  # fmt: skip
def test_typed_reads_what_french_files_write(
    plain: PlainType, values: list[str], expected: list[object]
) -> None:
    assert read(values, plain, missing=("NA",)) == expected


def test_typed_reads_french_dates_only_when_declared() -> None:
    french = read(["31/12/2010", "1/2/2011"], PlainType.DATE, date_format=DateFormat.FRENCH)
    assert french == [date(2010, 12, 31), date(2011, 2, 1)]
    with pytest.raises(ConnectorError):
        read(["31/12/2010"], PlainType.DATE)


def test_typed_reads_moments_of_paris_and_of_elsewhere() -> None:
    moments = read(
        ["2024-07-01T12:00:00", "2024-01-01 12:00", "2024-07-01T12:00:00Z",
         "2024-07-01T12:00:00+0530", "2024-07-01T12:00:00.25+02:00", ""],
        PlainType.DATETIME,
    )  # fmt: skip
    assert moments == [
        datetime(2024, 7, 1, 10, tzinfo=UTC),
        datetime(2024, 1, 1, 11, tzinfo=UTC),
        datetime(2024, 7, 1, 12, tzinfo=UTC),
        datetime(2024, 7, 1, 6, 30, tzinfo=UTC),
        datetime(2024, 7, 1, 10, 0, 0, 250_000, tzinfo=UTC),
        None,
    ]


@pytest.mark.parametrize(
    ("plain", "bad"),
    [
        (PlainType.INTEGER, "12,5"),
        (PlainType.INTEGER, "9" * 19),
        (PlainType.NUMBER, "NS"),
        (PlainType.NUMBER, "1 23"),
        (PlainType.NUMBER, "=1+1"),
        (PlainType.BOOLEAN, "peut-être"),
        (PlainType.DATE, "20024-01-05"),
        (PlainType.DATE, "0204-01-05"),
        (PlainType.DATE, "2023-02-29"),
        (PlainType.DATE, "2023-13-01"),
        (PlainType.DATE, "2023-00-10"),
        (PlainType.DATETIME, "2024-02-31T10:00:00"),
        (PlainType.DATETIME, "2024-02-01T25:00:00Z"),
        (PlainType.DATETIME, "hier"),
    ],
)
def test_typed_refuses_with_the_row_and_never_the_value(plain: PlainType, bad: str) -> None:
    good = {
        PlainType.INTEGER: "1", PlainType.NUMBER: "1", PlainType.BOOLEAN: "oui",
        PlainType.DATE: "2020-01-01", PlainType.DATETIME: "2020-01-01T00:00:00",
    }[plain]  # fmt: skip
    batch = pa.RecordBatch.from_arrays([pa.array([good, "", bad, bad])], ["champ"])
    with pytest.raises(ConnectorError) as caught:
        typed(batch, [TypedColumn("champ", plain)], rows_before=1000)
    assert caught.value.code == "value_not_of_type"
    assert dict(caught.value.values) == {"row": 1003, "field": "champ"}
    assert bad not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_typed_casts_what_the_source_typed_itself() -> None:
    assert read(pa.array([1.0, None, 3.0]), PlainType.INTEGER) == [1, None, 3]
    assert read(pa.array([12, None]), PlainType.TEXT) == ["12", None]
    assert read(pa.array(["a", "b"]).dictionary_encode(), PlainType.TEXT) == ["a", "b"]
    noon = pa.array([datetime(2024, 7, 1, 12)], pa.timestamp("ms"))  # noqa: DTZ001  (naive)
    assert read(noon, PlainType.DATETIME) == [datetime(2024, 7, 1, 10, tzinfo=UTC)]
    assert read(pa.array([date(2024, 7, 1)]), PlainType.DATE) == [date(2024, 7, 1)]


def test_typed_names_the_row_of_a_native_value_that_does_not_fit() -> None:
    with pytest.raises(ConnectorError) as caught:
        read(pa.array([1.0, 2.0, 2.5]), PlainType.INTEGER)
    assert caught.value.values["row"] == 3
    with pytest.raises(ConnectorError) as caught:
        read(pa.array([date(2024, 7, 1)]), PlainType.BOOLEAN)
    assert caught.value.values["row"] == 1


def test_typed_gives_the_asked_columns_in_their_order() -> None:
    batch = pa.RecordBatch.from_pydict({"a": ["1"], "b": ["x"], "c": ["oui"]})
    columns = [TypedColumn("c", PlainType.BOOLEAN), TypedColumn("a", PlainType.INTEGER)]
    assert typed(batch, columns).to_pylist() == [{"c": True, "a": 1}]


def test_typed_reads_a_batch_without_rows() -> None:
    for plain in PlainType:
        assert read(pa.array([], pa.string()), plain) == []


numbers = st.lists(st.one_of(st.none(), st.integers(-(10**17), 10**17)), min_size=1, max_size=30)


@given(numbers)
def test_typed_gives_back_every_whole_number(values: list[int | None]) -> None:
    grouped = ["" if value is None else f"{value:,}".replace(",", " ") for value in values]
    assert read(grouped, PlainType.INTEGER) == values


@given(st.lists(st.decimals(-(10**6), 10**6, places=3), min_size=1, max_size=30))
def test_typed_reads_commas_and_points_alike(values: list[object]) -> None:
    points = [str(value) for value in values]
    commas = [text.replace(".", ",") + "%" for text in points]
    assert read(points, PlainType.NUMBER) == read(commas, PlainType.NUMBER)
    assert read(points, PlainType.NUMBER) == [float(text) for text in points]


@given(st.lists(st.dates(date(1900, 1, 1), date(2100, 12, 31)), min_size=1, max_size=30))
def test_typed_gives_back_every_day_in_both_formats(days: list[date]) -> None:
    assert read([day.isoformat() for day in days], PlainType.DATE) == days
    french = [f"{day.day}/{day.month}/{day.year}" for day in days]
    assert read(french, PlainType.DATE, date_format=DateFormat.FRENCH) == days


@given(
    st.lists(
        st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001  (placed below)
        min_size=1,
        max_size=20,
    )
)
def test_typed_gives_back_every_moment(moments: list[datetime]) -> None:
    placed = [moment.replace(tzinfo=UTC, microsecond=0) for moment in moments]
    assert read([moment.isoformat() for moment in placed], PlainType.DATETIME) == placed
    assert all(moment.utcoffset() == timedelta(0) for moment in placed)


@given(st.text(max_size=20), st.sampled_from(list(PlainType)))
def test_typed_answers_any_text_with_a_value_or_a_refusal(text: str, plain: PlainType) -> None:
    batch = pa.RecordBatch.from_pydict({"c": [text.encode("utf-8", "ignore").decode()]})
    with contextlib.suppress(ConnectorError):
        answer = typed(batch, [TypedColumn("c", plain)])
        assert answer.num_rows == 1
