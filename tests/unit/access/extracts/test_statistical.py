"""Files for SPSS and Stata are read back with pyreadstat: the rows of the Parquet file, labelled."""

import io
import os
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyreadstat
import pytest

from access.extracts import statistical
from access.extracts.account import Origin, Titles, account
from access.extracts.datapackage import dictionary_csv, dictionary_markdown
from access.extracts.ports import EngineError, Limits
from access.extracts.statistical import look
from access.plans import offered
from access.plans.crossing import cross
from access.plans.plan import Described, Plan
from access.plans.terms import DEFAULT_FORMATS, FieldSpec, Format, in_order
from catalog.vocabularies.levels import Level
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType
from tests.unit.access.extracts import worlds
from tests.unit.access.extracts.worlds import Made

ALL = tuple(Format)
SECTOR = FieldSpec(
    "secteur",
    PlainType.TEXT,
    SemanticType.CATEGORY,
    Level.OPEN,
    "Secteur de l’établissement",
    code_list=(("PU", "Public"), ("PR", "Privé sous contrat"), ("XX", "")),
)
RANK = FieldSpec(
    "Rang d’entrée au collège, au moment du premier vœu",
    PlainType.INTEGER,
    SemanticType.CATEGORY,
    Level.OPEN,
    code_list=(("1", "Premier"), ("2", "Deuxième"), ("x", "n’est pas un nombre")),
)
RATE = FieldSpec("taux", PlainType.NUMBER, SemanticType.RATE, Level.OPEN, "Taux")
AIDED = FieldSpec("by", PlainType.BOOLEAN, SemanticType.CATEGORY, Level.OPEN, "Aidé")
DAY = FieldSpec("jour", PlainType.DATE, SemanticType.DATE, Level.OPEN, "Jour " * 40)
MOMENT = FieldSpec("moment", PlainType.DATETIME, SemanticType.DATETIME, Level.OPEN, "Moment")
FIELDS = (worlds.INE, SECTOR, RANK, RATE, AIDED, DAY, MOMENT)
SHORT = ["pid", "secteur", "Rang_d_entree_au_college_au", "taux", "v_by", "jour", "moment"]
ROWS = 30
READ: Any = {"sav": pyreadstat.read_sav, "dta": pyreadstat.read_dta}


def rows() -> pa.Table:
    at = datetime(2025, 8, 31, 12, 30, 5)  # noqa: DTZ001 - as it is written
    some: dict[str, list[Any]] = {
        "ine": [f"{number:010}A" for number in range(ROWS)],
        "secteur": [("PU", "PR", None)[number % 3] for number in range(ROWS)],
        RANK.name: [(1, 2, None, -7)[number % 4] for number in range(ROWS)],
        "taux": [(81.75, None, float("nan"), -0.5)[number % 4] for number in range(ROWS)],
        "by": [(True, False, None)[number % 3] for number in range(ROWS)],
        "jour": [(date(1899, 1, 2), None)[number % 2] for number in range(ROWS)],
        "moment": [(at, None)[number % 2] for number in range(ROWS)],
    }
    return worlds.table_of(FIELDS, some)


def plan(*formats: Format, **terms: Any) -> Plan:
    return worlds.plan_for(FIELDS, formats=formats or ALL, **terms)


def made(folder: Path, recipe: Plan | None = None, **options: Any) -> Made:
    return worlds.make(recipe or plan(), rows(), folder, **options)


def read(content: bytes, kind: str, folder: Path) -> Any:
    path = folder / f"read.{kind}"
    path.write_bytes(content)
    return READ[kind](path, output_format="dict")


@pytest.fixture(params=["sav", "dta"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_rows_types_and_missing_values_are_those_of_the_parquet_file(
    tmp_path: Path, kind: str
) -> None:
    files = made(tmp_path, limits=Limits(batch_rows=7)).shelf
    found, told = read(files.files[f"data.{kind}"], kind, tmp_path)
    parquet = files.table().to_pydict()
    assert list(found) == SHORT
    assert told.number_rows == ROWS
    assert found["pid"] == [str(one) for one in parquet["pid"]]
    assert found["secteur"] == [one or "" for one in parquet["secteur"]]
    assert found[SHORT[2]] == parquet[RANK.name]
    assert found["taux"] == [None if one != one else one for one in parquet["taux"]]  # noqa: PLR0124
    assert found["v_by"] == [None if one is None else int(one) for one in parquet["by"]]
    assert found["jour"] == parquet["jour"]
    assert found["moment"] == parquet["moment"]
    assert {found["pid"].index(one) for one in found["pid"]} == set(range(ROWS))


def test_fields_and_codes_have_their_labels(tmp_path: Path, kind: str) -> None:
    files = made(tmp_path).shelf.files
    _found, told = read(files[f"data.{kind}"], kind, tmp_path)
    labels = told.column_names_to_labels
    assert labels["pid"] == "INE"
    assert labels["secteur"] == SECTOR.label
    assert labels[SHORT[2]] == RANK.name
    assert labels["jour"].endswith("…")
    codes = told.variable_value_labels
    assert codes[SHORT[2]] == {1: "Premier", 2: "Deuxième"}
    assert codes["v_by"] == {0: "false", 1: "true"}
    # Stata labels numbers only.
    texts = {"PU": "Public", "PR": "Privé sous contrat"} if kind == "sav" else None
    assert codes.get("secteur") == texts
    formats = told.original_variable_types
    assert formats[SHORT[2]] == ("F16.0" if kind == "sav" else "%16.0f")
    assert formats["taux"] != formats[SHORT[2]]


def test_codes_that_were_made_coarser_have_no_label_of_theirs() -> None:
    coarse = replace(worlds.SCHOOL, code_list=(("0530030V", "Collège"),))
    found = worlds.plan_for((worlds.INE, coarse), formats=ALL)
    assert found.described[-1].codes
    assert statistical.described_by_column(found)["uai"].codes == ()


def test_a_plan_that_asks_for_no_such_file_is_what_it_was() -> None:
    text = plan(*DEFAULT_FORMATS).to_json()
    assert "described" not in text
    assert Plan.from_json(text).digest == plan(*DEFAULT_FORMATS).digest
    asked = plan(Format.CSV, Format.STATA)
    assert Plan.from_json(asked.to_json()) == asked
    assert asked.described[1].codes == SECTOR.code_list


def test_an_extract_too_large_for_them_comes_without_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = made(tmp_path, limits=Limits(batch_rows=7, statistical_rows=ROWS - 1))
    assert few.outcome.files == ("data.parquet", "data.csv")
    assert set(few.shelf.files) == set(few.outcome.files)
    enough = made(tmp_path, limits=Limits(statistical_rows=ROWS))
    assert enough.outcome.files == ("data.parquet", "data.csv", "data.sav", "data.dta")
    monkeypatch.setattr(statistical, "MOST_BYTES", 1000)
    assert made(tmp_path).outcome.files == few.outcome.files
    monkeypatch.undo()
    monkeypatch.setattr(statistical, "LONGEST_TEXT", 35)
    assert made(tmp_path).outcome.files == few.outcome.files
    titles = Titles("P", (Origin("D", "2025", "S"),))
    said = account(plan(), few.outcome, titles, language="en", translate=str)
    assert "data.sav was left out" in said
    assert "short names" not in said
    said = account(plan(), enough.outcome, titles, language="en", translate=str)
    assert "left out: a file" not in said
    assert "short names" in said


def test_the_dictionary_gives_the_short_names_when_there_is_such_a_file(tmp_path: Path) -> None:
    recipe, titles = plan(), Titles("P", (Origin("D", "2025", "S"),))
    outcome = made(tmp_path).outcome
    say = {"en": str}
    table = dictionary_csv(recipe, outcome, [FIELDS], titles, say)
    assert table.splitlines()[0].endswith(",treatment_en,spss_stata_name")
    assert SHORT[2] in table
    page = dictionary_markdown(recipe, outcome, [FIELDS], titles, str)
    assert "| In SPSS and Stata |" in page
    assert "`v_by`" in page
    without = replace(outcome, files=("data.parquet",))
    assert "spss_stata_name" not in dictionary_csv(recipe, without, [FIELDS], titles, say)
    assert "SPSS" not in dictionary_markdown(recipe, without, [FIELDS], titles, str)


def test_whole_numbers_that_a_float_cannot_hold_are_texts(tmp_path: Path, kind: str) -> None:
    count = replace(RATE, type=PlainType.INTEGER)
    recipe = worlds.plan_for(
        (worlds.INE, count), formats=(Format.CSV, *in_order(["spss", "stata"]))
    )
    table = worlds.table_of(
        (worlds.INE, count), {"ine": ["0123456789A", "0123456789B"], "taux": [2**53 + 1, None]}
    )
    files = worlds.make(recipe, table, tmp_path).shelf.files
    found, _told = read(files[f"data.{kind}"], kind, tmp_path)
    assert sorted(found["taux"]) == ["", str(2**53 + 1)]


def test_a_moment_is_on_the_clock_of_its_place(tmp_path: Path, kind: str) -> None:
    moments = pa.array(
        [datetime(2025, 8, 31, 22, 30, tzinfo=UTC)], pa.timestamp("ms", "Europe/Paris")
    )
    table = pa.table({"moment": moments, "texte": pa.array(["é" * 1500])})
    columns = statistical._columns(table)
    path = tmp_path / f"x.{kind}"
    write = {"sav": statistical._sav, "dta": statistical._dta}[kind]
    said = {"moment": Described("moment"), "texte": Described("texte")}
    write(str(path), columns, said)
    found, _told = READ[kind](path, output_format="dict")
    assert str(found["moment"][0]) == "2025-09-01 00:30:00"
    assert found["texte"] == ["é" * 1500]


def test_a_crossing_is_written_too(tmp_path: Path, kind: str) -> None:
    both = [
        worlds.plan_for(FIELDS, formats=ALL, dataset=name, crossing=True)
        for name in ("first", "second")
    ]
    recipe = cross(both)
    consent = [worlds.persons(), worlds.persons()]
    done = worlds.make_of(recipe, [rows(), rows()], tmp_path, consent=consent)
    found, told = read(done.shelf.files[f"data.{kind}"], kind, tmp_path)
    assert list(found)[:2] == ["pid", "secteur"]
    assert found["secteur_2"] == found["secteur"]
    assert told.column_names_to_labels["secteur_2"] == SECTOR.label
    assert told.number_rows == ROWS


def test_nothing_clear_touches_a_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[int] = []
    memory = os.memfd_create

    def counted(name: str) -> int:
        opened.append(memory(name))
        return opened[-1]

    monkeypatch.setattr(os, "memfd_create", counted)
    made(tmp_path)
    assert len(opened) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["release.parquet"]


def test_a_run_without_the_packages_is_refused_before_a_row_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offered, "find_spec", lambda _name: None)
    assert offered.offered() == DEFAULT_FORMATS
    with pytest.raises(EngineError) as caught:
        made(tmp_path)
    assert (caught.value.code, caught.value.permanent) == ("no_writer", True)
    assert made(tmp_path, plan(*DEFAULT_FORMATS)).outcome.files == ("data.parquet", "data.csv")


def test_a_file_says_its_columns_and_rows_and_another_says_nothing(tmp_path: Path) -> None:
    files = made(tmp_path).shelf.files
    for each in (Format.SPSS, Format.STATA):
        stream = io.BytesIO(files[each.file_name])
        assert look(each, stream) == (tuple(SHORT), ROWS)
        assert look(each, io.BytesIO(b"nothing of the kind")) == ((), 0)


# -- which are offered -------------------------------------------------------------------------------


def test_formats_are_asked_for_among_those_that_are_offered() -> None:
    assert offered.offered() == ALL
    for good in (["parquet"], ["csv", "spss"], [*ALL]):
        assert offered.refusals_for(good, ALL) == []
    wrong = offered.refusals_for(["csv", "spss", "pdf"], DEFAULT_FORMATS)
    assert [one.values["format"] for one in wrong] == ["pdf", "spss"]
    assert [one.code for one in offered.refusals_for(["spss"], ALL)] == ["format-missing"]
    assert in_order(["stata", "csv", "csv"]) == (Format.CSV, Format.STATA)
    with pytest.raises(ValueError, match="pdf"):
        in_order(["pdf"])
