"""Ladders: each step says less than the one before, and nothing is guessed."""

from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from access.pseudonymisation.hierarchies import Ladder, LadderSpec, ladder

BIRTH = date(2011, 3, 17)
AS_OF = date(2026, 3, 16)


def climbed(
    spec: LadderSpec | str, step: str, *values: Any, kind: pa.DataType | None = None
) -> Any:
    chosen = LadderSpec(spec) if isinstance(spec, str) else spec
    return ladder(chosen).step(step).apply(pa.array(values, kind)).to_pylist()


@pytest.mark.parametrize(
    ("step", "value", "found"),
    [
        ("day", BIRTH, BIRTH),
        ("hour", BIRTH, BIRTH),
        ("month", BIRTH, "2011-03"),
        ("month", date(2011, 12, 31), "2011-12"),
        ("quarter", BIRTH, "2011-Q1"),
        ("quarter", date(2011, 4, 1), "2011-Q2"),
        ("quarter", date(2011, 12, 31), "2011-Q4"),
        ("year", BIRTH, 2011),
        ("year", date(1969, 12, 31), 1969),
        ("five_years", BIRTH, "2010-2014"),
        ("ten_years", date(2019, 12, 31), "2010-2019"),
    ],
)
def test_a_date_becomes_coarser(step: str, value: date, found: object) -> None:
    assert climbed("date", step, value, None) == [found, None]


@pytest.mark.parametrize(
    ("value", "term", "year"),
    [
        (date(2025, 8, 31), "2024-2025/3", "2024-2025"),
        (date(2025, 9, 1), "2025-2026/1", "2025-2026"),
        (date(2025, 12, 31), "2025-2026/1", "2025-2026"),
        (date(2026, 1, 1), "2025-2026/2", "2025-2026"),
        (date(2026, 3, 31), "2025-2026/2", "2025-2026"),
        (date(2026, 4, 1), "2025-2026/3", "2025-2026"),
    ],
)
def test_a_day_is_in_a_term_of_a_school_year(value: date, term: str, year: str) -> None:
    assert climbed("school_date", "term", value, None) == [term, None]
    assert climbed("school_date", "school_year", value, None) == [year, None]


def test_a_moment_is_read_on_the_clock_of_its_place() -> None:
    moment = datetime(2025, 8, 31, 22, 30, 59, tzinfo=UTC)
    paris = pa.timestamp("ms", "Europe/Paris")
    assert climbed("date", "month", moment, None, kind=paris) == ["2025-09", None]
    assert climbed("date", "month", moment, kind=pa.timestamp("us", "UTC")) == ["2025-08"]
    hour = climbed("date", "hour", moment, None, kind=paris)
    assert hour[0] == datetime(2025, 8, 31, 22, tzinfo=UTC)


def test_a_text_is_a_date_in_the_iso_form_only() -> None:
    assert climbed("date", "year", "2011-03-17", None) == [2011, None]
    with pytest.raises(pa.ArrowInvalid):
        climbed("date", "year", "17/03/2011")


def test_an_age_is_counted_on_a_given_day() -> None:
    spec = LadderSpec("age", as_of=AS_OF)
    days = (BIRTH, date(2011, 3, 16), date(2011, 2, 28), date(2011, 4, 1), None)
    assert climbed(spec, "age", *days) == [14, 15, 15, 14, None]
    assert climbed(spec, "age_by_5", *days) == ["10-14", "15-19", "15-19", "10-14", None]
    wide = LadderSpec("age", widths=(3,), as_of=AS_OF)
    assert climbed(wide, "age_by_3", BIRTH) == ["12-14"]
    with pytest.raises(ValueError, match="needs the day"):
        ladder(LadderSpec("age"))


@pytest.mark.parametrize(
    ("name", "value", "departement", "academie", "region"),
    [
        ("commune", "53077", "53", "17", "Pays de la Loire"),
        ("commune", "2A004", "2A", "27", "Corse"),
        ("commune", "97411", "974", "28", "La Réunion"),
        ("commune", "PARIS", None, None, None),
        ("uai", "0530030V", "53", "17", "Pays de la Loire"),
        ("uai", "6200001E", "2A", "27", "Corse"),
        ("uai", "7200001E", "2B", "27", "Corse"),
        ("uai", "9740001E", "974", "28", "La Réunion"),
        ("uai", "75", None, None, None),
        ("uai", "9999999Z", None, None, None),
        ("postcode", "53410", "53", "17", "Pays de la Loire"),
        ("postcode", "20090", "2A", "27", "Corse"),
        ("postcode", "20200", "2B", "27", "Corse"),
        ("postcode", "20900", None, None, None),
        ("postcode", "97400", "974", "28", "La Réunion"),
    ],
)
def test_a_place_is_in_a_departement_an_academie_and_a_region(
    name: str, value: str, departement: str | None, academie: str | None, region: str | None
) -> None:
    assert climbed(name, "departement", value, None, kind=pa.string()) == [departement, None]
    assert climbed(name, "academie", value, None, kind=pa.string()) == [academie, None]
    assert climbed(name, "region_academique", value, None, kind=pa.string()) == [region, None]


def test_a_departement_however_written_is_in_an_academie() -> None:
    assert climbed("departement", "academie", "53", "053", "02A") == ["17", "17", "27"]
    with pytest.raises(KeyError):
        climbed("departement", "departement", "53")


def test_numbers_fall_in_bands_that_touch_without_overlapping() -> None:
    assert climbed("number", "by_5", 0, 4, 5, 12, -1, None) == [
        "0-4", "0-4", "5-9", "10-14", "-5--1", None,
    ]  # fmt: skip
    assert climbed("number", "by_10", 9.99, float("nan"), None) == ["0-9", None, None]
    assert climbed(LadderSpec("number", widths=(20,)), "by_20", 39) == ["20-39"]


def test_a_code_keeps_its_first_characters() -> None:
    assert climbed("class_code", "first_4", "10010012110", "1", None) == ["1001", "1", None]
    assert climbed(LadderSpec("prefix", widths=(1, 2)), "first_2", "abc") == ["ab"]
    assert [each.name for each in ladder(LadderSpec("prefix")).steps] == [
        "first_3", "first_2", "first_1",
    ]  # fmt: skip


def test_a_custom_hierarchy_is_climbed_as_its_table_says_and_guesses_nothing() -> None:
    table = (("sixième", "collège", "second; degré"), ("CM2", "école", "premier"))
    spec = LadderSpec("custom", table=table)
    assert climbed(spec, "level_1", "sixième", "CM2", "other", None) == [
        "collège",
        "école",
        None,
        None,
    ]
    assert climbed(spec, "level_2", "sixième") == ["second; degré"]
    numbers = LadderSpec("custom", table=(("7", "few"), ("70", "many")))
    assert climbed(numbers, "level_1", 7, 70, 8, None) == ["few", "many", None, None]


def test_the_levels_of_a_custom_hierarchy_are_called_as_their_producer_calls_them() -> None:
    table = (("a", "x", "z"), ("b", "y", "z"))
    steps = ladder(LadderSpec("custom", table=table, names=("bassin", ""))).steps
    assert [each.label % each.values for each in steps] == [
        "the producer's level “bassin”",
        "level 2 of the hierarchy",
    ]


def test_a_custom_hierarchy_without_a_table_is_none() -> None:
    with pytest.raises(ValueError, match="needs its table"):
        ladder(LadderSpec("custom"))


def test_an_unknown_ladder_or_step_is_an_error() -> None:
    with pytest.raises(KeyError):
        ladder(LadderSpec("stars"))
    with pytest.raises(KeyError):
        climbed("date", "century", BIRTH)
    assert ladder(LadderSpec("category")).steps == ()


def test_the_next_step_is_the_coarser_one() -> None:
    dates = ladder(LadderSpec("date"))
    step = dates.coarser("month")
    assert step is not None
    assert step.name == "quarter"
    first = dates.coarser("exact")
    assert first is not None
    assert first.name == "hour"
    assert dates.coarser("ten_years") is None


DATES = st.lists(st.dates(date(1990, 1, 1), date(2030, 1, 1)), min_size=2, max_size=30)


def nested(steps: Ladder, values: pa.Array) -> None:
    """Assert that what is equal on a step is equal on every later one."""
    rungs = [step.apply(values).to_pylist() for step in steps.steps]
    for finer, coarser in pairwise(rungs):
        assert len(set(finer)) == len(set(zip(finer, coarser, strict=True)))


@given(DATES)
def test_every_step_of_a_ladder_of_dates_contains_the_one_before(values: list[date]) -> None:
    for spec in (
        LadderSpec("date"),
        LadderSpec("school_date"),
        LadderSpec("age", widths=(5, 10), as_of=AS_OF),
    ):
        nested(ladder(spec), pa.array(values, pa.date32()))


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=30))
def test_every_step_of_a_ladder_of_numbers_contains_the_one_before(values: list[int]) -> None:
    nested(ladder(LadderSpec("number")), pa.array(values))


@given(st.lists(st.from_regex(r"\A(0[1-9]\d|[1-8]\d\d|97[1-6])\d{4}[A-Z]\Z"), min_size=2))
def test_every_step_of_a_ladder_of_places_contains_the_one_before(values: list[str]) -> None:
    nested(ladder(LadderSpec("uai")), pa.array(values))
