"""The bundle of an extract of tables: its files, what they say, and what is read back of them."""

import json
from pathlib import Path

import pytest

from access.extracts import bundle
from access.extracts.bundle import Inputs
from access.extracts.outcomes import outcome_read, outcome_told
from access.extracts.ports import keys_of
from access.plans.terms import BasisRule, TableWish
from catalog.vocabularies.levels import Unit
from tests.unit.access.extracts import worlds
from tests.unit.access.extracts.test_bundle import KEY, opened, produced, texts

OF_PUPILS = worlds.plan_for(
    tuple(one for one in worlds.FIELDS if one is not worlds.NAME),
    k=5,
    tables=(TableWish(("sexe", "session")), TableWish(("sexe",), "note")),
)


def test_a_bundle_of_tables_is_read_back_as_it_was_made(tmp_path: Path) -> None:
    made = produced(tmp_path, OF_PUPILS)
    assert bundle.published(tmp_path / "extracts" / "one", KEY) == made
    assert [one.name for one in made.files][:4] == [
        "table_1.parquet", "table_1.csv", "table_2.parquet", "table_2.csv",
    ]  # fmt: skip
    told = outcome_told(made.outcome)
    assert outcome_read(json.loads(json.dumps(told))) == made.outcome
    with pytest.raises(ValueError, match="not an outcome"):
        outcome_read({**told, "tables": [{"name": "table_1"}]})


def test_the_account_tells_of_the_tables_and_of_no_row(tmp_path: Path) -> None:
    produced(tmp_path, OF_PUPILS)
    said = opened(tmp_path, "account.en.md").decode()
    assert "- Only tables of results are delivered, and no row." in said
    assert "- Table 2: sum of note by sexe." in said
    assert "A person who is in several cells of a table counts in each" in said
    assert "The order of the rows" not in said
    assert "ine: tables of results name nobody" in said
    dictionary = opened(tmp_path, "dictionary.md").decode()
    assert "| `table_1.suppressed` |  | boolean | Résultats | True where" in dictionary


def test_tables_of_what_is_about_nobody_speak_of_rows(tmp_path: Path) -> None:
    fields = (worlds.SESSION,)
    plan = worlds.plan_for(
        fields, unit=Unit.SCHOOL, basis=BasisRule.NONE, tables=(TableWish(("session",)),)
    )
    table = worlds.table_of(fields, {"session": ["2024"] * 3 + ["2025"] * 4})
    inputs = Inputs(worlds.write(table, tmp_path), keys_of(plan, worlds.GRANT), None)
    produced(tmp_path, plan, inputs=inputs, texts=texts(fields))
    said = opened(tmp_path, "account.en.md").decode()
    assert "- Table 1: number of rows by session." in said
    assert "A person who is in several cells" not in said
    assert opened(tmp_path, "table_1.csv").decode().splitlines()[-1] == '"_T",7,false'
