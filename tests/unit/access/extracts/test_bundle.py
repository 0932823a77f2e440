"""The bundle: sealed, complete, seen at once or not at all."""

import base64
import csv
import hashlib
import io
import json
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from frictionless import Package, validate

from access.extracts import account, bundle
from access.extracts.account import Origin, Titles
from access.extracts.bundle import Bundle, Inputs, Ports, Texts
from access.extracts.datapackage import Licence
from access.extracts.outcomes import Measured, outcome_read
from access.extracts.ports import Cancelled, EngineError, Limits, keys_of
from access.plans.plan import Plan
from access.plans.terms import BasisRule, FieldSpec, Format, Operator, RowFilter
from catalog.vocabularies.levels import Level, Unit
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType
from hub.crypto.files import Unreadable, ranged
from hub.crypto.keys import Secret, new_secret
from tests.unit.access.extracts import worlds
from tests.unit.access.extracts.releases import FIELDS, release

KEY = Secret(b"k" * 32)
TITLES = Titles("Mobilité", (Origin("Résultats", "session 2025", "DEPP"),))
LICENCE = Licence("etalab-2.0", "Licence Ouverte 2.0", "https://example.org/lo", "Texte.")
NAMES = [
    "data.parquet", "data.csv", "plan.json", "dictionary.csv", "dictionary.md", "account.fr.md",
    "account.en.md", "licence.txt", "charter.txt", "datapackage.json", "SHA256SUMS",
]  # fmt: skip


def texts(fields: tuple[FieldSpec, ...] = FIELDS, licence: Licence = LICENCE) -> Texts:
    return Texts(TITLES, licence, "Je m’engage.", [fields], {"fr": str, "en": str})


def produced(folder: Path, plan: Plan | None = None, **changed: Any) -> Bundle:
    plan = plan or worlds.plan_for(FIELDS)
    if "inputs" not in changed:
        consent = worlds.persons("INE00000003") if plan.basis is not BasisRule.NONE else None
        sources = worlds.write(release(), folder)
        changed["inputs"] = Inputs(sources, keys_of(plan, worlds.GRANT), consent)
    options: dict[str, Any] = {
        "plan": plan,
        "texts": texts(),
        "destination": folder / "extracts" / "one",
        "file_key": KEY,
        "workdir": folder,
    }
    return bundle.produce(**{**options, **changed})


def opened(folder: Path, name: str) -> bytes:
    with bundle.open_file(folder / "extracts" / "one", name, KEY) as reader:
        return reader.readall() or b""


def seen(folder: Path) -> list[str]:
    extracts = folder / "extracts"
    return sorted(path.name for path in extracts.iterdir()) if extracts.exists() else []


def unpacked(folder: Path, made: Bundle) -> Path:
    clear = folder / "clear"
    clear.mkdir()
    for entry in made.files:
        (clear / entry.name).write_bytes(opened(folder, entry.name))
    return clear


def test_a_bundle_lists_its_files_as_their_readers_get_them(tmp_path: Path) -> None:
    made = produced(tmp_path)
    assert [entry.name for entry in made.files] == NAMES
    for entry in made.files:
        content = opened(tmp_path, entry.name)
        assert entry.size == len(content)
        assert entry.sha256 == hashlib.sha256(content).hexdigest()
    lines = opened(tmp_path, "SHA256SUMS").decode().splitlines()
    sums = {line[66:]: line[:64] for line in lines}
    assert sums == {entry.name: entry.sha256 for entry in made.files[:-1]}
    assert sums["plan.json"] == made.digest == worlds.plan_for(FIELDS).digest


def test_a_bundle_is_a_data_package_that_frictionless_accepts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clear = unpacked(tmp_path, produced(tmp_path))
    monkeypatch.chdir(clear)
    report = validate("datapackage.json")
    assert report.valid, report.flatten(["type", "note"])
    package = Package("datapackage.json")
    resource = package.get_table_resource("data")
    assert [field.name for field in resource.schema.fields][:2] == ["pid", "date_naissance"]
    assert resource.read_rows()[0]["date_naissance"] in {2010, 2011, 2012}
    descriptor = json.loads((clear / "datapackage.json").read_text())
    assert descriptor["resources"][0]["alternates"][0]["path"] == "data.parquet"
    assert descriptor["licenses"][0]["name"] == "etalab-2.0"


def test_one_format_makes_one_resource(tmp_path: Path) -> None:
    bare = replace(LICENCE, name="")
    plan = worlds.plan_for(FIELDS, formats=(Format.PARQUET,))
    produced(tmp_path, plan, texts=texts(licence=bare))
    descriptor = json.loads(opened(tmp_path, "datapackage.json"))
    assert descriptor["resources"][0]["format"] == "parquet"
    assert "alternates" not in descriptor["resources"][0]
    assert "licenses" not in descriptor


def test_the_dictionary_says_of_every_field_what_was_done(tmp_path: Path) -> None:
    odd = replace(worlds.SESSION, label="=Session", definition="Année | scolaire")
    fields = (*FIELDS[:-1], odd)
    plan = worlds.plan_for(FIELDS, asked=worlds.wishes(FIELDS[:3]) + worlds.wishes([odd]))
    produced(tmp_path, plan, texts=texts(fields))
    rows = list(csv.DictReader(io.StringIO(opened(tmp_path, "dictionary.csv").decode())))
    assert [row["field"] for row in rows][-2:] == ["uai", "note"]
    assert rows[-1]["column"] == rows[-1]["type"] == ""
    by_field = {row["field"]: row for row in rows}
    assert by_field["date_naissance"]["type"] == "integer"
    assert by_field["ine"]["column"] == "pid"
    assert by_field["session"]["label"] == "'=Session"
    assert by_field["session"]["treatment_fr"].startswith("For session you will receive")
    page = opened(tmp_path, "dictionary.md").decode()
    assert "| `session` | =Session | string |" in page
    assert "| `sexe` | sexe |" in page


def test_types_of_the_columns_are_those_of_table_schema(tmp_path: Path) -> None:
    fields = (
        worlds.INE,
        FieldSpec("jour", PlainType.DATE, SemanticType.DATE, Level.OPEN),
        FieldSpec("quand", PlainType.DATETIME, SemanticType.DATETIME, Level.OPEN),
        FieldSpec("rep", PlainType.BOOLEAN, SemanticType.CATEGORY, Level.OPEN),
        FieldSpec("taux", PlainType.NUMBER, SemanticType.RATE, Level.OPEN),
    )
    values: dict[str, Any] = {
        "ine": ["A"],
        "jour": [None],
        "quand": [None],
        "rep": [True],
        "taux": [0.5],
    }
    plan = worlds.plan_for(fields)
    sources = worlds.write(worlds.table_of(fields, values), tmp_path)
    inputs = Inputs(sources, keys_of(plan, worlds.GRANT), worlds.persons())
    produced(tmp_path, plan, inputs=inputs, texts=texts(fields))
    described = json.loads(opened(tmp_path, "datapackage.json"))["resources"][0]["schema"]
    kinds = {each["name"]: each["type"] for each in described["fields"]}
    assert kinds == {
        "pid": "string",
        "jour": "date",
        "quand": "datetime",
        "rep": "boolean",
        "taux": "number",
    }


def test_the_account_tells_what_was_done_without_telling_of_one_person(tmp_path: Path) -> None:
    chosen = (RowFilter("session", Operator.NOT_IN, ("2023",)),)
    produced(tmp_path, worlds.plan_for(FIELDS, filters=chosen))
    said = opened(tmp_path, "account.fr.md").decode()
    assert "Made for the project “Mobilité” from “Résultats” of DEPP, session 2025." in said
    assert "The extract holds 447 rows about 149 persons." in said
    assert "filters of the request: 150." in said
    assert "Persons who objected are not in the extract. Rows left out: fewer than 10." in said
    assert "stands for at least 2 persons" in said
    assert "ends on 31/08/2027" in said
    assert "ends on 2027-08-31" in opened(tmp_path, "account.en.md").decode()
    assert "INE00000003" not in said


def test_an_account_follows_the_basis_and_the_kind_of_rows(tmp_path: Path) -> None:
    made = worlds.make(worlds.plan_for(FIELDS), release(1200), tmp_path)
    many = replace(made.outcome, rows_delivered=12345, rows_unidentified=3000, rows_opposed=0)
    crossed = worlds.plan_for(
        FIELDS, basis=BasisRule.OPT_IN, crossing=True, formats=(Format.PARQUET,)
    )
    said = account.account(crossed, many, TITLES, language="fr", translate=str)
    assert "12\u202f345 rows" in said
    assert "looked up: 3\u202f000" in said
    assert "Only persons who consented are in the extract. Rows left out: 0." in said
    assert "the same in all the datasets it may cross" in said
    assert "CSV" not in said
    schools = (FIELDS[-1],)
    plan = worlds.plan_for(schools, unit=Unit.SCHOOL, basis=BasisRule.NONE)
    about = replace(many, persons=None, verdict=None)
    english = account.account(plan, about, TITLES, language="en", translate=str)
    assert "The extract holds 12,345 rows.\n" in english
    assert "Pseudonyms" not in english
    assert "objected" not in english


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (Measured(l=3), "at least 3 values of each sensitive field"),
        (Measured(t=0.25), "at most 25 % away from everybody's"),
        (
            Measured(unique=0.1, known=3),
            "3 facts known of a person single out 10 % of the persons",
        ),
    ],
)
def test_an_account_tells_what_was_measured_and_nothing_else(
    found: Measured, told: str, tmp_path: Path
) -> None:
    plan = worlds.plan_for(FIELDS)
    outcome = replace(worlds.make(plan, release(1200), tmp_path).outcome, measured=found)
    said = account.account(plan, outcome, TITLES, language="en", translate=str)
    assert told in said
    measures = ("values of each sensitive", "away from everybody", "known of a person")
    assert sum(one in said for one in measures) == 1


def test_checksums_may_be_signed(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    made = produced(tmp_path, ports=Ports(sign=key.sign))
    assert made.files[-1].name == "SHA256SUMS.sig"
    signature = base64.b64decode(opened(tmp_path, "SHA256SUMS.sig"))
    key.public_key().verify(signature, opened(tmp_path, "SHA256SUMS"))


def test_nothing_of_a_bundle_is_readable_without_its_key(tmp_path: Path) -> None:
    made = produced(tmp_path)
    folder = tmp_path / "extracts" / "one"
    stored = b"".join(path.read_bytes() for path in folder.iterdir())
    for word in (b"pid", b"PAR1", b"sexe", b"DEPP", b"2010"):
        assert word not in stored
    with pytest.raises(Unreadable), bundle.open_file(folder, "data.csv", new_secret()) as reader:
        reader.read(1)
    os.rename(folder / "data.csv", folder / "charter.txt")
    with pytest.raises(Unreadable), bundle.open_file(folder, "charter.txt", KEY) as reader:
        reader.read(1)
    assert made.files


def test_a_part_of_a_file_can_be_served(tmp_path: Path) -> None:
    produced(tmp_path)
    whole = opened(tmp_path, "data.csv")
    path = tmp_path / "extracts" / "one" / "data.csv"
    part = b"".join(ranged(path, KEY, start=100, stop=200, context=b"data.csv"))
    assert part == whole[100:200]


def test_the_same_plan_is_made_once(tmp_path: Path) -> None:
    first = produced(tmp_path)
    again = produced(tmp_path, inputs=None, texts=None)
    assert again == first
    assert seen(tmp_path) == ["one"]
    without_check = worlds.plan_for(FIELDS[:1] + FIELDS[-1:])
    fields = FIELDS[:1] + FIELDS[-1:]
    table = release().select([each.name for each in fields])
    inputs = Inputs(
        worlds.write(table, tmp_path), keys_of(without_check, worlds.GRANT), worlds.persons()
    )
    other = produced(tmp_path, without_check, inputs=inputs)
    assert other.digest != first.digest
    assert bundle.published(tmp_path / "extracts" / "one", KEY) == other
    assert bundle.published(tmp_path / "extracts" / "one", new_secret()) is None
    assert seen(tmp_path) == ["one"]


def test_a_run_that_fails_leaves_nothing(tmp_path: Path) -> None:
    plan = worlds.plan_for(FIELDS, k=500)
    with pytest.raises(EngineError):
        produced(tmp_path, plan)
    assert seen(tmp_path) == []
    at: list[str] = []
    ports = Ports(
        progress=lambda stage, _done, _total: at.append(stage),
        cancelled=lambda: at[-1] == "writing",
        limits=Limits(batch_rows=20),
    )
    with pytest.raises(Cancelled):
        produced(tmp_path, ports=ports)
    assert seen(tmp_path) == []


def test_a_failure_after_the_engine_leaves_nothing_either(tmp_path: Path) -> None:
    def refusing(_: bytes) -> bytes:
        raise OSError("no card")

    with pytest.raises(OSError, match="no card"):
        produced(tmp_path, ports=Ports(sign=refusing))
    assert seen(tmp_path) == []


def test_a_staged_file_is_completed_once(tmp_path: Path) -> None:
    with bundle.staging(tmp_path / "one", KEY) as stage:
        file = stage.create("a.txt")
        assert file.writable()
        file.write(b"abc")
        file.close()
        file.close()
        assert list(stage.entries) == ["a.txt"]


def dying(folder: Path, stage: str) -> None:
    """Run in another process until a stage, then wait to be killed."""

    def progress(name: str, _done: int, _total: int) -> None:
        if name == stage:
            (folder / "ready").touch()
            time.sleep(60)

    produced(folder, ports=Ports(progress=progress, limits=Limits(batch_rows=20)))


@pytest.mark.parametrize("stage", ["reading", "checking", "writing"])
def test_a_killed_run_shows_nothing_and_the_next_one_makes_one_bundle(
    tmp_path: Path, stage: str
) -> None:
    context = multiprocessing.get_context("spawn")
    target: Callable[..., None] = dying
    process = context.Process(target=target, args=(tmp_path, stage))
    process.start()
    deadline = time.monotonic() + 60
    while not (tmp_path / "ready").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert [name for name in seen(tmp_path) if not name.startswith(".")] == []
    assert bundle.published(tmp_path / "extracts" / "one", KEY) is None
    assert {path.name for path in tmp_path.iterdir()} <= {"ready", "release.parquet", "extracts"}
    made = produced(tmp_path)
    assert seen(tmp_path) == ["one"]
    assert made.outcome.rows_delivered == 596


def test_a_sweep_removes_what_killed_runs_left(tmp_path: Path) -> None:
    produced(tmp_path)
    left = tmp_path / "extracts" / f".two.abc{bundle.PARTIAL}"
    left.mkdir()
    (left / "data.csv").touch()
    assert bundle.sweep(tmp_path / "extracts") == 1
    assert seen(tmp_path) == ["one"]


def test_what_is_sealed_counts_its_clear_bytes(tmp_path: Path) -> None:
    listed: list[Any] = []
    sealed = bundle._Sealed(tmp_path / "data.csv", KEY, listed.append)
    sealed.write(b"pid\n")

    assert sealed.tell() == 4
    sealed.close()
    assert [entry.size for entry in listed] == [4]


def test_rows_written_elsewhere_get_the_bundle_that_they_would_have_had_here(
    tmp_path: Path,
) -> None:
    made = produced(tmp_path)
    rows = [entry for entry in made.files if entry.name.startswith("data.p")]
    rows += [entry for entry in made.files if entry.name == "data.csv"]
    gathered = bundle.gather(
        plan=worlds.plan_for(FIELDS),
        folder=tmp_path / "extracts" / "one",
        entries=rows,
        outcome=made.outcome,
        texts=texts(),
        destination=tmp_path / "extracts" / "other",
        file_key=KEY,
    )
    assert gathered == made
    assert bundle.published(tmp_path / "extracts" / "other", KEY) == made
    assert seen(tmp_path) == ["one", "other"]


@pytest.mark.parametrize("told", [{}, {"suppressed_cells": [], "columns": [], "files": []}])
def test_what_is_no_outcome_is_refused(told: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not an outcome"):
        outcome_read(told)
