"""Registering the real open files proposes the right meaning for every column."""

from pathlib import Path

import pytest

from catalog.connectors.csv_file.reader import CsvFile
from catalog.connectors.typing import TypedColumn, typed
from catalog.datasets.profiles import profile_batches
from catalog.datasets.proposals import contradictions, propose
from catalog.datasets.rules import lowest_tier
from catalog.vocabularies.levels import Level, Tier, Unit
from catalog.vocabularies.plain_types import PlainType

DATA = Path(__file__).parents[4] / "hub" / "demo" / "data"

DNB = """
session school_year · numero_d_etablissement uai · type_d_etablissement category
patronyme school_name · secteur_d_enseignement category · commune commune_cog
libelle_commune commune_name · code_departement departement · libelle_departement departement
code_academie academie · libelle_academie academie · code_region region_academique
libelle_region region_academique · inscrits head_count · presents head_count · admis head_count
admis_sans_mention head_count · nombre_d_admis_mention_ab head_count
admis_mention_bien head_count · admis_mention_tres_bien head_count · taux_de_reussite rate
"""
ECOLES = """
rentree_scolaire school_year · code_region_aca region_academique · code_region_insee insee_region
region_academique region_academique · code_academie academie · academie academie
code_departement departement · departement departement · code_postal postcode
commune commune_name · numero_ecole uai · denomination_principale school_name
patronyme school_name · secteur category · rep category · rep_plus category
nombre_total_classes head_count · nombre_total_eleves head_count
nombre_eleves_preelementaire_hors_ulis head_count
nombre_eleves_elementaire_hors_ulis head_count · nombre_eleves_ulis head_count
nombre_eleves_ueea head_count · nombre_eleves_cp_hors_ulis head_count
nombre_eleves_ce1_hors_ulis head_count · nombre_eleves_ce2_hors_ulis head_count
nombre_eleves_cm1_hors_ulis head_count · nombre_eleves_cm2_hors_ulis head_count
num_ligne row_number
"""
IPS = """
num_ligne row_number · rentree_scolaire school_year · code_region region_academique
region_academique region_academique · code_academie academie · academie academie
code_du_departement departement · departement departement · code_insee_de_la_commune commune_cog
nom_de_la_commune commune_name · uai uai · nom_de_l_etablissement school_name · secteur category
ips indicator · ecart_type_de_l_ips indicator · ips_national_prive indicator
ips_national_public indicator · ips_national indicator · ips_academique_prive indicator
ips_academique_public indicator · ips_academique indicator · ips_departemental_prive indicator
ips_departemental_public indicator · ips_departemental indicator
"""
FILES = {
    "fr-en-dnb-par-etablissement.csv": (DNB, 1426, Level.AGGREGATED),
    "fr-en-ecoles-effectifs-nb_classes.csv": (ECOLES, 2064, Level.AGGREGATED),
    "fr-en-ips-colleges-ap2023.csv": (IPS, 1017, Level.OPEN),
}
NUMERIC = {
    "head_count": PlainType.INTEGER,
    "row_number": PlainType.INTEGER,
    "rate": PlainType.NUMBER,
    "indicator": PlainType.NUMBER,
}


def expected(listed: str) -> list[tuple[str, str]]:
    words = listed.replace("·", " ").split()
    return list(zip(words[::2], words[1::2], strict=True))


@pytest.mark.parametrize("file", FILES)
def test_every_column_of_an_open_file_is_proposed_right(file: str) -> None:
    listed, rows, highest = FILES[file]
    with CsvFile(DATA / file) as source:
        inspection = source.inspect()
        names = [column.name for column in inspection.columns]
        profiles = profile_batches(source.batches(names, 500))
    proposals = propose(profiles, Unit.SCHOOL)
    assert [(one.name, one.semantic_type.value) for one in proposals] == expected(listed)
    assert [one.plain for one in proposals] == [
        NUMERIC.get(meaning, PlainType.TEXT) for _, meaning in expected(listed)
    ]
    assert inspection.row_count == rows == profiles[0].rows
    assert max(one.level for one in proposals) == highest
    assert lowest_tier([one.level for one in proposals], Unit.SCHOOL) is Tier.OPEN
    assert contradictions({one.name: one.level for one in proposals}, profiles) == []


@pytest.mark.parametrize("file", FILES)
def test_the_proposed_types_read_the_whole_open_file(file: str) -> None:
    with CsvFile(DATA / file) as source:
        names = [column.name for column in source.inspect().columns]
        proposals = propose(profile_batches(source.batches(names, 500)), Unit.SCHOOL)
        columns = [TypedColumn(one.name, one.plain, one.missing_values) for one in proposals]
        for batch in source.batches(names, 500):
            assert typed(batch, columns).num_rows == batch.num_rows


def test_the_rate_and_the_codes_of_the_brevet_are_read_as_they_are() -> None:
    with CsvFile(DATA / "fr-en-dnb-par-etablissement.csv") as source:
        sample = source.inspect().sample.to_batches()[0]
    columns = [
        TypedColumn("code_departement", PlainType.TEXT),
        TypedColumn("taux_de_reussite", PlainType.NUMBER),
    ]
    assert typed(sample, columns).slice(0, 1).to_pylist() == [
        {"code_departement": "053", "taux_de_reussite": 81.7}
    ]


@pytest.mark.parametrize("file", FILES)
def test_in_a_file_about_pupils_the_same_places_identify_by_crossing(file: str) -> None:
    with CsvFile(DATA / file) as source:
        inspection = source.inspect()
        proposals = propose(profile_batches(inspection.sample.to_batches()), Unit.PUPIL)
    by_type = {one.semantic_type.value: one for one in proposals}
    assert by_type["uai"].level is Level.QUASI_IDENTIFIER
    assert by_type["uai"].quasi_identifier
    assert by_type["departement"].level is Level.QUASI_IDENTIFIER
