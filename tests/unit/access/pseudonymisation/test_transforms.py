"""What is done to a column."""

import pyarrow as pa
import pytest

from access.pseudonymisation.hierarchies import LadderSpec
from access.pseudonymisation.transforms import generalise, guarded, rounded


def test_texts_are_generalised_once_a_value_and_stay_a_dictionary() -> None:
    column = pa.array(["0530030V", None, "0530829N", "0720902P", "?"]).dictionary_encode()
    found = generalise(column, LadderSpec("uai"), "departement")
    assert found.to_pylist() == ["53", None, "53", "72", None]
    assert sorted(found.dictionary.to_pylist()) == ["53", "72"]
    plain = generalise(pa.array(["0530030V"]), LadderSpec("uai"), "departement")
    assert plain.to_pylist() == ["53"]
    part = column.slice(1, 2)
    assert generalise(part, LadderSpec("uai"), "departement").to_pylist() == [None, "53"]


def test_dates_become_numbers_or_texts() -> None:
    column = pa.array([0, None, 366, 0], pa.date32())
    assert generalise(column, LadderSpec("date"), "year").to_pylist() == [1970, None, 1971, 1970]
    months = generalise(column, LadderSpec("date"), "month")
    assert months.to_pylist() == ["1970-01", None, "1971-01", "1970-01"]
    assert pa.types.is_dictionary(months.type)


@pytest.mark.parametrize(
    ("step", "values", "found"),
    [
        ("0.5", [12.24, 12.25, 12.75, None], [12.0, 12.0, 13.0, None]),
        ("1", [0.5, 1.5, 2.5], [0.0, 2.0, 2.0]),
        ("significant:2", [1234.0, 0.01236, -87.6, 0.0, None], [1200.0, 0.012, -88.0, 0.0, None]),
        ("significant:1", [95.0, 999.0], [100.0, 1000.0]),
    ],
)
def test_numbers_are_rounded(
    step: str, values: list[float | None], found: list[float | None]
) -> None:
    assert rounded(pa.array(values, pa.float64()), step).to_pylist() == pytest.approx(found)


def test_whole_numbers_stay_whole_and_what_is_no_number_stays_so() -> None:
    assert rounded(pa.array([12, 17], pa.int64()), "10").equals(pa.array([10, 20], pa.int64()))
    assert rounded(pa.array([12345], pa.int32()), "significant:2").type == pa.int32()
    odd = rounded(pa.array([float("nan"), float("inf")]), "significant:2")
    assert str(odd.to_pylist()) == "[nan, inf]"


def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe() -> None:
    texts = ["=1+1", "+33", "-5", "@x", "\tx", "\rx", "\nx", "x=1", "", None]
    safe = ["'=1+1", "'+33", "'-5", "'@x", "'\tx", "'\rx", "'\nx", "x=1", "", None]
    assert guarded(pa.array(texts)).to_pylist() == safe
    assert guarded(pa.array(texts).dictionary_encode()).to_pylist() == safe
    assert guarded(pa.array(texts, pa.large_string())).to_pylist() == safe


def test_what_is_no_text_is_not_touched() -> None:
    numbers = pa.array([-5, None])
    assert guarded(numbers).equals(numbers)
    assert guarded(numbers.dictionary_encode()).equals(numbers)
