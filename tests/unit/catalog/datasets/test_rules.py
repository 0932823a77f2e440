"""A release is published when nothing is missing, and never wider than its fields allow."""

from dataclasses import replace
from itertools import product

import pytest

from catalog.datasets.rules import (
    FieldDraft,
    PublicationDraft,
    lowest_tier,
    refusals_to_publish,
    tighter,
)
from catalog.vocabularies.legal_bases import LegalBasis
from catalog.vocabularies.levels import Level, Tier, Unit
from catalog.vocabularies.licences import Licence
from tests.unit.catalog.datasets.columns import profiled

OPEN = PublicationDraft(
    title="Diplôme national du brevet",
    summary="Résultats par établissement",
    description="Une ligne par collège et par session.",
    contact="donnees@example.org",
    unit=Unit.SCHOOL,
    licence=Licence.LICENCE_OUVERTE_2,
    fields=(
        FieldDraft("uai", "Établissement", "Code UAI", Level.OPEN, confirmed=True),
        FieldDraft("admis", "Admis", "Nombre d'admis", Level.AGGREGATED, confirmed=True),
    ),
    source_ingested=True,
)
PUPILS = replace(
    OPEN,
    unit=Unit.PUPIL,
    licence=None,
    legal_basis=LegalBasis.PUBLIC_TASK,
    retention_months=36,
    fields=(FieldDraft("ine", "INE", "Identifiant", Level.IDENTIFIER, confirmed=True),),
)


def codes(draft: PublicationDraft) -> list[tuple[str, str]]:
    return [(refusal.code, refusal.about) for refusal in refusals_to_publish(draft)]


@pytest.mark.parametrize("draft", [OPEN, PUPILS])
def test_a_finished_draft_is_published(draft: PublicationDraft) -> None:
    assert refusals_to_publish(draft) == []


def test_an_empty_draft_is_told_everything_at_once() -> None:
    assert [code for code, _ in codes(PublicationDraft())] == [
        "missing_title",
        "missing_summary",
        "missing_description",
        "missing_contact",
        "missing_unit",
        "missing_legal_basis",
        "missing_retention",
        "missing_fields",
        "source_not_ingested",
    ]


@pytest.mark.parametrize("name", ["title", "summary", "description", "contact"])
def test_a_blank_text_is_a_missing_text(name: str) -> None:
    assert codes(replace(OPEN, **{name: "  "})) == [(f"missing_{name}", name)]  # type: ignore[arg-type]


@pytest.mark.parametrize("licence", [None, Licence.PARTICULAR])
def test_an_open_dataset_needs_an_open_licence(licence: Licence | None) -> None:
    assert codes(replace(OPEN, licence=licence)) == [("missing_licence", "licence")]


def test_a_tightened_dataset_needs_a_basis_and_a_retention_instead_of_a_licence() -> None:
    draft = replace(OPEN, licence=None, tier=Tier.EXTRACT)
    assert codes(draft) == [
        ("missing_legal_basis", "legal_basis"),
        ("missing_retention", "retention_months"),
    ]


@pytest.mark.parametrize("months", [None, 0, -1])
def test_data_about_persons_are_kept_for_a_while_only(months: int | None) -> None:
    assert codes(replace(PUPILS, retention_months=months)) == [
        ("missing_retention", "retention_months")
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"label": ""}, "missing_field_label"),
        ({"definition": " "}, "missing_field_definition"),
        ({"confirmed": False}, "unconfirmed_level"),
    ],
)
def test_every_field_is_finished_by_somebody(change: dict[str, object], code: str) -> None:
    unfinished = replace(OPEN.fields[1], **change)  # type: ignore[arg-type]
    (refusal,) = refusals_to_publish(replace(OPEN, fields=(OPEN.fields[0], unfinished)))
    assert (refusal.code, refusal.about) == (code, "admis")
    assert refusal.values == {"field": "admis"}


def test_a_field_that_nobody_classified_closes_the_dataset() -> None:
    draft = replace(PUPILS, fields=(replace(PUPILS.fields[0], level=None),))
    assert codes(draft) == [("unconfirmed_level", "ine")]
    assert lowest_tier([Level.OPEN, None], Unit.SCHOOL) is Tier.EXTRACT


def test_a_source_must_be_taken_in_first() -> None:
    assert codes(replace(OPEN, source_ingested=False)) == [("source_not_ingested", "source")]


def test_a_tier_is_never_looser_than_computed() -> None:
    assert codes(replace(PUPILS, tier=Tier.ACCOUNT)) == [("tier_too_loose", "tier")]
    assert codes(replace(PUPILS, tier=Tier.RESULTS)) == []


def test_values_that_contradict_a_declared_level_refuse_the_publication() -> None:
    profiles = [profiled("admis", ["emma@example.org", "lea@example.org"]), profiled("uai", ["1"])]
    assert codes(replace(OPEN, profiles=profiles)) == [("level_contradicted", "admis")]
    unclassified = (OPEN.fields[0], replace(OPEN.fields[1], level=None))
    assert ("level_contradicted", "admis") in codes(
        replace(OPEN, profiles=profiles, fields=unclassified)
    )


@pytest.mark.parametrize(("level", "unit"), list(product([None, *Level], [None, *Unit])))
def test_only_levels_0_and_1_about_no_person_are_open(
    level: Level | None, unit: Unit | None
) -> None:
    is_open = level in {Level.OPEN, Level.AGGREGATED} and unit in {
        Unit.SCHOOL,
        Unit.CLASS,
        Unit.TERRITORY,
    }
    assert lowest_tier([level], unit) is (Tier.OPEN if is_open else Tier.EXTRACT)


def test_a_release_without_fields_is_not_open() -> None:
    assert lowest_tier([], Unit.SCHOOL) is Tier.EXTRACT


@pytest.mark.parametrize(("declared", "computed"), list(product(Tier, Tier)))
def test_the_tighter_of_two_tiers_wins(declared: Tier, computed: Tier) -> None:
    answer = tighter(declared, computed)
    assert answer in {declared, computed}
    assert answer.rank == max(declared.rank, computed.rank)


def test_without_a_declared_tier_the_computed_one_holds() -> None:
    assert tighter(None, Tier.EXTRACT) is Tier.EXTRACT


def test_rows_that_stay_at_a_node_are_never_open_and_may_be_an_extract() -> None:
    assert codes(replace(OPEN, at_node=True)) == [("open_at_a_node", "tier")]
    assert codes(replace(PUPILS, at_node=True)) == []
