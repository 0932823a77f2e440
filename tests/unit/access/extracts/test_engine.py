"""What the engine promises: persons, order, keys, limits, and nothing said that should not be."""

import errno
import os
import threading
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pytest

from access.extracts import domains, engine, passes
from access.extracts.ports import (
    Cancelled,
    DisclosureExceeded,
    EngineError,
    ExtractKeys,
    Limits,
    SourceFile,
    SubjectSet,
    keys_of,
)
from access.plans.plan import Plan
from access.plans.terms import (
    BasisRule,
    FieldSpec,
    Format,
    Operator,
    RowFilter,
)
from catalog.vocabularies.levels import Level, Unit
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType
from hub.crypto.keys import new_secret
from hub.crypto.prf import Algorithm
from tests.unit.access.extracts import worlds

FIELDS = tuple(each for each in worlds.FIELDS if each is not worlds.NAME)
SMALL = Limits(batch_rows=50)
UAI = FieldSpec("uai", PlainType.TEXT, SemanticType.UAI, Level.OPEN)
COUNT = FieldSpec("effectif", PlainType.INTEGER, SemanticType.HEAD_COUNT, Level.AGGREGATED)


def release(rows: int = 600, pupils: int = 150, **changed: Any) -> pa.Table:
    columns: dict[str, Any] = {
        "ine": [f"INE{row % pupils:08d}" for row in range(rows)],
        "date_naissance": [date(2010 + row % pupils % 3, 5, 17) for row in range(rows)],
        "sexe": ["FM"[row % pupils % 2] for row in range(rows)],
        "uai": [("0530030V", "0720902P")[row % 2] for row in range(rows)],
        "note": [row / 30 for row in range(rows)],
        "session": [str(2020 + row // pupils) for row in range(rows)],
    }
    return worlds.table_of(FIELDS, columns | changed)


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


def test_filters_choose_rows_before_anything_is_counted(tmp_path: Path) -> None:
    chosen = (RowFilter("session", Operator.IN, ("2020", "2021")),)
    made = worlds.make(worlds.plan_for(FIELDS, filters=chosen), release(), tmp_path)
    assert made.outcome.rows_filtered == 300
    assert {row["session"] for row in made.rows} == {"2020", "2021"}


def test_a_column_with_very_many_texts_goes_through_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domains.Domain.__init__, "__defaults__", (100,))
    many = [f"texte {row % 300}" if row % 11 else None for row in range(600)]
    made = worlds.make(worlds.plan_for(FIELDS, k=1), release(session=many), tmp_path, limits=SMALL)
    assert sorted(row["session"] or "" for row in made.rows) == sorted(text or "" for text in many)


# Verdict and limits --------------------------------------------------------------------------


def test_too_many_small_groups_stop_the_run_and_name_what_could_be_coarser(
    tmp_path: Path,
) -> None:
    shelf = worlds.Shelf()
    plan = worlds.plan_for(
        FIELDS, asked=worlds.wishes(FIELDS, date_naissance="exact"), k=40, cap=0.1
    )
    table = release(date_naissance=[date(2010, 1, 1 + row % 28) for row in range(600)])
    with pytest.raises(DisclosureExceeded) as caught:
        worlds.make(plan, table, tmp_path, output=shelf)
    assert caught.value.permanent
    assert caught.value.verdict.share == 1
    assert str(caught.value).startswith("100 % of the rows stand for fewer than 40 persons")
    named = {each.field: each.step for each in caught.value.suggestions}
    assert named == {"date_naissance": "", "sexe": "", "uai": "academie"}
    assert shelf.files == {}


def test_nothing_left_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    shelf = worlds.Shelf()
    chosen = (RowFilter("session", Operator.IN, ("1999",)),)
    with pytest.raises(EngineError, match="No row is left"):
        worlds.make(worlds.plan_for(FIELDS, filters=chosen), release(), tmp_path, output=shelf)
    assert shelf.files == {}


def test_far_too_many_cells_are_refused_before_memory_is(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="far too fine"):
        worlds.make(worlds.plan_for(FIELDS), release(), tmp_path, limits=Limits(cells=2))


def test_a_run_takes_no_more_disk_than_it_may(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="temporary space") as caught:
        worlds.make(worlds.plan_for(FIELDS), release(), tmp_path, limits=Limits(disk_bytes=99))
    assert not caught.value.permanent


def test_a_full_disk_is_named_and_may_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(EngineError, match="No space left") as caught:
        worlds.make(worlds.plan_for(FIELDS), release(), tmp_path)
    assert not caught.value.permanent


def test_buckets_grow_with_the_release_and_stay_few() -> None:
    limits = Limits(batch_rows=100)
    counts = [passes.buckets_for(rows, limits) for rows in (0, 399, 800, 900, 5000, 10**9)]
    assert counts == [1, 1, 2, 2, 16, 256]


# Watching ------------------------------------------------------------------------------------


def test_progress_goes_from_nothing_to_all_in_three_stages(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    worlds.make(
        worlds.plan_for(FIELDS),
        release(),
        tmp_path,
        limits=SMALL,
        progress=lambda *step: seen.append(step),
    )
    stages = list(dict.fromkeys(stage for stage, _, _ in seen))
    assert stages == ["reading", "checking", "writing"]
    for stage in stages:
        done = [count for name, count, _ in seen if name == stage]
        assert done == sorted(done)
        assert done[-1] == 600


@pytest.mark.parametrize("stage", ["reading", "checking", "writing"])
def test_a_cancelled_run_stops_and_leaves_no_thread_and_no_file(
    tmp_path: Path, stage: str
) -> None:
    at: list[str] = []
    before = threading.active_count()
    with pytest.raises(Cancelled):
        worlds.make(
            worlds.plan_for(FIELDS),
            release(),
            tmp_path,
            limits=Limits(batch_rows=5),
            row_group=20,
            progress=lambda name, _done, _total: at.append(name),
            cancelled=lambda: at[-1] == stage,
        )
    assert threading.active_count() == before
    assert [path.name for path in tmp_path.iterdir()] == ["release.parquet"]


def test_workers_stop_within_a_batch_once_one_of_them_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    scatter = passes.Scatter._scatter

    def failing(self: passes.Scatter, batch: pa.RecordBatch, first: int) -> None:
        calls.append(first)
        if len(calls) == 3:
            raise EngineError("disk_limit", permanent=False)
        scatter(self, batch, first)

    monkeypatch.setattr(passes.Scatter, "_scatter", failing)
    monkeypatch.setattr(passes, "POLL_SECONDS", 0.001)
    with pytest.raises(EngineError, match="temporary space"):
        worlds.make(
            worlds.plan_for(FIELDS),
            release(60_000, 150),
            tmp_path,
            limits=Limits(batch_rows=5),
            row_group=30_000,
        )
    assert len(calls) < 12_000


# The source ----------------------------------------------------------------------------------


def test_a_source_that_is_not_what_was_approved_is_refused_with_the_difference(
    tmp_path: Path,
) -> None:
    plan = worlds.plan_for(FIELDS, rows=601)
    with pytest.raises(EngineError, match="has 600 rows, 601 were approved"):
        worlds.make(plan, release(), tmp_path)
    wider = release().append_column("religion", pa.array(["x"] * 600)).drop(["session"])
    with pytest.raises(EngineError, match="approved: religion, session"):
        worlds.make(worlds.plan_for(FIELDS), wider, tmp_path)


def test_identifiers_that_were_not_replaced_stop_the_run(tmp_path: Path) -> None:
    raw = release().set_column(0, "ine", pa.array(["INE00000001"] * 600))
    for plan in (
        worlds.plan_for(FIELDS),
        worlds.plan_for(FIELDS, basis=BasisRule.NONE),
    ):
        with pytest.raises(EngineError, match="identifiers of ine were not replaced") as caught:
            worlds.make(plan, raw, tmp_path)
        assert "INE00000001" not in said(caught.value)
    teacher = FieldSpec("numen", PlainType.TEXT, SemanticType.NUMEN, Level.IDENTIFIER)
    table = worlds.table_of((worlds.INE, teacher), {"ine": ["A"], "numen": ["A"]})
    table = table.set_column(1, "numen", pa.array(["A"]))
    with pytest.raises(EngineError, match="identifiers of numen were not replaced"):
        worlds.make(worlds.plan_for((worlds.INE, teacher)), table, tmp_path)


def test_a_replaced_identifier_does_not_slip_out_as_another_field(tmp_path: Path) -> None:
    table = release().set_column(5, "session", release().column("ine"))
    with pytest.raises(EngineError, match="session"):
        worlds.make(worlds.plan_for(FIELDS), table, tmp_path)


def test_a_release_that_its_key_does_not_open_is_named(tmp_path: Path) -> None:
    plan, keys = worlds.plan_for(FIELDS), None
    worlds.write(release(), tmp_path, key=new_secret())
    source = SourceFile(tmp_path / "release.parquet", new_secret())
    keys = keys_of(plan, worlds.GRANT)
    with pytest.raises(EngineError, match="cannot be opened") as caught:
        engine.run(
            plan=plan,
            sources=[source],
            keys=keys,
            consent=worlds.persons(),
            output=worlds.Shelf(),
            workdir=tmp_path,
        )
    assert caught.value.permanent


def test_altered_bytes_of_a_release_are_never_read_as_data(tmp_path: Path) -> None:
    plan, key = worlds.plan_for(FIELDS), new_secret()
    (source,) = worlds.write(release(), tmp_path, key=key)
    content = bytearray(source.path.read_bytes())
    content[200] ^= 1
    source.path.write_bytes(content)
    with pytest.raises(EngineError) as caught:
        engine.run(
            plan=plan,
            sources=[source],
            keys=keys_of(plan, worlds.GRANT),
            consent=worlds.persons(),
            output=worlds.Shelf(),
            workdir=tmp_path,
        )
    assert caught.value.code == "unreadable"


def test_a_plan_that_needs_a_list_or_a_key_does_not_run_without(tmp_path: Path) -> None:
    plan = worlds.plan_for(FIELDS)
    sources = worlds.write(release(), tmp_path)
    keys = keys_of(plan, worlds.GRANT)
    without = ExtractKeys({}, keys.order, keys.cells)
    for given, consent, said_ in (
        (keys, None, "list of consents"),
        (without, worlds.persons(), "key"),
    ):
        with pytest.raises(EngineError, match=said_):
            engine.run(
                plan=plan,
                sources=sources,
                keys=given,
                consent=consent,
                output=worlds.Shelf(),
                workdir=tmp_path,
            )


# What is never said --------------------------------------------------------------------------


def said(error: BaseException) -> str:
    """Return all that a log could print of an error, causes and contexts included."""
    shown = "".join(
        traceback.TracebackException.from_exception(error, capture_locals=False).format()
    )
    return shown + repr(error) + str(error) + repr(error.__context__) + repr(error.__cause__)


def test_a_wrong_value_is_refused_by_the_name_of_its_field_only(tmp_path: Path) -> None:
    table = release().set_column(1, "date_naissance", pa.array(["17 mai MARTIN"] * 600))
    with pytest.raises(EngineError, match="date_naissance is not of the declared type") as caught:
        worlds.make(worlds.plan_for(FIELDS), table, tmp_path)
    assert "MARTIN" not in said(caught.value)


def test_an_unforeseen_error_says_its_kind_and_nothing_of_what_it_quotes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def quoting(*_: object, **__: object) -> None:
        raise RuntimeError("MARTIN, INE00000001")

    monkeypatch.setattr(engine, "take_census", quoting)
    with pytest.raises(EngineError, match="RuntimeError") as caught:
        worlds.make(worlds.plan_for(FIELDS), release(), tmp_path)
    assert "MARTIN" not in said(caught.value)
    assert caught.value.message.startswith("The extract failed")


def test_the_spill_holds_no_identifier_no_pseudonym_and_no_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[bytes] = []
    pwrite: Callable[..., int] = os.pwrite

    def watched(handle: int, data: IO[bytes], offset: int) -> int:
        written.append(bytes(data))  # type: ignore[arg-type]
        return pwrite(handle, data, offset)

    monkeypatch.setattr(os, "pwrite", watched)
    table = release(session=["une valeur reconnaissable"] * 600)
    made = worlds.make(worlds.plan_for(FIELDS), table, tmp_path)
    content = b"".join(written)
    assert len(content) > 10_000
    keys = keys_of(worlds.plan_for(FIELDS), worlds.GRANT)
    hidden = [b"reconnaissable", worlds.GRANT.reveal(), keys.order.reveal()]
    hidden += [made.rows[0]["pid"], table.column("ine")[0].as_py(), b"INE0000"]
    for secret in hidden:
        assert secret not in content
        assert all(secret not in file for file in made.shelf.files.values()) or secret in (
            made.rows[0]["pid"], b"reconnaissable",
        )  # fmt: skip


def test_the_spill_has_no_name_on_the_disk(tmp_path: Path) -> None:
    names: list[list[str]] = []
    worlds.make(
        worlds.plan_for(FIELDS),
        release(),
        tmp_path,
        progress=lambda *_: names.append([path.name for path in tmp_path.iterdir()]),
    )
    assert {name for each in names for name in each} == {"release.parquet"}
