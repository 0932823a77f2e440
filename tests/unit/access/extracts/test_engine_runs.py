"""What the engine promises of a run: limits, refusals, and nothing said that should not be."""

import errno
import os
import threading
import traceback
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import IO

import pyarrow as pa
import pytest

from access.extracts import domains, engine, passes
from access.extracts.ports import (
    Cancelled,
    DisclosureExceeded,
    EngineError,
    ExtractKeys,
    Limits,
    Meter,
    SourceFile,
    Task,
    keys_of,
)
from access.plans.terms import (
    BasisRule,
    FieldSpec,
    Operator,
    RowFilter,
)
from catalog.vocabularies.levels import Level
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType
from hub.crypto.keys import new_secret
from tests.unit.access.extracts import worlds
from tests.unit.access.extracts.releases import FIELDS, SMALL, release


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


def test_the_bytes_that_are_read_are_counted_up_to_those_of_the_columns_of_the_plan(
    tmp_path: Path,
) -> None:
    meter, seen = Meter(), []
    asked = worlds.wishes([worlds.SEX, worlds.MARK])
    plan = worlds.plan_for(FIELDS, asked=asked)
    worlds.make(
        plan,
        release(),
        tmp_path,
        limits=Limits(batch_rows=30),
        row_group=120,
        meter=meter,
        progress=lambda *_: seen.append(meter.done),
    )
    assert meter.done == meter.total > 0
    assert seen == sorted(seen)
    everything = Meter()
    plan = worlds.plan_for(FIELDS)
    worlds.make(plan, release(), tmp_path, row_group=120, meter=everything)
    assert meter.total < everything.total < (tmp_path / "release.parquet").stat().st_size


def test_part_of_a_row_group_is_part_of_its_bytes() -> None:
    task = Task(SourceFile(Path("x"), None), 0, first=100, rows=10, size=1001)
    assert [task.before(row) for row in (100, 103, 110)] == [0, 300, 1001]
    assert Task(SourceFile(Path("x"), None), 0, first=100).before(100) == 0


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

    monkeypatch.setattr(engine, "in_order", quoting)
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
