"""
About 60 000 pupils who do not exist, in schools that do.

The schools, their communes and their sizes are those of the open brevet file. Everything about a
pupil is drawn from one seed: the same world comes out each time. Pure: numpy, pyarrow, no Django.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from catalog.vocabularies.person_names import FAMILY_NAMES, FIRST_NAMES

SEED = 20_260_901
PUPILS = 60_000
INE_LETTERS = np.array(list("ABCDEFGHJK"))
GRADES = np.array(["6EME", "5EME", "4EME", "3EME"])
YEARS_OF_BIRTH = np.array([2014, 2013, 2012, 2011])
REGION = "PAYS DE LA LOIRE"


@dataclass(frozen=True, slots=True)
class School:
    """A real collège: its UAI, the commune and département where it stands, its size."""

    uai: str
    commune: str
    departement: str
    pupils: int


@dataclass(frozen=True, slots=True)
class Population:
    """The pupils, column by column; every array has the same length."""

    ine: np.ndarray
    family_name: np.ndarray
    first_name: np.ndarray
    born: np.ndarray
    sex: np.ndarray
    grade: np.ndarray
    uai: np.ndarray
    commune: np.ndarray
    departement: np.ndarray
    talent: np.ndarray

    def __len__(self) -> int:
        return len(self.ine)


def schools(file: Path) -> list[School]:
    """Read the collèges of the region from the open brevet file, each at its largest session."""
    found: dict[str, School] = {}
    with file.open(encoding="utf-8-sig", newline="") as rows:
        for row in csv.DictReader(rows, delimiter=";"):
            if row["libelle_region"] != REGION or row["type_d_etablissement"] != "COLLEGE":
                continue
            school = School(
                uai=row["numero_d_etablissement"],
                commune=row["commune"],
                departement=row["code_departement"],
                pupils=int(row["inscrits"] or 0),
            )
            known = found.get(school.uai)
            if known is None or known.pupils < school.pupils:
                found[school.uai] = school
    return sorted(found.values(), key=lambda school: school.uai)


def draw(places: Sequence[School], *, size: int = PUPILS) -> Population:
    """Draw pupils: as many in a school as its size says, marks that depend on a hidden talent."""
    dice = np.random.default_rng(SEED)
    weights = np.array([school.pupils for school in places], dtype=float)
    where = dice.choice(len(places), size=size, p=weights / weights.sum())
    grade = dice.integers(0, 4, size)
    # One pupil in twelve is a year older than their grade, one in sixty a year younger.
    late = dice.choice([-1, 0, 1], size=size, p=[1 / 12, 1 - 1 / 12 - 1 / 60, 1 / 60])
    born = (YEARS_OF_BIRTH[grade] + late - 1970).astype("datetime64[Y]").astype(
        "datetime64[D]"
    ) + dice.integers(0, 365, size)
    # Most live where their school is; the others in the commune of another school nearby.
    neighbour = np.clip(where + dice.integers(-3, 4, size), 0, len(places) - 1)
    home = np.where(dice.random(size) < 0.7, where, neighbour)
    communes = np.array([school.commune for school in places])
    return Population(
        ine=_identifiers(dice, size),
        family_name=dice.choice(np.array(sorted(FAMILY_NAMES)), size),
        first_name=dice.choice(np.array(sorted(FIRST_NAMES)), size),
        born=born,
        sex=np.where(dice.random(size) < 0.51, "M", "F"),
        grade=GRADES[grade],
        uai=np.array([school.uai for school in places])[where],
        commune=communes[home],
        departement=np.array([school.departement for school in places])[where],
        talent=dice.normal(0, 1, size),
    )


def _identifiers(dice: np.random.Generator, size: int) -> np.ndarray:
    """Draw distinct INE: nine digits and two letters."""
    digits = dice.choice(10**9, size=size, replace=False)
    letters = INE_LETTERS[dice.integers(0, len(INE_LETTERS), (size, 2))]
    return np.array([f"{d:09d}{a}{b}" for d, (a, b) in zip(digits, letters, strict=True)])


def results(people: Population) -> pa.Table:
    """Return the State's base: one row a pupil, with names, birth dates, school and marks."""
    dice = np.random.default_rng(SEED + 1)
    size = len(people)

    def mark(mean: float) -> np.ndarray:
        return np.clip(
            np.round((mean + 3 * people.talent + dice.normal(0, 2, size)) * 2) / 2, 0, 20
        )

    return pa.table(
        {
            "ine": people.ine,
            "nom": people.family_name,
            "prenom": people.first_name,
            "date_naissance": people.born,
            "sexe": people.sex,
            "commune_residence": people.commune,
            "uai": people.uai,
            "niveau": people.grade,
            "note_francais": mark(11.5),
            "note_mathematiques": mark(11.0),
            "boursier": np.where(dice.random(size) < 0.25 - 0.05 * people.talent, "OUI", "NON"),
        }
    )


def canteen(people: Population, *, departement: str = "044") -> pa.Table:
    """Return a département's base of its collèges: meals, equipment lent, quotient, diet."""
    dice = np.random.default_rng(SEED + 2)
    mine = np.flatnonzero(people.departement == departement)
    size = len(mine)
    diets = ["STANDARD", "SANS PORC", "VEGETARIEN", "ALLERGIE"]
    first, family = people.first_name[mine], people.family_name[mine]
    numbers = dice.integers(10_000_000, 99_999_999, size)
    return pa.table(
        {
            "identifiant_national": people.ine[mine],
            "nom_eleve": [f"{b} {a.title()}" for a, b in zip(first, family, strict=True)],
            "courriel_responsable": [
                f"{a}.{b}@famille.example".lower() for a, b in zip(first, family, strict=True)
            ],
            "telephone_responsable": [f"06{n}" for n in numbers],
            "date_de_naissance": people.born[mine],
            "code_uai": people.uai[mine],
            "repas_par_semaine": dice.choice([0, 2, 3, 4, 5], size, p=[0.2, 0.1, 0.1, 0.5, 0.1]),
            "tranche_quotient": dice.choice(["1", "2", "3", "4", "5"], size),
            "equipement_prete": dice.choice(["AUCUN", "TABLETTE", "ORDINATEUR"], size),
            "regime_alimentaire": dice.choice(diets, size, p=[0.8, 0.1, 0.06, 0.04]),
        }
    )


def traces(people: Population, *, share: float = 0.35) -> pa.Table:
    """Return a publisher's base of learning traces: one row an exercise session."""
    dice = np.random.default_rng(SEED + 3)
    users = np.flatnonzero(dice.random(len(people)) < share)
    who = np.repeat(users, dice.integers(1, 8, len(users)))
    size = len(who)
    score = np.clip(0.6 + 0.12 * people.talent[who] + dice.normal(0, 0.12, size), 0, 1)
    started = np.datetime64("2026-01-05T08:00:00") + dice.integers(0, 150 * 86_400, size).astype(
        "timedelta64[s]"
    )
    return pa.table(
        {
            "ine": people.ine[who],
            "courriel": [
                f"{a}.{b}@eleve.example".lower()
                for a, b in zip(people.first_name[who], people.family_name[who], strict=True)
            ],
            "uai": people.uai[who],
            "niveau": people.grade[who],
            "debut_session": started,
            "activite": dice.choice(["LECTURE", "CALCUL", "GEOMETRIE", "ORTHOGRAPHE"], size),
            "duree_secondes": dice.integers(60, 2400, size),
            "taux_reussite": np.round(score, 2),
        }
    )


def objections(people: Population, *, share: float = 0.02) -> np.ndarray:
    """Return the INE of those who object to the reuse of their results."""
    dice = np.random.default_rng(SEED + 4)
    return people.ine[dice.random(len(people)) < share]


def consents(people: Population, *, share: float = 0.7) -> tuple[np.ndarray, np.ndarray]:
    """Return the INE of those who consent to the use of their traces, and of those who withdrew."""
    dice = np.random.default_rng(SEED + 5)
    given = people.ine[dice.random(len(people)) < share]
    withdrawn = given[dice.random(len(given)) < 0.05]
    return given, withdrawn
