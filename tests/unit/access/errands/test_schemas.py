"""Every message that is really sent is of its schema, and what is not is refused without its value."""

import json
from dataclasses import asdict, replace

import pytest
from jsonschema import Draft202012Validator

from access.errands import declared
from access.errands.orders import ExtractLetter, IntakeLetter
from access.errands.schemas import SCHEMAS, document
from access.extracts.outcomes import Outcome, TableOutcome, outcome_told
from access.extracts.ports import ExtractKeys
from access.pseudonymisation.disclosure import Verdict
from catalog.datasets.snapshots import FieldSnapshot, Intake
from catalog.datasets.states import ReleaseState
from catalog.vocabularies.levels import Level, Tier, Unit
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType
from hub.crypto.keys import new_secret
from hub.kernel.identifiers import new_id
from hub.kernel.refusals import Invalid
from hub.web.schemas import checked
from tests.unit.access.errands.test_orders import ORDER, sealed

OUTCOME = Outcome(
    rows_read=10,
    rows_filtered=0,
    rows_opposed=1,
    rows_unidentified=0,
    rows_suppressed=2,
    rows_delivered=7,
    persons=7,
    verdict=Verdict(5, 9, 3, 1, 2),
    suppressed_cells=(),
    consent_digest="",
    columns=(("pid", "fixed_size_binary[16]"),),
    files=("data.csv",),
)
INTAKE = Intake(
    dataset_id=new_id(),
    dataset_slug="marks",
    release_id=new_id(),
    state=ReleaseState.INGESTING,
    unit=Unit.PUPIL,
    tier=Tier.EXTRACT,
    row_count=None,
    fields=(
        FieldSnapshot(
            1,
            "ine",
            PlainType.TEXT,
            SemanticType.INE,
            Level.IDENTIFIER,
            attribute="pupil",
            is_subject=True,
            missing_values=("NC",),
        ),
        FieldSnapshot(2, "note", PlainType.NUMBER, SemanticType.MARK, None),
    ),
    readings={"note": {"date_format": "iso"}},
)
TABLED = replace(
    OUTCOME,
    persons=None,
    verdict=None,
    tables=(TableOutcome("table_1", (("sexe", "string"), ("value", "int64")), 3, 0),),
)
KEYS = ExtractKeys({"pupil": new_secret()}, new_secret(), new_secret())


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_schema_is_one_and_says_what_it_is_of(name: str) -> None:
    Draft202012Validator.check_schema(document(name))
    assert document(name)["title"] == name
    assert document(name)["description"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("order", json.loads(ORDER.to_json())),
        ("envelope", sealed().told()),
        ("extract-letter", json.loads(ExtractLetter(KEYS, new_secret(), None).to_json())),
        ("intake-letter", json.loads(IntakeLetter({"pupil": new_secret()}).to_json())),
        ("intake-body", json.loads(declared.written(INTAKE))),
        (
            "extract-end",
            json.loads(json.dumps({"attempt": 1, "outcome": outcome_told(OUTCOME), "files": []})),
        ),
        (
            "extract-end",
            json.loads(json.dumps({"attempt": 1, "outcome": outcome_told(TABLED), "files": []})),
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_is_written_is_of_its_schema(name: str, message: object) -> None:
    assert checked(message, SCHEMAS[name]) == message


def test_what_was_declared_of_a_source_is_read_as_it_was_written() -> None:
    read = declared.read(declared.written(INTAKE))
    assert asdict(read) == asdict(INTAKE)
    without = declared.read(declared.written(INTAKE).replace('"unit":"pupil"', '"unit":null'))
    assert without.unit is None
    for text in ("{}", "[]", "x"):
        with pytest.raises(ValueError):  # noqa: PT011 - JSON's own error is one too
            declared.read(text)


def test_a_message_that_is_not_of_its_schema_is_refused_without_what_it_holds() -> None:
    secret = "0123456789A"
    message = {"attempt": 1, "stage": secret, "done": -1, "total": 1, "more": secret}
    with pytest.raises(Invalid) as caught:
        checked(message, SCHEMAS["extract-progress"])
    assert {one.about for one in caught.value.refusals} == {"$", "$.stage", "$.done"}
    assert secret not in str(caught.value.refusals)
