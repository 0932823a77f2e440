"""Territories hold together."""

import pytest

from catalog.vocabularies import territories
from catalog.vocabularies.territories import (
    academie_of,
    departement_of,
    normal_departement,
    region_academique_of,
)


def test_there_are_all_the_territories_of_education() -> None:
    assert len(territories.DEPARTEMENTS) == 101
    assert len(territories.ACADEMIES) == 30
    assert len(territories.REGIONS_ACADEMIQUES) == 18
    assert len(territories.INSEE_REGIONS) == 18


def test_every_departement_is_in_one_academie_of_one_region() -> None:
    reached = {academie_of(code) for code in territories.DEPARTEMENTS}
    assert reached == set(territories.ACADEMIES)
    regions = {region_academique_of(code) for code in territories.ACADEMIES}
    assert regions == set(territories.REGIONS_ACADEMIQUES)
    assert set(territories.REGIONS_ACADEMIQUES) == set(territories.INSEE_REGIONS.values())


@pytest.mark.parametrize(
    ("written", "code"),
    [("54", "54"), ("054", "54"), ("1", "01"), ("001", "01"), ("2a", "2A"), ("02A", "2A"),
     ("974", "974"), (" 75 ", "75"), ("20", None), ("975", None), ("", None), ("abc", None)],
)  # fmt: skip
def test_a_departement_is_known_however_it_is_written(written: str, code: str | None) -> None:
    assert normal_departement(written) == code


@pytest.mark.parametrize(
    ("commune", "departement"),
    [("53130", "53"), ("2A004", "2A"), ("2b033", "2B"), ("97411", "974"), ("97801", None),
     ("5313", None), ("99100", None), ("A2004", None)],
)  # fmt: skip
def test_a_commune_tells_its_departement(commune: str, departement: str | None) -> None:
    assert departement_of(commune) == departement


def test_territories_lead_from_a_commune_to_its_region() -> None:
    departement = departement_of("53130")
    assert departement is not None
    academie = academie_of(departement)
    assert academie == "17"
    assert region_academique_of(academie) == "Pays de la Loire"
    assert region_academique_of("4") == "Nouvelle-Aquitaine"
    assert academie_of("00") is None
    assert region_academique_of("99") is None
