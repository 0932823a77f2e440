"""What the engine promises of what it writes: persons, pseudonyms, order, formats."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from access.extracts.ports import Limits, SubjectSet
from access.plans.plan import Plan
from access.plans.terms import (
    BasisRule,
    FieldSpec,
    Format,
)
from catalog.vocabularies.levels import Level, Unit
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType
from hub.crypto.keys import new_secret
from hub.crypto.prf import Algorithm
from tests.unit.access.extracts import worlds
from tests.unit.access.extracts.releases import COUNT, FIELDS, SMALL, UAI, release

# Persons -------------------------------------------------------------------------------------


def test_k_counts_persons_and_not_their_rows(tmp_path: Path) -> None:
    # Ten rows of one girl, and five boys with one row each.
    table = worlds.table_of(
        FIELDS,
        {
            "ine": ["A"] * 10 + ["B", "C", "D", "E", "F"],
            "date_naissance": [date(2010, 1, 1)] * 15,
            "sexe": ["F"] * 10 + ["M"] * 5,
            "uai": ["0530030V"] * 15,
            "note": [1.0] * 15,
            "session": ["2025"] * 15,
        },
    )
    made = worlds.make(worlds.plan_for(FIELDS, k=5), table, tmp_path)
    assert {row["sexe"] for row in made.rows} == {"M"}
    assert made.outcome.rows_suppressed == 10
    assert made.outcome.persons == 5
    assert made.outcome.verdict is not None
    assert made.outcome.verdict.small_cells == len(made.outcome.suppressed_cells) == 1


def test_rows_that_name_nobody_are_not_one_person(tmp_path: Path) -> None:
    table = release(60, 2, ine=[None] * 30 + ["A"] * 30, sexe=["F"] * 30 + ["M"] * 30)
    plan = worlds.plan_for(FIELDS, k=1, basis=BasisRule.NONE)
    made = worlds.make(plan, table, tmp_path)
    assert {row["sexe"] for row in made.rows} == {"M"}
    assert made.outcome.persons == 1


def test_rows_that_name_nobody_are_delivered_among_enough_persons(tmp_path: Path) -> None:
    table = release(60, 2, ine=[None, "A", "B"] * 20, sexe=["F"] * 60, uai=["0530030V"] * 60)
    plan = worlds.plan_for(FIELDS[:1] + FIELDS[2:], k=2, basis=BasisRule.NONE)
    made = worlds.make(plan, table.drop(["date_naissance"]), tmp_path, limits=SMALL)
    assert sum(row["pid"] is None for row in made.rows) == 20
    assert made.outcome.persons == 2
    assert made.shelf.files["data.csv"].count(b"\n,") == 20


def test_persons_opposed_in_any_spelling_are_absent(tmp_path: Path) -> None:
    written = ("ine00000003", " INE 0000 0007 ", "\ufeffINE00000011\u00a0")
    made = worlds.make(
        worlds.plan_for(FIELDS), release(), tmp_path, consent=worlds.persons(*written)
    )
    everyone = worlds.make(worlds.plan_for(FIELDS), release(), tmp_path)
    assert made.outcome.rows_opposed == 3 * 4
    assert made.outcome.persons == everyone.outcome.persons - 3 == 147  # type: ignore[operator]
    gone = {row["pid"] for row in everyone.rows} - {row["pid"] for row in made.rows}
    assert len(gone) == 3
    assert made.outcome.consent_digest != everyone.outcome.consent_digest


def test_only_persons_who_consented_are_present_when_consent_is_the_basis(tmp_path: Path) -> None:
    agreed = worlds.persons("INE00000002", "INE00000005")
    plan = worlds.plan_for(FIELDS, basis=BasisRule.OPT_IN, k=1)
    made = worlds.make(plan, release(), tmp_path, consent=agreed)
    assert made.outcome.persons == 2
    assert made.outcome.rows_opposed == 600 - 8


def test_an_opposition_cannot_be_looked_up_for_a_row_that_names_nobody(tmp_path: Path) -> None:
    table = release(60, 2, ine=[None, "A", "B"] * 20)
    made = worlds.make(worlds.plan_for(FIELDS, k=1), table, tmp_path)
    assert made.outcome.rows_unidentified == 20


def test_two_keys_that_begin_alike_are_two_persons() -> None:
    alike = [b"\1" * 8 + bytes([number]) * 8 for number in (9, 3, 5)]
    held = SubjectSet([alike[0], alike[1], alike[1]])
    matrix = np.frombuffer(b"".join(alike) + bytes(16), np.uint8).reshape(-1, 16)
    assert len(held) == 2
    assert held.holds(matrix).tolist() == [True, True, False, False]
    assert SubjectSet([]).holds(matrix).tolist() == [False] * 4
    assert held.digest == SubjectSet(matrix[:2]).digest


# Pseudonyms ----------------------------------------------------------------------------------


def pids(plan: Plan, folder: Path, **options: Any) -> list[bytes]:
    return [row["pid"] for row in worlds.make(plan, release(), folder, **options).rows]


def test_pseudonyms_of_two_grants_have_nothing_in_common(tmp_path: Path) -> None:
    plan = worlds.plan_for(FIELDS)
    first, second = pids(plan, tmp_path), pids(plan, tmp_path, grant=new_secret())
    assert len(set(first)) == len(set(second)) == 150
    assert not set(first) & set(second)


def test_pseudonyms_of_two_datasets_join_only_where_crossing_was_granted(tmp_path: Path) -> None:
    apart = [pids(worlds.plan_for(FIELDS, dataset=name), tmp_path) for name in "ab"]
    crossed = [
        pids(worlds.plan_for(FIELDS, dataset=name, crossing=True), tmp_path) for name in "ab"
    ]
    assert not set(apart[0]) & set(apart[1])
    assert set(crossed[0]) == set(crossed[1])
    assert not set(apart[0]) & set(crossed[0])


def test_the_stage_one_key_is_never_delivered(tmp_path: Path) -> None:
    stored = set(release().column("ine").to_pylist())
    assert not stored & set(pids(worlds.plan_for(FIELDS), tmp_path))


def test_hmac_may_take_the_place_of_cmac(tmp_path: Path) -> None:
    plan = worlds.plan_for(FIELDS)
    other = replace(plan, algorithm=Algorithm.HMAC_SHA256)
    assert not set(pids(plan, tmp_path)) & set(pids(other, tmp_path))


# Order ---------------------------------------------------------------------------------------


def ranks(values: list[float]) -> np.ndarray[Any, Any]:
    return np.argsort(np.argsort(values))


@pytest.mark.parametrize("unit", [Unit.PUPIL, Unit.SCHOOL])
def test_the_order_of_two_extracts_tells_nothing_of_each_other_or_of_the_source(
    tmp_path: Path, unit: Unit
) -> None:
    # The marks number the rows of the source: they show where each row came from.
    rows = 4000
    fields: tuple[FieldSpec, ...] = (UAI, COUNT)
    table = pa.table({"uai": ["0530030V"] * rows, "effectif": range(rows)})
    if unit is Unit.PUPIL:
        fields = (worlds.INE, COUNT)
        who = [f"P{row}" for row in range(rows)]
        table = worlds.table_of(fields, {"ine": who, "effectif": list(range(rows))})
    basis = BasisRule.OPT_OUT if unit is Unit.PUPIL else BasisRule.NONE
    plan = worlds.plan_for(fields, unit=unit, basis=basis)
    orders = []
    for secret in (worlds.GRANT, new_secret()):
        made = worlds.make(plan, table, tmp_path, grant=secret, limits=Limits(batch_rows=97))
        found = [row["effectif"] for row in made.rows]
        assert sorted(found) == list(range(rows))
        orders.append(ranks(found))
    source = np.arange(rows)
    for one, other in ((orders[0], source), (orders[1], source), (orders[0], orders[1])):
        assert abs(np.corrcoef(one, other)[0, 1]) < 5 / rows**0.5


def test_rows_of_one_person_lose_their_order_too(tmp_path: Path) -> None:
    fields = (worlds.INE, COUNT)
    table = worlds.table_of(fields, {"ine": ["A"] * 500, "effectif": list(range(500))})
    made = worlds.make(worlds.plan_for(fields), table, tmp_path, limits=Limits(batch_rows=30))
    found = [row["effectif"] for row in made.rows]
    assert abs(np.corrcoef(found, range(500))[0, 1]) < 5 / 500**0.5


def test_the_order_is_that_of_the_pseudonyms_and_the_same_every_time(tmp_path: Path) -> None:
    plan = worlds.plan_for(FIELDS)
    first = worlds.make(plan, release(), tmp_path, limits=SMALL)
    second = worlds.make(plan, release(), tmp_path, limits=Limits(batch_rows=7, threads=1))
    found = [row["pid"] for row in first.rows]
    assert found == sorted(found)
    assert first.rows == second.rows
    assert first.outcome == second.outcome


def test_a_value_of_a_row_that_is_left_out_is_in_no_dictionary(tmp_path: Path) -> None:
    table = release(session=["secret" if row % 150 == 3 else "2025" for row in range(600)])
    made = worlds.make(
        worlds.plan_for(FIELDS), table, tmp_path, consent=worlds.persons("INE00000003")
    )
    small = release(60, 30, sexe=["alone"] + ["F"] * 59, session=["hidden"] + ["2025"] * 59)
    other = worlds.make(worlds.plan_for(FIELDS, k=2), small, tmp_path)
    for content in (*made.shelf.files.values(), *other.shelf.files.values()):
        assert b"secret" not in content
        assert b"hidden" not in content
        assert b"alone" not in content


# What is delivered ---------------------------------------------------------------------------


def test_rows_that_are_not_about_persons_have_no_pseudonym_and_no_small_groups(
    tmp_path: Path,
) -> None:
    table = pa.table({"uai": ["0530030V", "0720902P"], "effectif": [3, 4]})
    plan = worlds.plan_for((UAI, COUNT), unit=Unit.SCHOOL, basis=BasisRule.NONE, k=5)
    made = worlds.make(plan, table, tmp_path)
    assert made.outcome.persons is None
    assert made.outcome.verdict is None
    assert made.outcome.suppressed_cells == ()
    assert sorted(row["uai"] for row in made.rows) == ["0530030V", "0720902P"]


def test_an_extract_without_quasi_identifiers_is_not_checked(tmp_path: Path) -> None:
    fields = (worlds.INE, worlds.SESSION)
    table = worlds.table_of(fields, {"ine": ["A"], "session": ["2025"]})
    made = worlds.make(worlds.plan_for(fields, k=5), table, tmp_path)
    assert made.outcome.verdict is None
    assert made.outcome.persons == 1


def test_persons_count_even_when_their_pseudonym_was_not_asked_for(tmp_path: Path) -> None:
    plan = worlds.plan_for(FIELDS, asked=worlds.wishes(FIELDS[1:]), k=5)
    made = worlds.make(plan, release(), tmp_path, consent=worlds.persons("INE00000003"))
    assert "pid" not in made.rows[0]
    assert made.outcome.persons == 149
    assert made.outcome.columns[0] == ("date_naissance", "int32")


def test_a_second_identifier_has_the_pseudonyms_of_its_own_domain(tmp_path: Path) -> None:
    teacher = FieldSpec("numen", PlainType.TEXT, SemanticType.NUMEN, Level.IDENTIFIER)
    fields = (worlds.INE, teacher)
    table = worlds.table_of(fields, {"ine": ["A", "B"], "numen": ["A", None]})
    made = worlds.make(worlds.plan_for(fields), table, tmp_path)
    by = {row["pid_teacher"]: row["pid"] for row in made.rows}
    assert len(by) == 2
    assert None in by
    assert all(key != value for key, value in by.items())


def test_parquet_and_csv_hold_the_same_rows(tmp_path: Path) -> None:
    moment = FieldSpec("quand", PlainType.DATETIME, SemanticType.DATETIME, Level.SENSITIVE)
    truth = FieldSpec("boursier", PlainType.BOOLEAN, SemanticType.CATEGORY, Level.SENSITIVE)
    fields = (worlds.INE, moment, truth, worlds.MARK, worlds.SESSION)
    table = worlds.table_of(
        fields,
        {
            "ine": ["A", "B", "C"],
            "quand": [datetime(2025, 1, 2, 3, 4, 5), None, datetime(2025, 1, 2)],  # noqa: DTZ001
            "boursier": [True, False, None],
            "note": [12.24, None, float("nan")],
            "session": ["=SUM(A1)", 'a "b",\nc', ""],
        },
    )
    plan = worlds.plan_for(fields, asked=worlds.wishes(fields, quand="exact", note="exact"))
    made = worlds.make(plan, table, tmp_path)
    text = made.shelf.files["data.csv"].decode()
    assert text.startswith('"pid","quand","boursier","note","session"\n')
    assert '"2025-01-02T03:04:05.000",true,12.24,"\'=SUM(A1)"' in text
    assert '"a ""b"",\nc"' in text
    assert "nan" not in text
    parquet = made.shelf.table()
    assert parquet.schema.field("pid").type == pa.uuid()
    assert text.count("-") >= 3 * 4
    assert str(parquet.column("pid")[0].as_py()) == text.split("\n")[1].split(",")[0].strip('"')
    assert "=SUM(A1)" in parquet.column("session").to_pylist()


def test_one_format_may_be_enough(tmp_path: Path) -> None:
    plan = worlds.plan_for(FIELDS, formats=(Format.PARQUET,))
    made = worlds.make(plan, release(), tmp_path)
    assert list(made.shelf.files) == ["data.parquet"]
    assert made.outcome.files == ("data.parquet",)


def test_a_cell_left_out_once_stays_out_when_more_persons_come_into_it(tmp_path: Path) -> None:
    columns = {
        "ine": ["A", "B", "C"],
        "sexe": ["F", "F", "M"],
    }
    fields = (worlds.INE, worlds.SEX)
    plan = worlds.plan_for(fields, k=2)
    first = worlds.make(plan, worlds.table_of(fields, columns), tmp_path)
    columns = {"ine": [*columns["ine"], "D"], "sexe": [*columns["sexe"], "M"]}
    later = worlds.table_of(fields, columns)
    again = worlds.make(plan, later, tmp_path)
    frozen = worlds.make(plan, later, tmp_path, frozen=frozenset(first.outcome.suppressed_cells))

    assert [len(made.rows) for made in (first, again, frozen)] == [2, 4, 2]
    assert {row["sexe"] for row in frozen.rows} == {"F"}
    assert frozen.outcome.suppressed_cells == first.outcome.suppressed_cells
