"""A column that names or reaches persons is proposed level 5, whatever it is called."""

import random
from collections.abc import Callable

import pytest
from faker import Faker

from catalog.datasets.evidence import direct_identifier
from catalog.datasets.meanings import Confidence
from catalog.datasets.proposals import contradictions
from catalog.vocabularies.levels import Level, Unit
from catalog.vocabularies.semantic_types import SemanticType, SubjectAttribute
from tests.unit.catalog.datasets.columns import profiled, proposed

Faker.seed(2026)
FAKE = Faker("fr_FR")
DICE = random.Random(2026)


def digits(number: int) -> str:
    return "".join(DICE.choice("0123456789") for _ in range(number))


def letters(number: int) -> str:
    return "".join(DICE.choice("ABCDEFGHJK") for _ in range(number))


PERSONS: dict[str, tuple[Callable[[], str], set[SemanticType]]] = {
    "INE of the BEA": (lambda: digits(9) + letters(2), {SemanticType.INE}),
    "INE with one letter": (lambda: digits(10) + letters(1), {SemanticType.INE}),
    "INE of the national directory": (lambda: digits(4) + letters(6) + "7", {SemanticType.INE}),
    "INE of the SIFA": (lambda: f"{digits(4)}A{digits(5)}H", {SemanticType.INE}),
    "INE in small letters": (lambda: f"{digits(9)}{letters(2).lower()}", {SemanticType.INE}),
    "NUMEN": (lambda: f"{digits(2)}E{digits(7)}{letters(3)}", {SemanticType.NUMEN}),
    "NIR": (lambda: f"2{digits(2)}05{digits(8)}", {SemanticType.NIR}),
    "IBAN": (FAKE.iban, {SemanticType.IBAN}),
    "e-mail": (FAKE.email, {SemanticType.EMAIL}),
    "telephone": (FAKE.phone_number, {SemanticType.PHONE}),
    "telephone with points": (lambda: "06." + ".".join(digits(2) for _ in range(4)),
                              {SemanticType.PHONE}),
    "telephone of La Réunion": (lambda: "+262 6" + digits(8), {SemanticType.PHONE}),
    "IP address": (FAKE.ipv4, {SemanticType.IP_ADDRESS}),
    "first name": (FAKE.first_name, {SemanticType.FIRST_NAME}),
    "first name in capitals": (lambda: str(FAKE.first_name()).upper(), {SemanticType.FIRST_NAME}),
    "family name": (FAKE.last_name, {SemanticType.PERSON_NAME}),
    "family name in capitals": (lambda: str(FAKE.last_name()).upper(), {SemanticType.PERSON_NAME}),
    "first name and name": (lambda: f"{FAKE.first_name()} {FAKE.last_name()}",
                            {SemanticType.PERSON_NAME}),
    "NAME first name": (lambda: f"{FAKE.last_name().upper()} {FAKE.first_name()}",
                        {SemanticType.PERSON_NAME}),
    "name, first name": (lambda: f"{FAKE.last_name()}, {FAKE.first_name()}",
                         {SemanticType.PERSON_NAME}),
    "civility and name": (lambda: f"Mme {FAKE.first_name()} {FAKE.last_name()}",
                          {SemanticType.PERSON_NAME}),
    "login": (lambda: f"{FAKE.first_name().lower()}.{FAKE.last_name().lower()}{digits(2)}",
              {SemanticType.PERSON_NAME, SemanticType.FIRST_NAME}),
    "street": (lambda: f"{digits(2)} rue des Lilas", {SemanticType.POSTAL_ADDRESS}),
}  # fmt: skip


@pytest.mark.parametrize("name", ["c1", "x", "taux", "code_departement", "libelle", "niveau"])
@pytest.mark.parametrize("kind", PERSONS)
def test_values_of_persons_are_level_5_in_a_file_about_pupils(kind: str, name: str) -> None:
    made, meanings = PERSONS[kind]
    proposal = proposed(name, [made() for _ in range(300)])
    assert proposal.level is Level.IDENTIFIER
    assert proposal.semantic_type in meanings


@pytest.mark.parametrize("kind", sorted(set(PERSONS) - {"street"}))
def test_values_of_persons_are_level_5_in_a_file_about_schools(kind: str) -> None:
    values = [PERSONS[kind][0]() for _ in range(300)]
    assert proposed("c1", values, Unit.SCHOOL).level is Level.IDENTIFIER
    (refusal,) = contradictions({"c1": Level.OPEN}, [profiled("c1", values)])
    assert (refusal.code, refusal.about) == ("level_contradicted", "c1")
    assert not any(value in str(refusal) for value in values)
    assert contradictions({"c1": Level.IDENTIFIER}, [profiled("c1", values)]) == []
    assert contradictions({}, [profiled("c1", values)])


@pytest.mark.parametrize("kind", PERSONS)
def test_three_persons_are_enough(kind: str) -> None:
    if kind in {"family name", "family name in capitals"}:
        values = ["Durand", "Lefebvre", "Zzykowska"]
    else:
        values = [PERSONS[kind][0]() for _ in range(3)]
    assert proposed("c1", values).level is Level.IDENTIFIER


def test_a_teacher_repeated_on_every_row_is_still_a_person() -> None:
    values = ["Mme Sophie Lambert", "M. Karim Haddad"] * 5000
    assert proposed("c9", values).level is Level.IDENTIFIER
    assert proposed("c9", values, Unit.SCHOOL).level is Level.IDENTIFIER


def test_some_emails_among_other_values_are_enough() -> None:
    values = ["néant"] * 90 + [FAKE.email() for _ in range(10)]
    assert proposed("contact", values, Unit.SCHOOL).semantic_type is SemanticType.EMAIL


def test_an_email_hidden_in_a_comment_makes_the_comment_level_5() -> None:
    values = [f"Élève à recontacter avant le conseil, niveau {n} de la grille" for n in range(99)]
    values.append("écrire à emma.durand@example.org avant vendredi")
    proposal = proposed("commentaire", values, Unit.SCHOOL)
    assert proposal.level is Level.IDENTIFIER
    assert proposal.semantic_type is SemanticType.FREE_TEXT
    assert "example.org" not in str(proposal)
    assert contradictions({"commentaire": Level.SENSITIVE}, [profiled("commentaire", values)])


def test_eleven_digits_are_a_doubt_that_protects_but_does_not_refuse() -> None:
    values = [digits(11) for _ in range(200)]
    proposal = proposed("x", values)
    assert (proposal.semantic_type, proposal.level) == (SemanticType.INE, Level.IDENTIFIER)
    assert proposal.confidence is Confidence.LOW
    assert contradictions({"x": Level.OPEN}, [profiled("x", values)]) == []


def test_eleven_digits_called_mef_and_few_are_classes() -> None:
    values = [str(10010012110 + n % 40) for n in range(2000)]
    assert proposed("code_mef", values).semantic_type is SemanticType.CLASS_CODE


def test_mobile_numbers_that_lost_their_zero_are_telephones() -> None:
    values = ["6" + digits(8) for _ in range(100)]
    assert proposed("c", values).semantic_type is SemanticType.PHONE


def test_company_numbers_are_not_telephones() -> None:
    values = ["732829320", "552100554", "542065479", "775670417"] * 10
    proposal = proposed("siren", values, Unit.SCHOOL)
    assert (proposal.semantic_type, proposal.level) == (SemanticType.SIREN, Level.OPEN)


def test_many_rare_words_in_a_file_about_pupils_may_be_names() -> None:
    values = [f"{letters(1)}{letters(6).lower()}" for _ in range(200)]
    proposal = proposed("x", values)
    assert (proposal.semantic_type, proposal.confidence) == (
        SemanticType.PERSON_NAME,
        Confidence.LOW,
    )
    assert proposed("x", values, Unit.SCHOOL).level is Level.SENSITIVE


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("nom", SemanticType.PERSON_NAME),
        ("NomEleve", SemanticType.PERSON_NAME),
        ("nom_de_naissance", SemanticType.PERSON_NAME),
        ("Prénom usuel", SemanticType.FIRST_NAME),
        ("courriel_parent", SemanticType.EMAIL),
        ("tel_responsable_1", SemanticType.PHONE),
        ("adresse_1", SemanticType.POSTAL_ADDRESS),
        ("ine", SemanticType.INE),
        ("numen", SemanticType.NUMEN),
        ("nir", SemanticType.NIR),
        ("iban", SemanticType.IBAN),
        ("adresse_ip", SemanticType.IP_ADDRESS),
        ("id_eleve", SemanticType.PUPIL_ID),
        ("id", SemanticType.PUPIL_ID),
        ("numero_foyer", SemanticType.HOUSEHOLD_ID),
    ],
)
@pytest.mark.parametrize("values", [[], ["", None], ["xq7", "zz9"]])
def test_a_name_that_announces_a_person_is_believed_whatever_the_values(
    name: str, meaning: SemanticType, values: list[str | None]
) -> None:
    proposal = proposed(name, values)
    assert (proposal.semantic_type, proposal.level) == (meaning, Level.IDENTIFIER)
    assert proposal.confidence is (Confidence.HIGH if values[:1] == ["xq7"] else Confidence.LOW)


def test_identifiers_say_whose_they_are() -> None:
    assert proposed("ine", []).subject is SubjectAttribute.PUPIL
    assert proposed("id_foyer", []).subject is SubjectAttribute.HOUSEHOLD


@pytest.mark.parametrize("unit", [Unit.PUPIL, Unit.EVENT])
def test_values_of_their_own_on_each_row_may_identify(unit: Unit) -> None:
    values = [f"K{n:05}" for n in range(500)]
    assert proposed("ref", values, unit).level is Level.IDENTIFIER
    uuids = [str(FAKE.uuid4()) for _ in range(20)]
    assert proposed("ref", uuids, unit).semantic_type is SemanticType.PUPIL_ID
    assert proposed("num_ligne", [str(n) for n in range(500)], unit).level is Level.IDENTIFIER


THINGS = {
    "communes": "Laval Évron Mayenne Le Mans La Flèche Saint-Berthevin Ernée Craon Angers "
    "Château-Gontier Sablé-sur-Sarthe Segré Montreuil-sous-Bois Aix-en-Provence Le Havre",
    "schools": "Collège Jean Moulin · École Marie Curie · Lycée Victor Hugo · Saint Joseph",
    "subjects": "Mathématiques · Français · Histoire-géographie · Anglais · Espagnol",
    "days": "lundi · mardi · mercredi · jeudi · vendredi",
    "sizes": "Petit · Moyen · Grand",
    "menus": "Poisson pané · Gratin de courgettes · Steak haché · Omelette",
    "departements": "Mayenne · Sarthe · Vendée · Loire-Atlantique · Maine-et-Loire",
    "sectors": "public · privé sous contrat",
    "devices": "ordinateur portable · tablette · vidéoprojecteur · tableau interactif",
}


@pytest.mark.parametrize("kind", THINGS)
@pytest.mark.parametrize("unit", [Unit.SCHOOL, Unit.PUPIL])
def test_names_of_things_are_not_names_of_persons(kind: str, unit: Unit) -> None:
    values = [value.strip() for value in THINGS[kind].split("·")]
    if kind == "communes":
        values = THINGS[kind].split()
    assert proposed("c1", values, unit).level < Level.IDENTIFIER


def test_a_column_without_values_gives_no_evidence() -> None:
    assert direct_identifier(profiled("x", ["", "NA"])) is None
