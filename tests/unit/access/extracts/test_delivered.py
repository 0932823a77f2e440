"""A node that lies about what it delivered is caught, and what it lied about is named."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from access.extracts import engine
from access.extracts.bundle import Staging
from access.extracts.delivered import CELLS, Delivery, cells_of, differences, names_of
from access.extracts.ports import keys_of
from access.plans import offered
from access.plans.plan import Plan
from access.plans.terms import BasisRule, Format, TableWish
from catalog.vocabularies.levels import Unit
from hub.crypto.keys import Secret
from tests.unit.access.extracts import worlds
from tests.unit.access.extracts.releases import COUNT, FIELDS, UAI, release

KEY = Secret(b"k" * 32)
CONSENT = worlds.persons("INE00000003")
PLAN = worlds.plan_for(FIELDS, rows=600)


def made(folder: Path, plan: Plan = PLAN) -> Delivery:
    """Make an extract as a node does."""
    place = folder / "incoming"
    place.mkdir()
    staging = Staging(place, KEY)
    outcome = engine.run(
        plan=plan,
        sources=worlds.write(release(), folder),
        keys=keys_of(plan, worlds.GRANT),
        consent=CONSENT,
        output=staging,
        workdir=folder,
    )
    with staging.create(CELLS) as file:
        file.write(b"".join(outcome.suppressed_cells))
    return Delivery(outcome, tuple(staging.entries.values()))


def told(
    folder: Path, said: Delivery, plan: Plan = PLAN, consent: str = CONSENT.digest
) -> set[str]:
    beats: list[int] = []
    found = differences(
        folder / "incoming", said, plan, key=KEY, consent=consent, beat=beats.append
    )
    return {one.code.removeprefix("delivery-") for one in found}


def rewrite(folder: Path, said: Delivery, name: str, content: bytes) -> Delivery:
    """Deliver another file than the one that was made, and tell the truth about its bytes."""
    (folder / "incoming" / name).unlink()
    staging = Staging(folder / "incoming", KEY)
    with staging.create(name) as file:
        file.write(content)
    entries = [staging.entries.get(one.name, one) for one in said.entries]
    return replace(said, entries=tuple(entries))


def parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return bytes(sink.getvalue())


def test_what_was_made_as_granted_is_received(tmp_path: Path) -> None:
    said = made(tmp_path)
    assert told(tmp_path, said) == set()
    assert cells_of(tmp_path / "incoming", KEY) == said.outcome.suppressed_cells
    assert names_of(PLAN) == ("data.parquet", "data.csv", CELLS)


LABELLED = worlds.plan_for(FIELDS, rows=600, formats=tuple(Format))


def test_files_of_spss_and_stata_are_looked_at_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = made(tmp_path, LABELLED)
    assert told(tmp_path, said, LABELLED) == set()
    assert names_of(LABELLED)[2:] == ("data.sav", "data.dta", CELLS)
    monkeypatch.setattr(offered, "find_spec", lambda _name: None)
    assert told(tmp_path, said, LABELLED) == {"format"}
    monkeypatch.undo()
    assert told(tmp_path, rewrite(tmp_path, said, "data.sav", b"x"), LABELLED) == {"columns"}


def test_files_of_spss_and_stata_may_be_left_out_and_nothing_else_may(tmp_path: Path) -> None:
    said = made(tmp_path, LABELLED)
    outcome = replace(said.outcome, files=said.outcome.files[:2])
    short = Delivery(outcome, (*said.entries[:2], said.entries[-1]))
    assert told(tmp_path, short, LABELLED) == set()
    assert told(tmp_path, replace(short, outcome=said.outcome), LABELLED) == {"files"}
    assert told(tmp_path, short) == set()
    assert told(tmp_path, said) == {"files"}
    parquet_only = replace(outcome, files=said.outcome.files[:1])
    without_csv = Delivery(parquet_only, (said.entries[0], said.entries[-1]))
    assert told(tmp_path, without_csv, LABELLED) == {"files"}


Lie = Callable[[Delivery], Delivery]


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        (lambda d: replace(d, entries=d.entries[:-1]), "files"),
        (lambda d: replace(d, outcome=replace(d.outcome, rows_read=601)), "rows"),
        (lambda d: replace(d, outcome=replace(d.outcome, rows_filtered=-1)), "rows"),
        (
            lambda d: replace(
                d, outcome=replace(d.outcome, rows_opposed=d.outcome.rows_opposed - 1)
            ),
            "rows",
        ),
        (lambda d: replace(d, outcome=replace(d.outcome, consent_digest="0" * 64)), "consents"),
        (lambda d: replace(d, outcome=replace(d.outcome, verdict=None)), "disclosure"),
        (
            lambda d: replace(
                d, outcome=replace(d.outcome, verdict=replace(d.outcome.verdict, k=1))
            ),
            "disclosure",
        ),
        (
            lambda d: replace(d, entries=(replace(d.entries[0], size=1), *d.entries[1:])),
            "size",
        ),
        (
            lambda d: replace(d, entries=(replace(d.entries[0], sha256="0" * 64), *d.entries[1:])),
            "digest",
        ),
        (
            lambda d: replace(
                d, outcome=replace(d.outcome, columns=(*d.outcome.columns, ("nom", "string")))
            ),
            "columns",
        ),
    ],
)
def test_a_lie_about_what_was_made_is_named(tmp_path: Path, lie: Lie, code: str) -> None:
    assert told(tmp_path, lie(made(tmp_path))) == {code}


TABLES = worlds.plan_for(
    FIELDS, rows=600, tables=(TableWish(("sexe", "session")), TableWish(("sexe",), "note"))
)


def test_tables_that_were_made_as_granted_are_received(tmp_path: Path) -> None:
    said = made(tmp_path, TABLES)
    assert told(tmp_path, said, TABLES) == set()
    assert names_of(TABLES) == (
        "table_1.parquet", "table_1.csv", "table_2.parquet", "table_2.csv", CELLS,
    )  # fmt: skip


def about_first(said: Delivery, **changed: object) -> Delivery:
    first, *others = said.outcome.tables
    tables = (replace(first, **changed), *others)  # type: ignore[arg-type]
    return replace(said, outcome=replace(said.outcome, tables=tables))


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        (lambda d: about_first(d, name="../data"), "columns"),
        (lambda d: about_first(d, columns=(("pid", "string"),)), "columns"),
        (lambda d: about_first(d, lines=1), "rows"),
        (lambda d: replace(d, outcome=replace(d.outcome, tables=())), "columns"),
        (lambda d: replace(d, outcome=replace(d.outcome, persons=150)), "disclosure"),
        (lambda d: replace(d, outcome=replace(d.outcome, rows_delivered=1)), "disclosure"),
        (lambda d: replace(d, outcome=replace(d.outcome, rows_opposed=601)), "rows"),
    ],
)
def test_a_lie_about_tables_is_named(tmp_path: Path, lie: Lie, code: str) -> None:
    assert told(tmp_path, lie(made(tmp_path, TABLES)), TABLES) == {code}


def test_a_list_of_persons_that_was_not_applied_is_named(tmp_path: Path) -> None:
    assert told(tmp_path, made(tmp_path), consent="") == {"consents"}


def test_altered_bytes_and_a_missing_file_are_named(tmp_path: Path) -> None:
    said = made(tmp_path)
    path = tmp_path / "incoming" / "data.csv"
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(bytes(content))
    (tmp_path / "incoming" / CELLS).unlink()
    assert told(tmp_path, said) == {"sealed"}


def test_a_column_that_was_not_granted_is_named_in_either_format(tmp_path: Path) -> None:
    said = made(tmp_path)
    more = rewrite(tmp_path, said, "data.parquet", parquet(pa.table({"ine": ["0"], "x": [1]})))
    assert told(tmp_path, more) == {"columns"}
    said = rewrite(tmp_path, more, "data.csv", b"ine,x\n0,1\n")
    assert told(tmp_path, said) == {"columns"}


@pytest.mark.parametrize("content", [b"no table at all", b""])
def test_what_is_no_table_is_named(tmp_path: Path, content: bytes) -> None:
    said = made(tmp_path)
    said = rewrite(tmp_path, said, "data.parquet", content)
    said = rewrite(tmp_path, said, "data.csv", content)
    assert told(tmp_path, said) == {"columns"}


def test_rows_that_are_missing_from_a_file_are_named(tmp_path: Path) -> None:
    said = made(tmp_path)
    header = ",".join(name for name, _kind in said.outcome.columns)
    line = ",".join('"a\nb"' for _ in said.outcome.columns)
    said = rewrite(tmp_path, said, "data.csv", f"{header}\n{line}\n".encode())
    assert told(tmp_path, said) == {"rows"}


def test_a_list_of_groups_that_is_none_is_named(tmp_path: Path) -> None:
    said = rewrite(tmp_path, made(tmp_path), CELLS, b"not sixteen")
    assert told(tmp_path, said) == {"cells"}


def test_rows_that_are_not_about_persons_have_no_group_to_leave_out(tmp_path: Path) -> None:
    plan = worlds.plan_for(
        (UAI, COUNT), unit=Unit.SCHOOL, basis=BasisRule.NONE, rows=2, filters=()
    )
    place = tmp_path / "incoming"
    place.mkdir()
    staging = Staging(place, KEY)
    rows = pa.table({"uai": ["0530030V", "0720902P"], "effectif": [12, 30]})
    outcome = engine.run(
        plan=plan,
        sources=worlds.write(rows, tmp_path),
        keys=keys_of(plan, worlds.GRANT),
        consent=None,
        output=staging,
        workdir=tmp_path,
    )
    with staging.create(CELLS):
        pass
    said = Delivery(outcome, tuple(staging.entries.values()))
    assert told(tmp_path, said, plan, consent="") == set()
    hidden = replace(outcome, rows_suppressed=1, rows_delivered=1)
    assert "disclosure" in told(tmp_path, replace(said, outcome=hidden), plan, consent="")
