"""Statements of learning traces become rows, with whom they speak of first."""

import copy
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.connectors.files import FileKind
from catalog.connectors.xapi.statements import COLUMNS, seconds_of
from catalog.datasets.profiles import profile_sample
from catalog.datasets.proposals import propose
from catalog.vocabularies.levels import Level, Unit
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType
from tests.unit.catalog.connectors.reading import error_of, looked_at, read_whole

STATEMENT: dict[str, Any] = {
    "id": "6690e6c9-3ef0-4ed3-8b37-7f3964730bee",
    "actor": {
        "objectType": "Agent",
        "name": "Zoé Martin",
        "account": {"homePage": "https://ent.example", "name": "e-4217"},
    },
    "verb": {"id": "http://adlnet.gov/expapi/verbs/answered", "display": {"fr": "a répondu"}},
    "object": {
        "id": "https://app.example/exercise/12",
        "definition": {"type": "http://adlnet.gov/expapi/activities/question"},
    },
    "result": {
        "score": {"scaled": 0.5, "raw": 10, "min": 0, "max": 20},
        "success": True,
        "completion": False,
        "duration": "PT1H30M5.25S",
        "response": "ma réponse",
    },
    "context": {
        "registration": "ec531277-b57b-4c15-8d91-d292c5b2b8f7",
        "platform": "App",
        "language": "fr-FR",
        "contextActivities": {
            "parent": {"id": "https://app.example/lesson/3"},
            "grouping": [{"id": "https://app.example/a"}, {"id": "https://app.example/b"}],
        },
        "extensions": {"https://x": {"secret": 1}},
    },
    "timestamp": "2025-09-01T10:00:00.123456789+02:00",
    "stored": "2025-09-01T08:00:01Z",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "statements"


def changed(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    one = copy.deepcopy(STATEMENT)
    change(one)
    return one


def write(path: Path, *statements: dict[str, Any]) -> None:
    path.write_text("\n".join(map(json.dumps, statements)))


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("as_array", [True, False])
def test_statements_are_recognised_and_flattened(path: Path, pack: Any, *, as_array: bool) -> None:
    text = json.dumps([STATEMENT] * 2) if as_array else f"{json.dumps(STATEMENT)}\n" * 2
    path.write_bytes(pack(text.encode()))
    kind, seen = looked_at(path)
    assert kind is FileKind.XAPI
    assert {one.name: one.native or PlainType.TEXT for one in seen.columns} == COLUMNS
    assert seen.row_count == 2
    first, second = read_whole(path)
    assert first == second
    assert first == {
        "actor_id": "e-4217",
        "actor_home": "https://ent.example",
        "statement_id": "6690e6c9-3ef0-4ed3-8b37-7f3964730bee",
        "verb": "http://adlnet.gov/expapi/verbs/answered",
        "object_id": "https://app.example/exercise/12",
        "object_type": "Activity",
        "activity_type": "http://adlnet.gov/expapi/activities/question",
        "score_scaled": "0.5",
        "score_raw": "10",
        "score_min": "0",
        "score_max": "20",
        "success": "true",
        "completion": "false",
        "duration_seconds": "5405.25",
        "timestamp": "2025-09-01T08:00:00.123456+00:00",
        "stored": "2025-09-01T08:00:01+00:00",
        "registration": "ec531277-b57b-4c15-8d91-d292c5b2b8f7",
        "platform": "App",
        "language": "fr-FR",
        "parent": "https://app.example/lesson/3",
        "grouping": "https://app.example/a https://app.example/b",
    }


def test_names_answers_and_extensions_are_not_read(path: Path) -> None:
    write(path, STATEMENT)
    told = str(read_whole(path))
    assert "Martin" not in told
    assert "réponse" not in told
    assert "secret" not in told


@pytest.mark.parametrize(
    ("actor", "named"),
    [
        ({"mbox": "mailto:a@example.org"}, "a@example.org"),
        ({"mbox_sha1sum": "ebd31e95054c018b10727ccffd2ef2ec3a016ee9"}, "ebd31e95054c018b10727ccffd2ef2ec3a016ee9"),
        ({"openid": "https://id.example/a"}, "https://id.example/a"),
        ({"objectType": "Group", "member": [{"mbox": "mailto:a@example.org"}]}, None),
    ],
)  # fmt: skip
def test_an_actor_is_named_by_the_one_identifier_that_it_has(
    path: Path, actor: dict[str, Any], named: str | None
) -> None:
    write(path, STATEMENT | {"actor": actor})
    row = read_whole(path)[0]
    assert (row["actor_id"], row["actor_home"]) == (named, None)


@pytest.mark.parametrize(
    "actor",
    [
        {"mbox": "mailto:a@example.org"},
        {"account": {"homePage": "https://other.example", "name": "e-4217"}},
    ],
)
def test_actors_of_two_systems_in_one_file_are_refused(path: Path, actor: dict[str, Any]) -> None:
    write(path, STATEMENT, STATEMENT | {"actor": actor})
    error = error_of(path)
    assert (error.code, error.values["number"]) == ("actors_of_two_systems", 2)


def test_a_person_who_is_the_object_is_not_named(path: Path) -> None:
    person = {"objectType": "Agent", "mbox": "mailto:b@example.org", "id": "b@example.org"}
    write(path, STATEMENT | {"object": person})
    row = read_whole(path)[0]
    assert (row["object_type"], row["object_id"]) == ("Agent", None)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda s: s["result"].update(duration="P1Y"), "duration_seconds"),
        (lambda s: s["result"].update(duration=12), "duration_seconds"),
        (lambda s: s["result"].update(success="yes"), "success"),
        (lambda s: s["result"]["score"].update(raw="10"), "score_raw"),
        (lambda s: s.update(timestamp="yesterday"), "timestamp"),
        (lambda s: s.update(timestamp="0001-01-01T00:00:00+14:00"), "timestamp"),
        (lambda s: s.update(stored=5), "stored"),
        (lambda s: s["verb"].update(id=5), "verb"),
        (lambda s: s["actor"].update(account={"name": ["x"]}), "actor_id"),
    ],
)
def test_a_part_that_is_not_as_the_standard_says_is_named(
    path: Path, change: Any, field: str
) -> None:
    write(path, STATEMENT, changed(change))
    error = error_of(path)
    assert (error.code, error.values["number"], error.values["field"]) == (
        "bad_statement",
        2,
        field,
    )


def test_what_is_not_a_statement_among_statements_is_refused(path: Path) -> None:
    write(path, STATEMENT, {"actor": {}, "verb": "x"})
    error = error_of(path)
    assert (error.code, error.values["number"]) == ("not_a_statement", 2)


def test_parts_that_are_absent_are_missing(path: Path) -> None:
    write(path, {name: STATEMENT[name] for name in ("actor", "verb", "object")})
    row = read_whole(path)[0]
    present = {name for name, value in row.items() if value is not None}
    assert present == {
        "actor_id", "actor_home", "verb", "object_id", "object_type", "activity_type",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [
        ("PT0S", "0"),
        ("PT5M", "300"),
        ("P1DT2H", "93600"),
        ("P2W", "1209600"),
        ("PT0.50S", "0.5"),
        ("PT", None),
        ("P", None),
        ("PT5", None),
        ("5M", None),
        ("P1M", None),
        ("PT-5S", None),
        ("PT" + "9" * 60 + "S", None),
    ],
)
def test_a_duration_is_a_number_of_seconds(duration: str, seconds: str | None) -> None:
    assert seconds_of(duration) == seconds


def test_the_actor_is_proposed_as_the_subject_and_the_numbers_of_traces_are_not(
    path: Path,
) -> None:
    accounts = [{"homePage": "https://ent.example", "name": f"e-{n}"} for n in range(60)]
    write(
        path,
        *(
            STATEMENT
            | {"id": f"6690e6c9-3ef0-4ed3-8b37-7f39647{n:05}", "actor": {"account": account}}
            for n, account in enumerate(accounts)
        ),
    )
    sample = looked_at(path)[1].sample
    proposed = {one.name: one for one in propose(profile_sample(sample), Unit.EVENT)}
    assert proposed["actor_id"].semantic_type is SemanticType.PUPIL_ID
    assert proposed["actor_id"].level is Level.IDENTIFIER
    for name in ("statement_id", "registration"):
        assert proposed[name].semantic_type is SemanticType.ROW_NUMBER
        assert proposed[name].level is Level.IDENTIFIER
    assert proposed["timestamp"].plain is PlainType.DATETIME
    assert proposed["score_raw"].semantic_type is SemanticType.MARK
    assert proposed["duration_seconds"].plain is PlainType.NUMBER
