"""Several sources of one grant, joined person by person."""

from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from access.extracts import crossing
from access.extracts.passes import Gathered
from access.extracts.ports import EngineError, Limits
from access.plans.crossing import Crossed, cross, recipe, refusals
from access.plans.plan import Plan
from access.plans.terms import BasisRule, FieldGrant, FieldSpec, Format, Operator, RowFilter
from hub.kernel.refusals import Refused
from tests.unit.access.extracts import worlds

MARKS: tuple[FieldSpec, ...] = (worlds.INE, worlds.SEX, worlds.MARK)
PLACES: tuple[FieldSpec, ...] = (worlds.INE, worlds.SCHOOL, worlds.MARK)


def plans(**about: object) -> list[Plan]:
    return [
        worlds.plan_for(fields, dataset=dataset, crossing=True, k=1, **about)  # type: ignore[arg-type]
        for fields, dataset in ((MARKS, "marks"), (PLACES, "places"))
    ]


def marks(*persons: str | None) -> pa.Table:
    columns = {"ine": persons, "sexe": ["F"] * len(persons), "note": range(len(persons))}
    return worlds.table_of(MARKS, columns)


def places(*persons: str | None) -> pa.Table:
    columns = {"ine": persons, "uai": ["0530030V"] * len(persons), "note": [1.0] * len(persons)}
    return worlds.table_of(PLACES, columns)


def test_each_row_of_one_source_meets_each_of_the_other_about_the_same_person(
    tmp_path: Path,
) -> None:
    made = worlds.make_of(
        cross(plans()),
        [marks("A", "A", "B", "C", None), places("A", "A", "B", "D", None)],
        tmp_path,
        consent=[worlds.persons(), worlds.persons("D")],
    )

    assert sorted(Counter(row["pid"] for row in made.rows).values()) == [1, 4]
    assert list(made.rows[0]) == ["pid", "sexe", "note", "uai", "note_2"]
    outcome = made.outcome
    assert (outcome.rows_read, outcome.rows_delivered, outcome.persons) == (10, 5, 2)
    # C has no row in the other source; D opposed there; nobody knows who the two others are.
    assert (outcome.rows_alone, outcome.rows_opposed, outcome.rows_unidentified) == (1, 1, 2)


def test_pseudonyms_of_a_crossing_are_those_of_each_of_its_plans(tmp_path: Path) -> None:
    both = cross(plans())
    [first, _second] = plans()
    alone = worlds.make(first, marks("A", "B"), tmp_path)
    together = worlds.make_of(
        both, [marks("A", "B"), places("A")], tmp_path, consent=[worlds.persons()] * 2
    )

    assert {row["pid"] for row in together.rows} < {row["pid"] for row in alone.rows}


def test_small_groups_are_counted_over_the_columns_of_all_the_sources(tmp_path: Path) -> None:
    [first, second] = plans()
    tables = [marks("A", "B", "C"), places("A", "B")]
    for k, delivered in ((1, 2), (2, 2)):
        strict = [
            worlds.plan_for(MARKS, dataset="marks", crossing=True, k=k),
            worlds.plan_for(PLACES, dataset="places", crossing=True, k=1),
        ]
        made = worlds.make_of(
            cross(strict), tables, tmp_path, consent=[worlds.persons()] * 2, grant=worlds.GRANT
        )
        assert made.outcome.rows_delivered == delivered
        assert made.outcome.verdict is not None
        assert made.outcome.verdict.k == k
    third = worlds.plan_for(MARKS, dataset="marks", crossing=True, k=3)
    with pytest.raises(EngineError, match="fewer than 3"):
        worlds.make_of(cross([third, second]), tables, tmp_path, consent=[worlds.persons()] * 2)
    assert first.disclosure.k == 1


def test_sources_without_a_person_in_common_give_no_extract(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="No row is left"):
        worlds.make_of(
            cross(plans()), [marks("A"), places("B")], tmp_path, consent=[worlds.persons()] * 2
        )


def test_nothing_is_checked_where_no_column_identifies_by_crossing(tmp_path: Path) -> None:
    fields = (worlds.INE, worlds.MARK)
    bare = [worlds.plan_for(fields, dataset=name, crossing=True, k=5) for name in ("one", "two")]
    table = worlds.table_of(fields, {"ine": ["A"], "note": [1.0]})
    made = worlds.make_of(cross(bare), [table, table], tmp_path, consent=[worlds.persons()] * 2)

    assert made.outcome.verdict is None
    assert made.outcome.rows_delivered == 1


def test_a_person_whose_rows_multiply_beyond_measure_stops_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crossing, "MOST_FOR_ONE", 2)
    many = ["A"] * 5
    with pytest.raises(EngineError, match="multiply") as caught:
        worlds.make_of(
            cross(plans()),
            [marks(*many), places(*many)],
            tmp_path,
            consent=[worlds.persons()] * 2,
            limits=Limits(batch_rows=1),
        )
    assert caught.value.permanent


def part_of(*pseudonyms: bytes | None) -> Gathered:
    tie = np.arange(len(pseudonyms)).astype(np.uint64)
    return Gathered([], pa.array(pseudonyms, pa.binary(16)), tie, None)


def test_persons_whose_pseudonyms_begin_alike_are_told_apart() -> None:
    begins = b"12345678"
    one, other, third = (begins + end * 8 for end in (b"a", b"b", b"c"))
    left = part_of(one, other, other, None, third)
    right = part_of(other, third, b"x" * 16, other)

    rows, persons = crossing.matched([left, right], most=100)

    pairs = set(zip(rows[0].tolist(), rows[1].tolist(), strict=True))
    assert pairs == {(1, 0), (1, 3), (2, 0), (2, 3), (4, 1)}
    assert len(rows[0]) == 5
    assert Counter(persons.tolist()).most_common() == [(0, 4), (1, 1)]


def test_two_persons_of_two_sources_whose_pseudonyms_begin_alike_are_not_joined() -> None:
    begins = b"12345678"
    rows, _persons = crossing.matched(
        [part_of(begins + b"a" * 8), part_of(begins + b"b" * 8)], most=100
    )
    assert len(rows[0]) == 0


def test_each_source_needs_its_own_words_of_the_persons(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="has none"):
        worlds.make_of(
            cross(plans()), [marks("A"), places("A")], tmp_path, consent=worlds.persons()
        )


def test_a_crossing_is_read_back_to_the_letter_and_its_digest_is_of_all_its_plans() -> None:
    both = cross(plans())

    assert recipe(both.to_json()) == both
    assert recipe(both.plans[0].to_json()) == both.plans[0]
    assert both.digest != cross(plans(formats=(Format.CSV,))).digest
    for wrong in (
        "[]",
        '{"plans":{},"version":1}',
        '{"plans":[],"version":2}',
        "{}",
        '{"plans":[3],"version":1}',
    ):
        with pytest.raises(ValueError, match="plan"):
            recipe(wrong)


def test_a_crossing_says_of_its_plans_what_one_says_of_itself() -> None:
    chosen = RowFilter("sexe", Operator.IN, ("F",))
    one = worlds.plan_for(MARKS, dataset="a", crossing=True, k=3, rows=5, filters=(chosen,))
    other = worlds.plan_for(PLACES, dataset="b", crossing=True, k=7, cap=0.1, rows=6)
    both = cross([other, one])

    assert both.plans == (one, other)
    assert (both.grant, both.subject, both.attribute) == (one.grant, "ine", "pupil")
    assert (both.disclosure.k, both.disclosure.cap) == (7, 0.1)
    assert both.filters == (chosen,)
    assert both.quasi_identifiers == ("sexe", "uai")
    assert [each.attribute for each in both.domains] == ["pupil"]
    assert (both.rows, both.name, both.end) == (11, "a+b", one.end)
    assert (both.formats, both.algorithm, both.crossing) == (one.formats, one.algorithm, True)
    assert len(both.treatments) == len(MARKS) + len(PLACES)
    assert both.warnings == one.warnings + other.warnings
    assert cross(plans()).rows is None


@pytest.mark.parametrize(
    ("together", "code"),
    [
        (plans()[:1], "crossing_alone"),
        ([plans()[0], plans()[0]], "crossing_alone"),
        (
            [
                plans()[0],
                worlds.plan_for(
                    (worlds.SESSION,), dataset="b", crossing=True, basis=BasisRule.NONE
                ),
            ],
            "crossing_persons",
        ),
        ([plans()[0], worlds.plan_for(PLACES, dataset="b")], "crossing_apart"),
        (
            [plans()[0], worlds.plan_for(PLACES, dataset="b", crossing=True, grant="x")],
            "crossing_apart",
        ),
    ],
)
def test_plans_that_do_not_go_together_are_refused(together: list[Plan], code: str) -> None:
    assert code in [one.code for one in refusals(together)]
    with pytest.raises(Refused):
        cross(together)


def test_a_column_name_is_never_given_twice() -> None:
    fields = (
        *MARKS,
        FieldSpec("note_2", worlds.MARK.type, worlds.MARK.semantic_type, worlds.MARK.level),
    )
    asked = tuple(FieldGrant(each.name, "", "why") for each in fields)
    first = worlds.plan_for(fields, dataset="a", crossing=True, asked=asked)
    both: Crossed = cross([first, worlds.plan_for(PLACES, dataset="b", crossing=True)])

    names = [each.output for each in both.delivered]
    assert names == ["pid", "sexe", "note", "note_2", "uai", "note_3"]
