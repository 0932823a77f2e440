"""Columns that name nobody: places, dates, counts, marks, codes."""

from datetime import date, datetime, timedelta

import pyarrow as pa
import pytest

from catalog.datasets.meanings import Confidence, Reason
from catalog.datasets.naming import words_of
from catalog.datasets.profiles import ColumnProfile, profile_batches
from catalog.datasets.proposals import propose
from catalog.datasets.shapes import Shape
from catalog.vocabularies.levels import Level, Unit
from catalog.vocabularies.plain_types import DateFormat, PlainType
from catalog.vocabularies.semantic_types import Hierarchy, SemanticType
from tests.unit.catalog.datasets.columns import profiled, proposed

DAYS = [(date(2008, 1, 1) + timedelta(days=7 * n)) for n in range(200)]


def iso() -> list[str]:
    return [day.isoformat() for day in DAYS]


def french() -> list[str]:
    return [day.strftime("%d/%m/%Y") for day in DAYS]


@pytest.mark.parametrize(
    ("name", "values", "meaning", "plain", "level"),
    [
        ("date_naissance", iso(), SemanticType.DATE_OF_BIRTH, PlainType.DATE, 2),
        ("x", french(), SemanticType.DATE_OF_BIRTH, PlainType.DATE, 2),
        ("annee_naissance", ["2010", "2011"], SemanticType.DATE_OF_BIRTH, PlainType.INTEGER, 2),
        ("jour_absence", iso(), SemanticType.ABSENCE, PlainType.DATE, 4),
        ("nb_absences", ["0", "12", "3"], SemanticType.HEAD_COUNT, PlainType.INTEGER, 3),
        ("absences", ["0", "12", "3"], SemanticType.HEAD_COUNT, PlainType.INTEGER, 3),
        ("note_francais", ["12,5", "9", ""], SemanticType.MARK, PlainType.NUMBER, 3),
        ("score", ["12", "15"], SemanticType.MARK, PlainType.INTEGER, 3),
        ("sexe", ["F", "M"], SemanticType.SEX, PlainType.TEXT, 2),
        ("x", ["F", "M", "F", "M", "F"], SemanticType.SEX, PlainType.TEXT, 2),
        ("code_commune_residence", ["53130", "2A004"], SemanticType.COMMUNE_COG, PlainType.TEXT, 2),
        ("uai_etab", ["0530030V"], SemanticType.UAI, PlainType.TEXT, 2),
        ("code_postal", ["53000", "01234"], SemanticType.POSTCODE, PlainType.TEXT, 2),
        ("division", ["3A", "3B"], SemanticType.CLASS_CODE, PlainType.TEXT, 2),
        ("bourse_montant", ["120,50", "0"], SemanticType.AMOUNT, PlainType.NUMBER, 3),
        ("handicap", ["oui", "non"], SemanticType.SPECIAL_CATEGORY, PlainType.TEXT, 4),
        ("regime_alimentaire", ["sans porc"], SemanticType.SPECIAL_CATEGORY, PlainType.TEXT, 4),
        ("latitude", ["48.07", "48.1"], SemanticType.COORDINATE, PlainType.NUMBER, 5),
        ("annee_scolaire", ["2024-2025"], SemanticType.SCHOOL_YEAR, PlainType.TEXT, 0),
        ("x", ["2024-2025"] * 9, SemanticType.SCHOOL_YEAR, PlainType.TEXT, 0),
        ("lieu_naissance_ville", ["Laval", "Évron"], SemanticType.COMMUNE_NAME, PlainType.TEXT, 2),
        ("duree", ["12", "15.5"], SemanticType.NUMBER, PlainType.NUMBER, 3),
        ("mobilier", ["A", "B"], SemanticType.CATEGORY, PlainType.TEXT, 3),
        ("taux", ["81,7%", "82 %"], SemanticType.RATE, PlainType.NUMBER, 3),
        ("zz", ["81,7%", "82 %"], SemanticType.RATE, PlainType.NUMBER, 3),
        ("page", ["https://example.org/a"], SemanticType.URL, PlainType.TEXT, 3),
        ("c3", ["01053", "53130", "2A004"], SemanticType.COMMUNE_COG, PlainType.TEXT, 2),
        ("c3", ["007", "012"], SemanticType.CODE, PlainType.TEXT, 3),
        ("vu_le", ["2024-01-01T10:00:00", "2024-01-02T10:00:00"], SemanticType.DATETIME,
         PlainType.DATETIME, 3),
    ],
)  # fmt: skip
def test_columns_about_pupils(
    name: str, values: list[str], meaning: SemanticType, plain: PlainType, level: int
) -> None:
    proposal = proposed(name, values)
    assert (proposal.semantic_type, proposal.plain, proposal.level) == (meaning, plain, level)


@pytest.mark.parametrize(
    ("name", "values", "meaning", "level"),
    [
        ("date_ouverture", iso(), SemanticType.DATE, 0),
        ("adresse", ["12 rue des Lilas"], SemanticType.POSTAL_ADDRESS, 0),
        ("lieu", ["12 rue des Lilas"], SemanticType.POSTAL_ADDRESS, 0),
        ("sexe", ["F", "M"], SemanticType.SEX, 0),
        ("x", ["F", "M", "F"], SemanticType.CATEGORY, 0),
        ("region", ["52", "75"], SemanticType.INSEE_REGION, 0),
        ("region", ["11", "11"], SemanticType.INSEE_REGION, 0),
        ("region_aca", ["11", "06"], SemanticType.REGION_ACADEMIQUE, 0),
        ("x", ["MAYENNE", "Vendée"], SemanticType.DEPARTEMENT, 0),
        ("x", ["Pays de la Loire"], SemanticType.REGION_ACADEMIQUE, 0),
        ("x", ["Nancy-Metz", "RENNES"], SemanticType.ACADEMIE, 0),
        ("nom", ["Collège du Bocage", "École Sainte Anne"], SemanticType.SCHOOL_NAME, 0),
        ("nom", ["Du Bocage", "Les Tilleuls"], SemanticType.PERSON_NAME, 5),
        ("name", ["12", "13"], SemanticType.NUMBER, 3),
        ("libelle", ["Du Bocage", "Les Tilleuls"], SemanticType.SCHOOL_NAME, 0),
        ("code_etablissement", ["0530030A", "0530031A"], SemanticType.UAI, 0),
        ("remarque", ["un mot puis un autre et ainsi de suite jusqu'au bout"],
         SemanticType.FREE_TEXT, 3),
        ("ref", [f"K{n}" for n in range(500)], SemanticType.CODE, 0),
        ("mots", [f"mot {chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(500)],
         SemanticType.FREE_TEXT, 3),
        ("nb_eleves", [], SemanticType.HEAD_COUNT, 1),
        ("taux", ["oui", "non"], SemanticType.CATEGORY, 0),
    ],
)  # fmt: skip
def test_columns_about_schools(
    name: str, values: list[str], meaning: SemanticType, level: int
) -> None:
    proposal = proposed(name, values, Unit.SCHOOL)
    assert (proposal.semantic_type, proposal.level) == (meaning, level)


def test_dates_carry_their_format() -> None:
    assert proposed("date_naissance", iso()).date_format is DateFormat.ISO
    proposal = proposed("date_naissance", french())
    assert (proposal.date_format, proposal.hierarchy) == (DateFormat.FRENCH, Hierarchy.DATE)


def test_three_formats_of_dates_in_one_column_stay_text_with_a_note() -> None:
    values = ["2010-01-31", "31/01/2010", "31.01.2010"]
    proposal = proposed("date_naissance", values)
    assert (proposal.semantic_type, proposal.plain) == (SemanticType.DATE_OF_BIRTH, PlainType.TEXT)
    assert proposal.level is Level.QUASI_IDENTIFIER
    assert [note.values for note in proposal.notes] == [{"formats": 3}]
    assert proposal.confidence is Confidence.LOW


def test_dates_of_one_unknown_format_stay_text_with_a_note() -> None:
    (note,) = proposed("date_naissance", ["31.01.2010", "01.02.2010"]).notes
    assert "stays text" in str(note)


def test_dates_among_other_words_stay_text_with_a_note() -> None:
    (note,) = proposed("date_maj", ["2010-01-31"] * 8 + ["hier"], Unit.SCHOOL).notes
    assert "stays text" in str(note)


@pytest.mark.parametrize("bad", ["20024-01-05", "05/01/20024", "2024-13-01", "0204-01-05"])
def test_an_impossible_date_is_noted_and_counted(bad: str) -> None:
    good = french() if "/" in bad else iso()
    proposal = proposed("date_naissance", [*good, bad])
    assert proposal.plain is PlainType.DATE
    (note,) = proposal.notes
    assert note.values == {"count": 1}
    assert bad not in str(proposal)


def test_a_formula_is_noted_and_kept_as_text() -> None:
    proposal = proposed("commentaire", ['=HYPERLINK("x")', "=1+1", "rien"], Unit.SCHOOL)
    assert proposal.plain is PlainType.TEXT
    assert [note.values for note in proposal.notes] == [{"count": 2}]
    assert "HYPERLINK" not in str(proposal)


def test_numbers_among_other_words_stay_text_with_a_note() -> None:
    proposal = proposed("taux_acces", ["12,5", "13", "14", "voir note"], Unit.SCHOOL)
    assert (proposal.semantic_type, proposal.plain) == (SemanticType.RATE, PlainType.TEXT)
    assert [note.values for note in proposal.notes] == [{"count": 1}]


def test_words_for_missing_are_listed_and_do_not_count() -> None:
    proposal = proposed("taux_acces", ["12,5", "NS", "na", "", None], Unit.SCHOOL)
    assert proposal.missing_values == ("", "NS", "na")
    assert proposal.plain is PlainType.NUMBER


def test_percentages_carry_their_symbol() -> None:
    assert proposed("taux", ["81,7%"]).unit_symbol == "%"
    assert proposed("taux", ["0,81"]).unit_symbol == ""


def test_yes_and_no_are_read_as_such_only_where_numbers_are_meant() -> None:
    assert proposed("nb_internes", ["oui", "non"], Unit.SCHOOL).plain is PlainType.TEXT
    assert proposed("latitude", ["oui", "non"], Unit.SCHOOL).plain is PlainType.BOOLEAN
    assert proposed("latitude", ["haut", "bas"], Unit.SCHOOL).plain is PlainType.TEXT


@pytest.mark.parametrize(
    ("name", "values", "meaning", "plain"),
    [
        ("note", pa.array([12.5, 9.0]), SemanticType.MARK, PlainType.NUMBER),
        ("ne_le", pa.array(DAYS), SemanticType.DATE_OF_BIRTH, PlainType.DATE),
        ("vu", pa.array([datetime(2024, 1, 1, 10)] * 9), SemanticType.DATETIME,  # noqa: DTZ001
         PlainType.DATETIME),
        ("code_commune", pa.array([53130, 53001]), SemanticType.COMMUNE_COG, PlainType.TEXT),
        ("nb", pa.array([1, 2]), SemanticType.HEAD_COUNT, PlainType.INTEGER),
        ("duree", pa.array([1, 2]), SemanticType.NUMBER, PlainType.INTEGER),
        ("interne", pa.array([True, False]), SemanticType.CATEGORY, PlainType.TEXT),
    ],
)  # fmt: skip
def test_native_types_of_a_source_are_kept_where_the_meaning_allows(
    name: str, values: pa.Array, meaning: SemanticType, plain: PlainType
) -> None:
    proposal = proposed(name, values)
    assert (proposal.semantic_type, proposal.plain) == (meaning, plain)


def test_a_column_without_any_value_is_to_be_checked() -> None:
    proposal = proposed("c1", ["", None, "NA"], Unit.SCHOOL)
    assert proposal.confidence is Confidence.LOW
    assert proposal.plain is PlainType.TEXT


def test_proposals_follow_the_order_of_the_columns() -> None:
    profiles = [ColumnProfile("b"), ColumnProfile("a")]
    assert [one.name for one in propose(profiles, Unit.SCHOOL)] == ["b", "a"]


def test_a_profile_adds_up_over_batches_and_holds_no_value() -> None:
    batches = pa.table({"c": ["Emma", "", "Emma", "Léa", "NA"]}).to_batches(max_chunksize=2)
    (profile,) = profile_batches(batches)
    assert (profile.rows, profile.missing, profile.present) == (5, 2, 3)
    assert (profile.distinct, profile.is_distinct_capped) == (2, False)
    assert profile.count(Shape.FIRST_NAME) == 3
    assert profile.missing_tokens == ("", "NA")
    assert "Emma" not in repr(profile)


def test_a_profile_keeps_adding_once_distinct_values_are_no_longer_counted() -> None:
    table = pa.table({"c": [f"K{n}" for n in range(12_000)] + ["x"]})
    (profile,) = profile_batches(table.to_batches(max_chunksize=11_000))
    assert (profile.rows, profile.distinct) == (12_001, 10_000)


def test_a_profile_stops_counting_distinct_values() -> None:
    profile = profiled("c", [f"K{n}" for n in range(12_000)])
    assert profile.is_distinct_capped
    assert profile.distinct_share == 1


def test_a_profile_without_rows_has_no_shares() -> None:
    profile = profiled("c", [])
    assert (profile.share(Shape.UAI), profile.distinct_share) == (0, 0)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Code du Département", {"code", "departement"}),
        ("nomDeFamille", {"nom", "famille"}),
        ("taux_d'accès-6EME", {"taux", "acces", "6eme"}),
        ("", set()),
    ],
)
def test_the_words_of_a_name_lose_accents_and_small_words(name: str, words: set[str]) -> None:
    assert words_of(name) == words


def test_a_reason_reads_with_its_values() -> None:
    assert str(Reason("%(share)s %% of it", {"share": 12})) == "12 % of it"
    assert str(Reason("plain")) == "plain"
