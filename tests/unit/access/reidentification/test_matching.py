"""Candidates are matched by the same two stages as an extract, whatever their kind."""

from datetime import date
from uuid import UUID

import pyarrow as pa
import pytest

from access.plans.plan import Plan, compile_plan
from access.plans.terms import BasisRule, Disclosure, FieldGrant, FieldSpec, GrantTerms, SourceSpec
from access.reidentification.matching import Column, Match, columns_of, matches
from catalog.vocabularies.levels import Level, Unit
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType
from hub.crypto.keys import Secret, derive, stage_two_key
from hub.crypto.prf import Algorithm, matrix_of, prf, pseudonyms
from hub.crypto.subjects import subject_keys

GRANT, HUB = Secret(b"g" * 32), Secret(b"h" * 32)
FIELDS = [
    FieldSpec("professeur", PlainType.TEXT, SemanticType.NUMEN, Level.IDENTIFIER),
    FieldSpec("ine", PlainType.TEXT, SemanticType.INE, Level.IDENTIFIER),
    FieldSpec("code_local", PlainType.TEXT, SemanticType.PUPIL_ID, Level.IDENTIFIER),
    FieldSpec("session", PlainType.TEXT, SemanticType.SCHOOL_YEAR, Level.OPEN),
]
IDENTIFIERS = {"professeur": "teacher", "ine": "pupil", "code_local": "pupil@depp"}


def key(identifier: str) -> Secret:
    return derive(HUB, identifier)


def plan(*names: str, crossing: bool = False, algorithm: Algorithm = Algorithm.AES_CMAC) -> Plan:
    return compile_plan(
        terms=GrantTerms(
            grant="g",
            fields=tuple(FieldGrant(name) for name in names),
            end=date(2027, 1, 1),
            crossing=crossing,
        ),
        source=SourceSpec(
            dataset="d",
            release="r",
            unit=Unit.PUPIL,
            columns=tuple(field.name for field in FIELDS),
            rows=10,
        ),
        fields=FIELDS,
        basis=BasisRule.NONE,
        disclosure=Disclosure(k=5, cap=0.05),
        algorithm=algorithm,
    )


def pid(of: Plan, column: Column, identifier: str) -> bytes:
    [labels] = [each.labels for each in of.domains if each.attribute == column.attribute]
    p0 = subject_keys(pa.array([identifier]), key(column.identifier))
    stage_two = prf(stage_two_key(GRANT, *labels), of.algorithm)
    return matrix_of(pseudonyms(p0, stage_two)).tobytes()


def found(of: Plan, pids: list[bytes], candidates: list[str]) -> list[str | None]:
    columns = columns_of(of, IDENTIFIERS)
    answer = matches(
        pids, candidates, plan=of, columns=columns, grant_secret=GRANT, identifier_key=key
    )
    assert [one.pid for one in answer] == pids
    return [one.candidate for one in answer]


def test_the_kinds_of_pseudonyms_are_those_that_the_plan_delivers_the_subjects_first() -> None:
    assert columns_of(plan("session"), IDENTIFIERS) == []
    assert columns_of(plan("professeur", "ine", "code_local"), IDENTIFIERS) == [
        Column("pupil", "pupil"),
        Column("teacher", "teacher"),
        Column("pupil", "pupil@depp"),
    ]
    assert columns_of(plan("ine"), {}) == []


@pytest.mark.parametrize("crossing", [False, True])
@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_each_kind_of_person_is_found_by_their_own_identifier(
    crossing: bool, algorithm: Algorithm
) -> None:
    of = plan("professeur", "ine", "code_local", crossing=crossing, algorithm=algorithm)
    national, teacher, local = columns_of(of, IDENTIFIERS)
    pids = [pid(of, national, "1A"), pid(of, local, "12"), pid(of, teacher, "T9"), b"\1" * 16]

    assert found(of, pids, ["x", "T9", "12", "1A"]) == ["1A", "12", "T9", None]


def test_what_is_written_otherwise_is_the_same_person_and_the_first_given_is_answered() -> None:
    of = plan("ine")
    [column] = columns_of(of, IDENTIFIERS)

    assert found(of, [pid(of, column, "1A")], ["", " ", "1 a", "1A"]) == ["1 a"]


def test_the_same_number_in_another_kind_or_grant_is_nobody() -> None:
    of, wider = plan("ine"), plan("ine", "professeur")
    teacher = columns_of(wider, IDENTIFIERS)[1]

    assert found(of, [pid(wider, teacher, "1A")], ["1A"]) == [None]
    assert found(of, [UUID(int=0).bytes], ["1A"]) == [None]
    assert "1A" not in repr(Match(b"", "1A"))
