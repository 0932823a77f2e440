"""What two extracts tell together, and what they do not."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from access.plans.crossing import cross
from access.plans.terms import FieldSpec
from catalog.vocabularies.levels import Level
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType
from hub.crypto.keys import new_secret
from tests.unit.access.extracts import worlds
from tests.unit.access.extracts.worlds import Made

NUMBER = FieldSpec("numero", PlainType.INTEGER, SemanticType.NUMBER, Level.OPEN)
FIELDS = (worlds.INE, worlds.SEX, NUMBER)
PERSONS = 3_000
SPELLINGS = (
    "  INE0000004",
    "ine 0000004",
    "ＩＮＥ０００００04",
    "INE\u200b0000004\t",
    "Ine\u00a00000004",
)


def table(
    order: np.ndarray[tuple[int], np.dtype[np.int64]] | None = None, rows: int = 1
) -> pa.Table:
    """Return rows whose number says where they stand in the source."""
    places = np.arange(PERSONS) if order is None else order
    columns: dict[str, list[Any]] = {
        "ine": [f"INE{place // rows:07d}" for place in places],
        "sexe": ["FM"[place % 2] for place in places],
        "numero": list(range(PERSONS)),
    }
    return worlds.table_of(FIELDS, columns)


def extract(folder: Path, grant: str, **about: object) -> Made:
    plan = worlds.plan_for(FIELDS, grant=grant, k=1)
    return worlds.make(plan, table(**about), folder, grant=new_secret())  # type: ignore[arg-type]


def places(made: Made) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return where each row of the source stands in the extract."""
    found = np.empty(PERSONS)
    found[[row["numero"] for row in made.rows]] = np.arange(PERSONS)
    return found


def spearman(one: Made, other: Made | None = None) -> float:
    """Correlate the places of the rows in two extracts, or in the source and one."""
    source = np.arange(PERSONS, dtype=float)
    return float(np.corrcoef(places(one), source if other is None else places(other))[0, 1])


@pytest.mark.parametrize("rows", [1, 10], ids=["a row a person", "ten rows a person"])
def test_the_order_of_the_rows_tells_nothing_of_the_source_nor_of_another_extract(
    tmp_path: Path, rows: int
) -> None:
    one, other = (extract(tmp_path, grant, rows=rows) for grant in ("one", "other"))
    # Of independent orders of n groups the coefficient is below 4 / √n but once in 16,000 times.
    noise = 4 / np.sqrt(PERSONS / rows)

    assert abs(spearman(one)) < noise
    assert abs(spearman(other)) < noise
    assert abs(spearman(one, other)) < noise


def test_the_rows_of_one_person_are_in_no_order_of_the_source(tmp_path: Path) -> None:
    made = extract(tmp_path, "one", rows=PERSONS)

    assert abs(spearman(made)) < 4 / np.sqrt(PERSONS)


def test_what_shows_an_order_is_seen(tmp_path: Path) -> None:
    one = extract(tmp_path, "one")
    again = Made(one.outcome, one.shelf)

    assert spearman(one, again) == pytest.approx(1)


def test_pseudonyms_of_two_grants_have_none_in_common(tmp_path: Path) -> None:
    one, other = (extract(tmp_path, grant) for grant in ("one", "other"))

    found = [{row["pid"] for row in made.rows} for made in (one, other)]
    assert len(found[0]) == len(found[1]) == PERSONS
    assert not found[0] & found[1]


def test_within_a_crossing_a_person_has_one_pseudonym_whoever_produced_the_data(
    tmp_path: Path,
) -> None:
    secret = new_secret()
    shuffled = np.random.default_rng(3).permutation(PERSONS)
    plans = [worlds.plan_for(FIELDS, dataset=name, crossing=True) for name in ("state", "edtech")]
    alone = [
        worlds.make(plan, table(order), tmp_path, grant=secret)
        for plan, order in zip(plans, (None, shuffled), strict=True)
    ]
    both = worlds.make_of(
        cross(plans),
        [table(), table(shuffled)],
        tmp_path,
        consent=[worlds.persons()] * 2,
        grant=secret,
    )

    found = [{row["pid"] for row in made.rows} for made in (*alone, both)]
    assert found[0] == found[1] == found[2]
    assert len(found[2]) == PERSONS


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_who_opposed_is_absent_in_every_spelling(tmp_path: Path, spelling: str) -> None:
    plan = worlds.plan_for(FIELDS)
    everybody = worlds.make(plan, table(), tmp_path)
    made = worlds.make(plan, table(), tmp_path, consent=worlds.persons(spelling))

    assert made.outcome.rows_opposed == 1
    assert {row["numero"] for row in everybody.rows} - {row["numero"] for row in made.rows} == {4}
