"""The plan: every field has one treatment with its reason, and the same grant the same digest."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, strategies as st

from access.plans.plan import Plan, compile_plan
from access.plans.telling import explain, warn
from access.plans.terms import (
    BasisRule,
    Disclosure,
    FieldGrant,
    FieldSpec,
    GrantTerms,
    Operator,
    RowFilter,
    SourceSpec,
)
from access.plans.treatments import REASONS, Action
from access.pseudonymisation.hierarchies import LadderSpec
from catalog.vocabularies.levels import Level, Tier, Unit
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType
from hub.kernel.refusals import Refused
from tests.unit.access.extracts import worlds

FREE = FieldSpec("avis", PlainType.TEXT, SemanticType.FREE_TEXT, Level.SENSITIVE)
HOUSE = FieldSpec("foyer", PlainType.TEXT, SemanticType.HOUSEHOLD_ID, Level.IDENTIFIER)
LOCAL = FieldSpec("numero", PlainType.TEXT, SemanticType.PUPIL_ID, Level.IDENTIFIER)
EVERYTHING = (*worlds.FIELDS, FREE, HOUSE, LOCAL)


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {each.code for each in refused.value.refusals}


def compiled(fields: tuple[FieldSpec, ...] = worlds.FIELDS, **changed: Any) -> Plan:
    inputs: dict[str, Any] = {
        "terms": GrantTerms("g", worlds.wishes(fields), end=worlds.END),
        "source": SourceSpec("d", "r", Unit.PUPIL, tuple(each.name for each in fields)),
        "fields": fields,
        "basis": BasisRule.OPT_OUT,
        "disclosure": Disclosure(5, 0.1),
    }
    return compile_plan(**{**inputs, **changed})


def test_every_field_has_exactly_one_treatment() -> None:
    found = compiled(EVERYTHING)
    assert sorted(each.field for each in found.treatments) == sorted(f.name for f in EVERYTHING)
    assert {each.action for each in found.treatments} == {
        Action.PSEUDONYM,
        Action.DROP,
        Action.GENERALISE,
        Action.KEEP,
        Action.ROUND,
        Action.WITHHOLD,
    }


def test_no_plan_of_rows_is_made_of_which_only_results_leave() -> None:
    with pytest.raises(Refused) as refused:
        compiled(tier=Tier.RESULTS)
    assert codes(refused) == {"rows_never_leave"}


def test_the_person_of_a_row_is_the_ine_before_any_other_identifier() -> None:
    assert compiled((HOUSE, LOCAL, worlds.INE)).subject == "ine"
    assert compiled((HOUSE, LOCAL)).subject == "numero"
    assert compiled((HOUSE,)).subject == "foyer"
    assert compiled((HOUSE,)).attribute == "household"
    source = SourceSpec("d", "r", Unit.HOUSEHOLD, ("ine", "foyer"))
    assert compiled((worlds.INE, HOUSE), source=source).subject == "foyer"
    told = replace(source, unit=Unit.PUPIL, subject="foyer")
    assert compiled((worlds.INE, HOUSE), source=told).subject == "foyer"


def test_pseudonyms_have_names_that_no_field_has() -> None:
    taken = FieldSpec("pid", PlainType.TEXT, SemanticType.SCHOOL_YEAR, Level.OPEN)
    other = replace(LOCAL, name="autre")
    found = {
        each.field: each.output for each in compiled((worlds.INE, LOCAL, other, HOUSE)).treatments
    }
    assert found == {
        "ine": "pid",
        "numero": "pid_pupil",
        "autre": "pid_autre",
        "foyer": "pid_household",
    }
    outputs = [each.output for each in compiled((taken, worlds.INE, LOCAL)).treatments]
    assert sorted(outputs) == ["pid", "pid_ine", "pid_pupil"]
    crowd = tuple(replace(taken, name=name) for name in ("pid", "pid_ine", "pid__ine"))
    assert "ine" in {each.output for each in compiled((*crowd, worlds.INE)).treatments}


def test_key_domains_hold_the_dataset_unless_crossing_is_granted() -> None:
    terms = GrantTerms("g", worlds.wishes(EVERYTHING), end=worlds.END)
    alone = compiled(EVERYTHING, terms=terms)
    crossed = compiled(EVERYTHING, terms=replace(terms, crossing=True))
    assert [each.attribute for each in alone.domains] == ["household", "pupil"]
    assert alone.domains[1].labels == ("grant", "g", "dataset", "d", "pupil")
    assert crossed.domains[1].labels == ("grant", "g", "crossing", "pupil")
    assert crossed.crossing


def test_a_plan_reads_back_as_it_was_written() -> None:
    rows = (("a", "x", "z"), ("b", "y", "z"))
    table = LadderSpec("custom", table=rows, names=("bassin", ""))
    own = FieldSpec(
        "mef", PlainType.TEXT, SemanticType.CLASS_CODE, Level.QUASI_IDENTIFIER, hierarchy=table
    )
    fields = (*EVERYTHING, own)
    chosen = (RowFilter("date_naissance", Operator.FROM, ("2010-01-01",)),)
    asked = worlds.wishes(fields, date_naissance="age_by_5", note="exact", mef="level_2")
    terms = GrantTerms("g", asked, chosen, worlds.END, as_of=date(2026, 9, 1))
    found = compiled(fields, terms=terms)
    read = Plan.from_json(found.to_json())
    assert read == found
    assert read.digest == found.digest
    assert json.loads(found.to_json())["version"] == 1
    assert found.to_json() == json.dumps(
        json.loads(found.to_json()), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )


def test_a_plan_of_before_levels_had_names_keeps_its_digest() -> None:
    text = compiled().to_json()
    assert '"ladder":{"as_of":null,"name":"date","table":[],"widths":[]}' in text


@pytest.mark.parametrize("text", ["{}", "[]", "null", '{"version": 2}', '{"version": 1}', "not"])
def test_what_is_not_a_plan_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"plan|Expecting"):
        Plan.from_json(text)


@given(st.permutations(worlds.FIELDS), st.integers(2, 20))
def test_the_digest_changes_with_what_is_done_and_with_nothing_else(
    fields: list[FieldSpec], k: int
) -> None:
    source = SourceSpec("d", "r", Unit.PUPIL, tuple(each.name for each in fields))
    same = compiled(source=source)
    assert same.digest == compiled().digest
    assert (compiled(disclosure=Disclosure(k, 0.1)).digest == same.digest) == (k == 5)


def test_unclassified_and_undeclared_columns_are_refused_by_name() -> None:
    unknown = replace(worlds.SEX, level=None)
    fields = (worlds.INE, unknown, worlds.MARK)
    source = SourceSpec("d", "r", Unit.PUPIL, ("ine", "sexe", "note", "zodiaque"))
    with pytest.raises(Refused) as caught:
        compiled(fields, source=source)
    assert codes(caught) == {"column_undeclared", "field_unclassified"}
    assert "zodiaque" in str(caught.value)
    assert "sexe" in str(caught.value)


def test_a_grant_that_does_not_fit_the_release_is_refused_with_every_reason() -> None:
    source = SourceSpec("d", "r", Unit.PUPIL, ("ine", "nom"))
    wishes = (*worlds.wishes(worlds.FIELDS, sexe="year"), FieldGrant("inconnu", "year"))
    terms = GrantTerms("g", wishes, formats=())
    with pytest.raises(Refused) as caught:
        compiled(source=source, terms=terms, disclosure=Disclosure(0, 2))
    assert codes(caught) == {
        "column_missing",
        "field_unknown",
        "fineness_unknown",
        "no_end",
        "no_format",
        "disclosure_settings",
    }


def test_a_field_that_is_not_delivered_may_be_missing_from_the_vault() -> None:
    source = SourceSpec(
        "d", "r", Unit.PUPIL, tuple(each.name for each in worlds.FIELDS if each.name != "nom")
    )
    assert "nom" not in dict(compiled(source=source).types)


def test_a_name_that_a_spreadsheet_would_run_is_refused() -> None:
    for name in ("=cmd", "@x", "a\nb"):
        bad = replace(worlds.SESSION, name=name)
        with pytest.raises(Refused) as caught:
            compiled((worlds.INE, bad))
        assert codes(caught) == {"field_unsafe_name"}


def test_nothing_to_deliver_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        compiled((worlds.NAME,), basis=BasisRule.NONE)
    assert codes(caught) == {"nothing_delivered"}


def test_persons_that_cannot_be_told_apart_are_refused_where_it_matters() -> None:
    for fields, basis in (
        ((worlds.SEX,), BasisRule.NONE),
        ((worlds.SESSION,), BasisRule.OPT_OUT),
        ((worlds.SESSION,), BasisRule.OPT_IN),
    ):
        with pytest.raises(Refused) as caught:
            compiled(fields, basis=basis)
        assert codes(caught) == {"no_subject"}
    assert compiled((worlds.SESSION,), basis=BasisRule.NONE).subject == ""
    schools = SourceSpec("d", "r", Unit.SCHOOL, ("sexe",))
    assert compiled((worlds.SEX,), basis=BasisRule.NONE, source=schools).subject == ""


@pytest.mark.parametrize("name", ["nobody", "session"])
def test_a_subject_that_names_nobody_is_refused(name: str) -> None:
    source = SourceSpec("d", "r", Unit.PUPIL, ("session",), subject=name)
    with pytest.raises(Refused) as caught:
        compiled((worlds.SESSION,), source=source)
    assert "subject_unknown" in codes(caught)


def test_every_field_is_explained_in_a_sentence() -> None:
    found = compiled(EVERYTHING)
    sentences = {each.field: each.say(str) for each in explain(found)}
    assert sentences["date_naissance"] == (
        "For date_naissance you will receive the year:"
        " with other fields it could tell who a person is."
    )
    assert sentences["note"].startswith(
        "For note you will receive the value rounded to the half point"
    )
    assert sentences["nom"].startswith("You will receive nothing of nom")
    assert len(sentences) == len(EVERYTHING)


def test_an_explanation_is_translated_with_the_words_inside_it() -> None:
    french = {
        "For %(field)s you will receive %(level)s: %(reason)s.": "%(field)s : %(level)s, car %(reason)s.",
        "the year": "l’année",
        REASONS["crossing_risk"]: "recoupement",
    }
    said = explain(compiled((worlds.INE, worlds.BIRTH)))[1].say(
        lambda text: french.get(text, text)
    )
    assert said == "date_naissance : l’année, car recoupement."


def test_reviewers_are_warned_of_exact_values_and_of_fine_filters() -> None:
    chosen = (
        RowFilter("date_naissance", Operator.FROM, ("2010-03-02",)),
        RowFilter("sexe", Operator.IN, ("F",)),
        RowFilter("uai", Operator.FILLED),
    )
    terms = GrantTerms("g", worlds.wishes(worlds.FIELDS, note="exact"), chosen, worlds.END)
    said = [each.say(str) for each in warn(compiled(terms=terms))]
    assert said == [
        "note is delivered with exact values, which can link two extracts.",
        "The filter on date_naissance is finer than what is delivered of it.",
    ]


def test_a_page_can_ask_for_every_field_without_a_reason() -> None:
    wishes = tuple(FieldGrant(field.name) for field in worlds.FIELDS)
    terms = GrantTerms("", wishes, end=worlds.END)
    actions = {each.field: each.action for each in compiled(terms=terms).treatments}
    assert actions["note"] is Action.WITHHOLD
    assert actions["date_naissance"] is Action.GENERALISE
